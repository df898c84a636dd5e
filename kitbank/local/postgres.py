"""Starts and stops the bank's own PostgreSQL on this machine, and picks up whatever an earlier run left behind."""

import argparse
import fcntl
import functools
import hashlib
import locale
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from kitbank.local import binaries, places, privilege

SOCKET_LIMIT = 107  # bytes of a Unix socket's path, on Linux
SOCKET_NAME = ".s.PGSQL.5432"
PATIENCE = 60  # seconds for a start, a stop or a crash recovery
LEFTOVERS_PATIENCE = 5  # seconds for backends to notice that their postmaster was killed

EVERYWHERE = {
    "listen_addresses": "",  # the Unix socket in a private folder is the only door
    "max_connections": "200",
    "shared_buffers": "256MB",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_permissions": "0700",
}
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
# For tests only: a power cut may destroy such a cluster, and nobody would miss it.
FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "checkpoint_timeout": "1h",
    "autovacuum_naptime": "1h",
}


class DatabaseFailed(Exception):
    """PostgreSQL did not do what it was asked; the text says what it said."""


class Server:
    """One cluster below one private folder: `data`, `socket`, `log` and `lock`."""

    def __init__(self, folder: Path, *, durable: bool = True, database: str = "kitbank") -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.durable = durable
        self.database = database

    @property
    def socket_folder(self) -> Path:
        """Inside the folder where that makes a valid address, else a private folder of its own below /tmp."""
        own = self.folder / "socket"
        # Capitals count as unfit too: readers of database URLs fold the host part to lower case.
        if len(os.fsencode(own / SOCKET_NAME)) <= SOCKET_LIMIT and re.fullmatch(r"[a-z0-9/._-]+", str(own)):
            return own
        return Path("/tmp") / f"kitbank-{hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]}"  # noqa: S108 made 0700 and checked

    @property
    def url(self) -> str:
        """Where Django finds it, running or not."""
        return f"postgresql://kitbank@{quote(str(self.socket_folder), safe='')}/{self.database}"

    def start(self) -> str:
        """Start it, or adopt the one that already runs from this folder; answers its address."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked():
            if not self._adopted():
                self._clear_remains()
                program = binaries.programs()
                runner = privilege.choose(program / "postgres", self.folder)
                self._create(runner)
                self._configure(runner)
                self._launch(runner)
            self._prepare()
        return self.url

    def stop(self) -> None:
        """Stop it, whoever started it; the data stays."""
        if not self.folder.exists():
            return
        with self._locked():
            if self.is_running():
                self._run(self._owner(), "pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", PATIENCE, "stop")

    def is_running(self) -> bool:
        """Does a postmaster serve this very data folder?"""
        pid = self.pid()
        if pid is None:
            return False
        if Path("/proc/self").exists():
            # A number alone may by now belong to any other process; a postmaster lives in its data folder.
            return pid in self._living_here()
        with socket.socket(socket.AF_UNIX) as door:
            return door.connect_ex(str(self.socket_folder / SOCKET_NAME)) == 0

    def pid(self) -> int | None:
        """What postmaster.pid says, true or stale."""
        try:
            first = (self.data / "postmaster.pid").read_text().split("\n", 1)[0].strip()
        except FileNotFoundError:
            return None
        return int(first) if first.isdigit() else None

    def _adopted(self) -> bool:
        """Is there a server that answers? One that was killed a moment ago may still be listed while it dies."""
        deadline = time.monotonic() + PATIENCE  # it may also be replaying its log
        while self.is_running():
            try:
                self._connect().close()
            except psycopg.OperationalError as no:
                if time.monotonic() > deadline:
                    raise DatabaseFailed(f"Process {self.pid()} holds {self.data} but does not answer: {no}") from no
                time.sleep(0.1)
            else:
                return True
        return False

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One starter or stopper at a time. The kernel drops the lock with its holder, so it is never stale."""
        try:
            file = (self.folder / "lock").open("a")
        except PermissionError as no:
            raise DatabaseFailed(f"{self.folder} belongs to another user: run as its owner.") from no
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _living_here(self) -> set[int]:
        here = str(self.data)
        found = set()
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if os.readlink(entry / "cwd") == here and (entry / "comm").read_text().startswith("postgres"):
                        found.add(int(entry.name))
                except (FileNotFoundError, ProcessLookupError, PermissionError):
                    continue  # gone meanwhile, or somebody else's and so not ours
        return found

    def _clear_remains(self) -> None:
        """After a SIGKILL: let orphaned backends go, then remove the pid file and sockets that name nobody."""
        if not Path("/proc/self").exists():
            return  # without /proc only PostgreSQL itself can tell
        deadline = time.monotonic() + LEFTOVERS_PATIENCE
        while self._living_here() and time.monotonic() < deadline:
            time.sleep(0.1)
        for pid in self._living_here():
            os.kill(pid, signal.SIGKILL)  # safe: with its postmaster gone it can only be replayed from the log
        while self._living_here():
            time.sleep(0.05)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for remains in self.socket_folder.glob(f"{SOCKET_NAME}*"):
            remains.unlink()

    def _create(self, runner: privilege.Runner) -> None:
        """Make the cluster under another name first, so that an interrupted initdb is simply made again."""
        version = binaries.major_version(binaries.programs())
        if self.data.exists():
            held = int((self.data / "PG_VERSION").read_text())
            if held != version:
                raise DatabaseFailed(
                    f"{self.data} was made by PostgreSQL {held}, but the programs found are version {version}.\n"
                    f"Install version {held}, or move the folder away to start with an empty bank."
                )
            return
        fresh = self.folder / "data.new"
        if fresh.exists():
            shutil.rmtree(fresh)
        options = ["--encoding=UTF8", f"--locale={_utf8_locale()}", "--username=postgres", "--data-checksums"]
        options += ["--auth-local=trust", "--auth-host=reject"]  # the 0700 folder is the lock on the door
        if version >= 17:
            options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if not self.durable:
            options.append("--no-sync")
        self._run(runner, "initdb", "-D", fresh, *options)
        with (fresh / "postgresql.conf").open("a") as conf:
            conf.write("include = 'kitbank.conf'\n")
        fresh.rename(self.data)

    def _configure(self, runner: privilege.Runner) -> None:
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        found = self.socket_folder.lstat()
        if (
            not self.socket_folder.is_dir()
            or self.socket_folder.is_symlink()
            or found.st_uid not in (os.geteuid(), runner.uid)
        ):
            raise DatabaseFailed(f"{self.socket_folder} belongs to somebody else: remove it, or set DATABASE_URL.")
        self.socket_folder.chmod(0o700)
        settings = EVERYWHERE | (DURABLE if self.durable else FORGETFUL)
        settings["unix_socket_directories"] = str(self.socket_folder)
        lines = [f"{name} = '{value}'" for name, value in settings.items()]
        (self.data / "kitbank.conf").write_text("\n".join(lines) + "\n")
        if os.geteuid() == 0:
            privilege.give(self.folder, runner)
            privilege.give(self.socket_folder, runner)

    def _launch(self, runner: privilege.Runner) -> None:
        if self.log.exists():
            self.log.replace(self.folder / "log.before")
        try:
            self._run(runner, "pg_ctl", "-D", self.data, "-l", self.log, "-w", "-t", PATIENCE, "start")
        except DatabaseFailed as no:
            said = self.log.read_text(errors="replace").splitlines()[-15:] if self.log.exists() else []
            raise DatabaseFailed("\n".join([str(no), f"The end of {self.log}:", *said])) from no

    def _prepare(self) -> None:
        """The bank's own role, not a superuser, and its database; each made only where it is missing."""
        with self._connect() as connection:
            if connection.execute("SELECT FROM pg_roles WHERE rolname = 'kitbank'").fetchone() is None:
                connection.execute("CREATE ROLE kitbank LOGIN CREATEDB")
            if not self.durable:  # tests take back what they wrote past the triggers: see rewind.py
                connection.execute("GRANT SET ON PARAMETER session_replication_role TO kitbank")
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", [self.database]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER kitbank").format(sql.Identifier(self.database)))

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        place = str(self.socket_folder)
        return psycopg.connect(host=place, port=5432, dbname="postgres", user="postgres", autocommit=True)

    def _owner(self) -> privilege.Runner:
        """The way to act as whoever owns the data, which is who the postmaster runs as."""
        owner = self.data.stat().st_uid
        for runner in privilege.runners():
            if runner.uid == owner and runner.works(binaries.programs() / "pg_ctl", self.folder):
                return runner
        raise DatabaseFailed(f"{self.data} belongs to user {owner}: run this as that user.")

    def _run(self, runner: privilege.Runner, program: str, *arguments: object) -> None:
        command = [*runner.prefix, str(binaries.programs() / program), *map(str, arguments)]
        # A session of its own: Ctrl-C on the terminal is for the supervisor, which then stops the database last.
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            start_new_session=True,
        )
        if done.returncode:
            raise DatabaseFailed(f"{program} failed ({done.returncode}): {done.stderr.strip() or done.stdout.strip()}")


