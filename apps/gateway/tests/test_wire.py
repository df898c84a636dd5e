"""What other firms' servers can do to us: nothing, in ten seconds at most."""

import socket
import threading
from time import monotonic

import pytest

from apps.gateway import wire


def post(url, *, loopback=True):
    return wire.post(url, b"{}", {"Content-Type": "application/json"}, loopback=loopback)


def resolve_to(monkeypatch, *addresses):
    """Every name leads to these; what is connected to is written down and refused."""
    tried = []

    def connect(address, *args, **kwargs):
        tried.append(address[0])
        raise ConnectionRefusedError

    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in addresses]
    asked = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: asked.append(args[0]) or found)
    monkeypatch.setattr(socket, "create_connection", connect)
    return asked, tried


def test_posts_and_reads_the_beginning_of_the_answer(server):
    server.answer = b"x" * 9000
    found = post(server.url)
    assert (found.status, len(found.said), found.error) == (200, 500, "")
    assert found.is_good
    assert server.got[0][1] == b"{}"


@pytest.mark.parametrize("to", ["http://169.254.169.254/", "https://elsewhere.example/", "http://127.0.0.1:1/"])
def test_follows_no_redirect(server, to):
    server.status, server.headers = 302, {"Location": to}
    found = post(server.url)
    assert (found.status, found.is_good, len(server.got)) == (302, False, 1)


def test_hangs_up_on_a_server_that_says_nothing(server, monkeypatch):
    monkeypatch.setattr(wire, "READ", 0.2)
    server.wait = threading.Event()
    began = monotonic()
    found = post(server.url)
    assert (found.status, found.error) == (None, "TIME_OUT")
    assert monotonic() - began < 2


def test_hangs_up_on_a_server_that_drips(server, monkeypatch):
    monkeypatch.setattr(wire, "TOTAL", 0.4)
    server.drips, server.answer = True, b"x" * 3000
    began = monotonic()
    assert post(server.url).error == "TIME_OUT"
    assert monotonic() - began < 2


def test_says_when_nobody_listens(server):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert post(f"http://127.0.0.1:{taken.getsockname()[1]}/").error == "NOT_REACHED"


@pytest.mark.parametrize(
    "addresses", [("127.0.0.1",), ("10.0.0.8",), ("169.254.169.254",), ("93.184.215.14", "192.168.0.1"), ("::1",), ()]
)
def test_connects_to_no_inner_address_whatever_the_name_says(monkeypatch, addresses):
    _asked, tried = resolve_to(monkeypatch, *addresses)
    assert post("https://hooks.bajeti.example/x", loopback=False).error == "ADDRESS"
    assert tried == []


def test_connects_to_the_very_address_that_was_looked_at(monkeypatch):
    asked, tried = resolve_to(monkeypatch, "93.184.215.14")
    assert post("https://hooks.bajeti.example/x", loopback=False).error == "NOT_REACHED"
    assert (asked, tried) == (["hooks.bajeti.example"], ["93.184.215.14"])


def test_refuses_an_address_that_was_registered_under_other_settings(server):
    assert post(server.url, loopback=False).error == "ADDRESS"
    assert server.got == []
