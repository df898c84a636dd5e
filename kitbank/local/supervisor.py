"""Runs the bank's processes under honcho: one console, a name before each line, and a log file for each process."""

import datetime
import http.client
import os
import shlex
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import IO

import honcho.manager
from honcho.manager import Manager
from honcho.printer import Message, Printer
from honcho.process import Process

from kitbank.local import keep, places

# honcho's five seconds would cut a worker off in the middle of a task; keep.py ends what lasts longer than this.
honcho.manager.KILL_WAIT = keep.GRACE + 5


class Attached(Process):  # type: ignore[misc]
    """honcho's go-between for one process, which ends with the supervisor even when that is killed."""

    parent = 0

    def run(self, events: object = None, ignore_signals: bool = False) -> None:  # noqa: FBT001, FBT002 honcho's shape
        """Run the keeper and pass its lines on."""
        keep.die_with_parent(signal.SIGKILL, self.parent)
        super().run(events, ignore_signals)


class FiledPrinter(Printer):  # type: ignore[misc]
    """Writes each line to the console and to var/log/<name>.log."""

    def __init__(self) -> None:
        super().__init__(sys.stdout)
        self._files: dict[str, IO[bytes]] = {}

    def write(self, message: Message) -> None:
        """Both places, the file first: the console may be gone."""
        if message.name not in self._files:
            self._files[message.name] = (places.LOGS / f"{message.name}.log").open("wb", buffering=0)
        line = message.data if isinstance(message.data, bytes) else str(message.data).encode()
        self._files[message.name].write(line)
        super().write(message)


class Supervisor(Manager):  # type: ignore[misc]
    """The processes of one `make run`."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__(FiledPrinter())
        self._process_ctor = Attached
        Attached.parent = os.getpid()
        self._environment = dict(environment)
        self._greeting: tuple[int, str] | None = None

    def add(self, name: str, command: list[str]) -> None:
        """One process, restarted a few times by its keeper."""
        keeper = [sys.executable, "-I", str(Path(keep.__file__)), "any", name, *command]
        self.add_process(name, f"exec {shlex.join(keeper)}", env=self._environment, cwd=str(places.ROOT))

    def greet(self, port: int, page: str) -> None:
        """Print this page once something answers on the port."""
        self._greeting = (port, page)

    def run(self) -> int:
        """Until Ctrl-C, or until one process will not stay up; 0 when it was asked to stop."""
        for number in (signal.SIGHUP, signal.SIGQUIT):
            signal.signal(number, self._as_terminate)
        self.loop()
        # 130 and 143: somebody asked, by Ctrl-C or SIGTERM
        return 0 if self.returncode in (130, 143) else int(self.returncode or 1)

    def culprit(self) -> str | None:
        """Which process brought the house down."""
        return next((name for name, process in self._processes.items() if process.get("returncode")), None)

    def _start(self) -> None:
        super()._start()
        # Only after honcho has forked: a fork takes no other thread with it, but takes the locks they hold.
        threading.Thread(target=self._greet_when_ready, daemon=True).start()

    def _greet_when_ready(self) -> None:
        if self._greeting is None:
            return
        port, page = self._greeting
        began = time.monotonic()
        while not _answers(port):
            if self._terminating:
                return
            time.sleep(0.2)
        moment = datetime.datetime.now(tz=datetime.UTC).astimezone()
        self._printer.output.write(f"\n{page}\n\nUp in {time.monotonic() - began:.1f} s, at {moment:%H:%M:%S}.\n")
        self._printer.output.flush()

    def _as_terminate(self, _signal: int, _frame: FrameType | None) -> None:
        os.kill(os.getpid(), signal.SIGTERM)


def _answers(port: int) -> bool:
    """Any answer will do: a listening socket is not enough, gunicorn opens it before it has loaded the bank."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        asked.request("GET", "/healthz")
        asked.getresponse()
    except OSError:
        return False
    finally:
        asked.close()
    return True