@functools.cache
def _utf8_locale() -> str:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    locale.setlocale(locale.LC_CTYPE, before)
    return "C.UTF-8"


def bank_server() -> Server:
    """The database of `make run`."""
    return Server(places.DATABASE)


def scratch_server() -> Server:
    """The database of `make test`, which forgets on a power cut."""
    return Server(places.TEST_DATABASE, durable=False)


def local_url() -> str:
    """DATABASE_URL, else the address of the bank's own database on this machine, whether it runs or not."""
    return os.environ.get("DATABASE_URL") or bank_server().url


def main(arguments: Sequence[str] | None = None) -> int:
    """Start, stop or look at the database by hand."""
    parser = argparse.ArgumentParser(prog="python -m kitbank.local.postgres", description=main.__doc__)
    parser.add_argument("action", choices=["start", "stop", "status", "url"])
    parser.add_argument("--test", action="store_true", help="the test cluster instead of the bank's")
    chosen = parser.parse_args(arguments)
    if os.environ.get("DATABASE_URL") and not chosen.test:
        print("DATABASE_URL is set: that database is somebody else's to start and stop.", file=sys.stderr)
        return 2
    server = scratch_server() if chosen.test else bank_server()
    try:
        if chosen.action == "start":
            print(server.start())
        elif chosen.action == "stop":
            server.stop()
        elif chosen.action == "url":
            print(server.url)
        else:
            print(f"running (process {server.pid()}) at {server.url}" if server.is_running() else "stopped")
            return 0 if server.is_running() else 3
    except (DatabaseFailed, binaries.NoPostgres, privilege.CannotStepDown) as no:
        print(no, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
