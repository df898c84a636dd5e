"""Keeps one process of the bank up: starts it again a few times when it dies, and never outlives its supervisor.

Run by its path, not as a module, so that it imports nothing of the bank and costs next to nothing.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from types import FrameType

RESTARTS = 3
STEADY = 60  # seconds after which a process counts as having been up, and earlier deaths are forgotten
GRACE = 10  # seconds to finish what is in hand after being told to stop
PR_SET_PDEATHSIG = 1


def die_with_parent(signal_number: int, parent: int) -> None:
    """Ask Linux to signal us when our parent ends in whatever way, SIGKILL included."""
    if not sys.platform.startswith("linux"):
        return  # elsewhere the sweep at the next start has to do
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:  # it ended before we could ask
        os.kill(os.getpid(), signal_number)


class Keeper:
    """One command, its restarts and its end."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self.command = command
        self.stopping = False
        self.child: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Come back when told to stop, or when it will not stay up."""
        deaths = 0
        while True:
            began = time.monotonic()
            code = self._once()
            if self.stopping:
                return 0
            deaths = 1 if time.monotonic() - began > STEADY else deaths + 1
            if deaths > RESTARTS:
                self._say(f"ended ({code}) for the {deaths}th time in a row; giving up")
                return code if code > 0 else 1  # a signal counts as 1
            self._say(f"ended ({code}); starting it again, {deaths} of {RESTARTS}")
            time.sleep(2 ** (deaths - 1))
            if self.stopping:
                return 0

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """Pass the word on to the process itself, not to its children: a worker's pool finishes its task."""
        self.stopping = True
        if self.child is not None and self.child.poll() is None:
            self.child.terminate()
            signal.alarm(GRACE)

    def kill(self, _signal: int, _frame: FrameType | None) -> None:
        """The grace is over."""
        self._say(f"did not stop within {GRACE} s; killed")
        self._end_group()

    def _once(self) -> int:
        us = os.getpid()
        self.child = subprocess.Popen(
            self.command,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(signal.SIGTERM, us),  # no threads here that a fork could harm
        )
        if self.stopping:
            self.child.terminate()
        code = self.child.wait()
        signal.alarm(0)
        self._end_group()  # what a crash left: gunicorn's workers would go on holding the port
        return code

    def _end_group(self) -> None:
        if self.child is not None:
            try:
                os.killpg(self.child.pid, signal.SIGKILL)
            except ProcessLookupError:
                return  # nobody left, as it should be

    def _say(self, what: str) -> None:
        print(f"*** {self.name} {what}", flush=True)


def main(arguments: list[str]) -> int:
    """`keep.py PARENT NAME COMMAND...`"""
    parent, name, *command = arguments
    keeper = Keeper(name, command)
    signal.signal(signal.SIGTERM, keeper.stop)
    signal.signal(signal.SIGINT, keeper.stop)
    signal.signal(signal.SIGALRM, keeper.kill)
    die_with_parent(signal.SIGTERM, os.getppid() if parent == "any" else int(parent))
    return keeper.run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
