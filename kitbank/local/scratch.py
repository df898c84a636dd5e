"""Shares the one test cluster between test sessions: the first starts it, the last one out stops it."""

import fcntl
import os
from typing import IO

import psycopg

from kitbank.local.drop import drop_database
from kitbank.local.postgres import Server, scratch_server

KEEP = "KITBANK_KEEP_TEST_DATABASE"


class Session:
    """One run of tests that needs the cluster; hold it from `begin` to `end`."""

    def __init__(self, server: Server | None = None) -> None:
        self.server = server or scratch_server()
        self._presence: IO[str] | None = None

    def begin(self) -> str:
        """Start or adopt the cluster; answers its address."""
        self.server.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Each session holds a shared lock on this file. The kernel drops it with its holder, even after a SIGKILL.
        self._presence = (self.server.folder / "sessions").open("a")
        alone = _try(self._presence, fcntl.LOCK_EX)
        fcntl.flock(self._presence, fcntl.LOCK_SH)
        url = self.server.start()
        if alone:
            _drop_leftovers(url)
        return url

    def end(self) -> None:
        """Leave; the last one out stops the cluster, unless KITBANK_KEEP_TEST_DATABASE says to keep it running."""
        if self._presence is None:
            return
        if _try(self._presence, fcntl.LOCK_EX) and not os.environ.get(KEEP):
            self.server.stop()
        self._presence.close()
        self._presence = None


def _try(file: IO[str], lock: int) -> bool:
    try:
        fcntl.flock(file, lock | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _drop_leftovers(url: str) -> None:
    """The databases of sessions that were killed before they could clean up."""
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute(r"SELECT datname FROM pg_database WHERE datname LIKE 'test\_kitbank\_%'").fetchall()
        for (name,) in rows:
            drop_database(connection, name)
