"""The process: where it listens, when it refuses, and that nothing is lost when it is killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from django.core.management import CommandError, call_command

from simulators.tests.conftest import KEY

ROOT = Path(__file__).resolve().parents[2]
# The command alone, without the bank's settings: it must not need them.
RUN = """
import sys
from django.conf import settings
settings.configure(SIMULATORS_ALLOWED=True, INSTALLED_APPS=["simulators"])
import django
django.setup()
from django.core.management import call_command
call_command("simulators", "--port", sys.argv[1], "--mail-port", sys.argv[2])
"""


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


class Process:
    """One run of the command."""

    def __init__(self, folder: Path) -> None:
        self.port, mail_port = free_port(), free_port()
        environment = {**os.environ, "KITBANK_SIMULATORS_FOLDER": str(folder)}
        self.child = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", RUN, str(self.port), str(mail_port)], cwd=ROOT, env=environment
        )
        self.web = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", trust_env=False)
        deadline = time.monotonic() + 20
        while True:
            try:
                self.web.get("/")
                return
            except httpx.TransportError:
                assert self.child.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)

    def end(self, how: signal.Signals) -> int:
        self.child.send_signal(how)
        self.web.close()
        return self.child.wait(10)


def test_a_kill_loses_nothing_and_callbacks_are_still_posted(tmp_path):
    first = Process(tmp_path)
    first.web.post("/control/delivery-url/", json={"url": "http://127.0.0.1:9/x"})
    first.web.post("/control/scripts/", json={"phone": "+254722000111", "status_code": 403})
    form = {"username": "sandbox", "to": "+254712345908", "message": "Kept", "from": "KITBANK"}
    first.web.post("/africastalking/version1/messaging", data=form, headers=KEY)
    assert first.end(signal.SIGKILL) == -signal.SIGKILL

    second = Process(tmp_path)
    try:
        assert [row["text"] for row in second.web.get("/phone/0712345908.json").json()["messages"]] == ["Kept"]
        assert "+254722000111" in second.web.get("/control/").text
        deadline = time.monotonic() + 10
        while not [e for e in second.web.get("/control/journal.json").json()["entries"] if e["direction"] == "OUT"]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        assert second.end(signal.SIGTERM) == 0


def test_refuses_settings_that_are_not_for_simulators(settings):
    from simulators.management.commands.simulators import Command

    settings.SIMULATORS_ALLOWED = False
    with pytest.raises(CommandError, match="not for simulators"):
        call_command(Command())


def test_a_taken_port_is_said_plainly(settings):
    from simulators.management.commands.simulators import Command

    settings.SIMULATORS_ALLOWED = True
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        with pytest.raises(CommandError, match="cannot listen"):
            call_command(Command(), port=door.getsockname()[1], mail_port=free_port())


def test_imports_nothing_of_the_bank():
    for path in (ROOT / "simulators").rglob("*.py"):
        if "tests" not in path.parts:
            text = path.read_text(encoding="utf-8")
            assert "import apps" not in text, path
            assert "from apps" not in text, path
            assert "kitbank" not in text.lower().replace("kitbank_", "").replace('"kitbank"', ""), path
