"""The bank behind its own web server, and clients that ask it over connections that stay open."""

import contextlib
import http.client
import itertools
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bench.common import settle

CLIENTS = 50
COMMAND = ["-m", "gunicorn", "--worker-class", "kitbank.balanced.BalancedWorker"]  # as the bank is served
COMMAND += ["--workers", "2", "--threads", "4"]


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to send."""

    path: str
    body: bytes
    headers: dict[str, str]
    method: str = "POST"


@dataclass(slots=True)
class Side:
    """One kind of request: how its requests are made ready, and how long each took."""

    ready: Callable[[int], list[Ask]]
    took: list[float] = field(default_factory=list)


@contextlib.contextmanager
def served(application: str = "kitbank.wsgi") -> Iterator[int]:
    """The port it listens on, which is its public address too."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    place = ["--bind", f"127.0.0.1:{port}", "--keep-alive", "60", "--preload", "--no-control-socket"]
    server = subprocess.Popen(
        [sys.executable, *COMMAND, *place, application],
        env={**os.environ, "PUBLIC_ADDRESS": f"http://127.0.0.1:{port}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _try in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.2)
        yield port
    finally:
        server.terminate()
        server.wait()


def window(port: int, side: Side, requests: int, pause: float = 0) -> float:
    """Ask all that a side makes ready, by all clients at once, each again so many seconds after its answer. Returns
    requests a second.
    """
    waiting = iter(side.ready(requests))
    settle()
    lock = threading.Lock()
    took: list[float] = []
    wrong: list[bytes] = []

    def client() -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with lock:
                ask = next(waiting, None)
            if ask is None or wrong:
                return line.close()
            began = time.perf_counter()
            line.request(ask.method, ask.path, ask.body, ask.headers)
            answer = line.getresponse()
            said = answer.read()
            took.append(time.perf_counter() - began)
            if answer.status != http.client.OK:
                wrong.append(said)
            if pause:
                time.sleep(pause)

    began = time.perf_counter()
    crowd = [threading.Thread(target=client) for _nth in range(CLIENTS)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    if wrong:
        raise RuntimeError(wrong[0].decode()[:500])
    side.took += took
    return len(took) / (time.perf_counter() - began)


def paced(port: int, asks: list[Ask], every: float, *, seconds: float, clients: int = CLIENTS) -> list[float]:
    """So many clients share the asks; each makes its next one, or its only one again, every so many seconds, spread
    evenly. Returns how long each took.

    A client that was not answered in time asks late, and that counts: the clock starts when it should have asked.
    """
    settle()
    lock = threading.Lock()
    took: list[float] = []
    wrong: list[bytes] = []
    start = time.perf_counter() + 0.5

    def client(nth: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        due = start + every * nth / clients
        for ask in itertools.cycle(asks[nth::clients]):
            if due >= start + seconds or wrong:
                break
            time.sleep(max(due - time.perf_counter(), 0))
            line.request(ask.method, ask.path, ask.body, ask.headers)
            answer = line.getresponse()
            said = answer.read()
            with lock:
                took.append(time.perf_counter() - due)
                if answer.status != http.client.OK:
                    wrong.append(said)
            due += every
        line.close()

    crowd = [threading.Thread(target=client, args=(nth,)) for nth in range(clients)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    if wrong:
        raise RuntimeError(wrong[0].decode()[:500])
    return took
