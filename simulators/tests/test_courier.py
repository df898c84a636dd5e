"""The courier carries everybody's callbacks: one that cannot be carried keeps none of the others."""

import socket
import threading
import time

import pytest

from simulators import callbacks
from simulators.callbacks import Courier


@pytest.fixture
def garbler():
    """Somebody who answers with what is no HTTP."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def answer():
            line, _address = door.accept()
            line.recv(65536)
            line.sendall(b"HTTP/1.1 two hundred\r\n\r\n")
            line.close()

        threading.Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}/x"


@pytest.mark.parametrize("url", ["http://localhost:port/x", "http://127.0.0.1:9/\u00fc", "nowhere", "garbler"])
def test_what_cannot_be_delivered_is_written_down_and_stops_nothing(server, web, url, request):
    url = request.getfixturevalue("garbler") if url == "garbler" else url
    store = server.house.store
    first = store.call_back("daraja", url, "{}", "application/json", 0)
    second = store.call_back("daraja", "http://127.0.0.1:9/x", "{}", "application/json", 0)
    assert callbacks.post_due(server.house) == 2
    rows = {row["id"]: row for row in store.rows("SELECT * FROM callback")}
    assert (rows[first]["tries"], rows[second]["tries"]) == (1, 1)
    assert rows[first]["error"]


def test_a_round_that_breaks_off_is_not_the_last(server, web, monkeypatch):
    broken = iter([True])
    monkeypatch.setattr(server.house.settings, "callback_poll", 0.01)
    monkeypatch.setattr(server.house, "rounds", [lambda _house: 1 / 0 if next(broken, False) else None])
    server.house.store.call_back("daraja", "http://127.0.0.1:9/x", "{}", "application/json", 0)
    courier = Courier(server.house)
    courier.start()
    try:
        deadline = time.monotonic() + 5
        while not (server.house.store.row("SELECT tries FROM callback") or {})["tries"]:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        courier.stop()
