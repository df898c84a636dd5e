"""A process is started again a few times, told to stop once, and never outlives its supervisor."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kitbank.local import keep, orphans

KEEP = [sys.executable, "-I", keep.__file__, "any", "teller"]


def test_starts_again_and_then_gives_up(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(keep.time, "sleep", lambda _seconds: None)
    assert keep.Keeper("teller", [sys.executable, "-c", "raise SystemExit(7)"]).run() == 7
    said = capfd.readouterr().out
    assert said.count("starting it again") == keep.RESTARTS
    assert "giving up" in said


def test_passes_the_stop_on_and_waits(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    code = (
        "import signal, sys, time, pathlib\n"
        f"signal.signal(signal.SIGTERM, lambda *_: (pathlib.Path({str(mark)!r}).write_text('tidy'), sys.exit(0)))\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([*KEEP, sys.executable, "-c", code], stdout=subprocess.PIPE) as keeper:
        assert keeper.stdout is not None
        keeper.stdout.readline()
        keeper.terminate()
        assert keeper.wait(10) == 0
    assert mark.read_text() == "tidy"


def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    """The supervisor here is a shell's worth of Python that starts a keeper and is then killed."""
    environment = os.environ | {orphans.MARK: str(tmp_path)}
    command = [*KEEP, sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
    code = f"import subprocess; subprocess.run({command!r})"
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        supervisor.stdout.readline()
        assert len(orphans.marked(tmp_path)) == 3
        supervisor.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 5
    while orphans.marked(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert orphans.marked(tmp_path) == []


def test_the_next_start_finds_what_survived(tmp_path: Path) -> None:
    environment = os.environ | {orphans.MARK: str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", "input()"], env=environment, stdin=subprocess.PIPE) as survivor:
        while not orphans.marked(tmp_path):
            time.sleep(0.01)
        assert orphans.end(tmp_path) == 1
        assert survivor.wait(5) == -signal.SIGTERM
