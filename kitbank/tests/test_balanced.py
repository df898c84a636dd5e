"""Connections are spread over the processes of the web server, and none is left lying."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter

import pytest

THREADS = 2
APPLICATION = """
import os

def application(environ, start_response):
    start_response("200 OK", [("Content-Length", str(len(str(os.getpid()))))])
    return [str(os.getpid()).encode()]
"""


@pytest.fixture
def port(tmp_path):
    """Where two processes answer with their number."""
    (tmp_path / "tells.py").write_text(APPLICATION)
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        number = door.getsockname()[1]
    command = ["-m", "gunicorn", "tells", "--bind", f"127.0.0.1:{number}", "--chdir", str(tmp_path)]
    command += ["--worker-class", "kitbank.balanced.BalancedWorker", "--workers", "2", "--threads", str(THREADS)]
    server = subprocess.Popen(  # noqa: S603 our own command
        [sys.executable, *command, "--keep-alive", "30", "--graceful-timeout", "1", "--no-control-socket"]
    )
    for _try in range(100):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", number), timeout=1).close()
            break
        time.sleep(0.1)
    yield number
    server.send_signal(signal.SIGTERM)
    server.wait()


def ask(port):
    """A connection that stays open, and the process that has it."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    line.request("GET", "/")
    return line, int(line.getresponse().read())


def both(port):
    """The two processes; one may still be starting."""
    seen, end = set(), time.monotonic() + 20
    while len(seen) < 2:
        assert time.monotonic() < end, seen
        held = [ask(port) for _nth in range(10)]
        seen |= {pid for _line, pid in held}
        for line, _pid in held:
            line.close()
    return seen


def test_two_processes_hold_as_many_connections_by_and_large(port):
    both(port)
    held = [ask(port) for _nth in range(40)]
    shares = Counter(pid for _line, pid in held)
    assert len(shares) == 2
    assert max(shares.values()) - min(shares.values()) <= 2 * (THREADS + 1)


def test_a_connection_nobody_else_takes_is_taken(port):
    one, other = both(port)
    held = [ask(port) for _nth in range(12)]
    os.kill(other, signal.SIGSTOP)
    try:
        began = time.monotonic()
        later = [ask(port) for _nth in range(12)]
        assert {pid for _line, pid in later} == {one}
        assert time.monotonic() - began < 5
    finally:
        os.kill(other, signal.SIGCONT)
    for line, _pid in held:  # open until here, so that the processes hold something
        line.close()
