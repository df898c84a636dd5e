"""A taken port is named, with the variable that moves it."""

import socket

import pytest

from kitbank.local import ports


def test_names_the_variable_when_a_port_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        taken = somebody.getsockname()[1]
        monkeypatch.setenv("KITBANK_PORT", str(taken))
        with pytest.raises(ports.PortTaken, match=f"Port {taken}.*KITBANK_PORT="):
            ports.require_free(ports.chosen())


@pytest.mark.parametrize("text", ["eighty", "0", "65536", "-1"])
def test_refuses_what_is_not_a_port(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("KITBANK_SIMULATORS_PORT", text)
    with pytest.raises(ports.PortTaken, match="KITBANK_SIMULATORS_PORT"):
        ports.chosen()


def test_refuses_one_port_for_two(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        free = somebody.getsockname()[1]
    with pytest.raises(ports.PortTaken, match="of its own"):
        ports.require_free({"KITBANK_PORT": free, "KITBANK_MAIL_PORT": free})
