"""Ends what a killed supervisor left running: every process of ours carries the name of its repository."""

import os
import signal
import time
from pathlib import Path

from kitbank.local import places

MARK = "KITBANK_RUN"
PATIENCE = 5


def marked(root: Path = places.ROOT) -> list[int]:
    """The processes that a `make run` of this repository started, wherever they hang in the tree by now."""
    wanted = f"{MARK}={root}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if entry.stat().st_uid == os.geteuid() and wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # ended while we looked, or another user's
    return [pid for pid in found if pid != os.getpid()]


def end(root: Path = places.ROOT) -> int:
    """Ask them to stop, then insist; answers how many there were."""
    first = marked(root)
    _signal(first, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while marked(root) and time.monotonic() < deadline:
        time.sleep(0.1)
    _signal(marked(root), signal.SIGKILL)
    return len(first)


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
