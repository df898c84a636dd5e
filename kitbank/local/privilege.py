"""Runs PostgreSQL's programs as somebody other than root, because PostgreSQL refuses to be root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path


class CannotStepDown(Exception):
    """We are root and found no way to run PostgreSQL as somebody else."""


@dataclass(frozen=True, slots=True)
class Runner:
    """A way to run PostgreSQL: what to write before a command, and who then owns the files, seen from here."""

    name: str
    prefix: tuple[str, ...]
    uid: int
    gid: int

    def works(self, program: Path, folder: Path) -> bool:
        """Can this way reach the program, and write where the data will be?"""
        trial: list[str | Path] = [
            "sh",
            "-c",
            '"$1" --version >/dev/null && test -w "$2" && test -x "$2"',
            "sh",
            program,
            folder,
        ]
        try:
            return subprocess.run([*self.prefix, *trial], capture_output=True, check=False).returncode == 0
        except OSError:  # no unshare or no setpriv on this machine
            return False


def runners() -> list[Runner]:
    """The ways open to us, best first; KITBANK_POSTGRES_AS picks one by name."""
    if os.geteuid() != 0:
        return [Runner("ourselves", (), os.geteuid(), os.getegid())]
    nobody = pwd.getpwnam("nobody")
    # initdb looks its user up, so the mapped number must be somebody's on this machine.
    mapped = 1000 if _exists(1000) else nobody.pw_uid
    unshare = ("unshare", "--user", f"--map-user={mapped}", f"--map-group={mapped}")
    setpriv = ("setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups")
    # For a repository below a closed folder such as /root: without this capability nobody cannot even reach it.
    reaching = (*setpriv, "--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    ways = [
        Runner("unshare", unshare, 0, 0),
        Runner("setpriv", setpriv, nobody.pw_uid, nobody.pw_gid),
        Runner("setpriv-reaching", reaching, nobody.pw_uid, nobody.pw_gid),
    ]
    wanted = os.environ.get("KITBANK_POSTGRES_AS")
    return [way for way in ways if wanted in (None, "", way.name)]


def choose(program: Path, folder: Path) -> Runner:
    """The first way that works for this folder, which is handed to its owner on the way."""
    for runner in runners():
        if os.geteuid() == 0:
            give(folder, runner)
        if runner.works(program, folder):
            return runner
    if os.geteuid() != 0:
        raise CannotStepDown(f"{folder} belongs to somebody else: run as its owner, or remove it to start afresh.")
    raise CannotStepDown(
        "PostgreSQL refuses to run as root, and neither `unshare --user` nor `setpriv` works here.\n"
        "Run as an ordinary user, or set DATABASE_URL to a PostgreSQL database."
    )


def give(folder: Path, runner: Runner) -> None:
    """Make the runner the owner of the folder and everything in it."""
    for path in [folder, *folder.rglob("*")]:
        if path.lstat().st_uid != runner.uid:
            os.chown(path, runner.uid, runner.gid, follow_symlinks=False)


def _exists(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
