"""django-hordak and django-ledger, where someone has installed them in environments of their own.

They are no part of the bank and of no requirements file. `python -m bench.others install` makes the two environments
under var/; without them their figures are missing, and the table says so.
"""

import os
import subprocess
import sys
import venv
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.common import Options, Result, alternate, settle

PLACE = Path(__file__).resolve().parents[1] / "var" / "bench-others"
PACKAGES = {
    "django-hordak": (4.0, ["django-hordak==2.0.0", "Django>=5.1,<6", "psycopg[binary]"]),
    "django-ledger": (20.0, ["django-ledger", "Django>=5.1,<6", "psycopg[binary]"]),
}


def compare(ours: Callable[[], float], options: Options) -> list[Result]:
    """Our postings a second to theirs, which lock and check nothing."""
    results = []
    for name, (goal, _wanted) in PACKAGES.items():
        python = PLACE / name / "bin" / "python"
        title = f"single posting from Django : {name}"
        if not python.exists():
            print(f"!! {name} is not installed (python -m bench.others install): its figure is missing", flush=True)
            continue
        theirs = partial(_theirs, python, _own_database(name), name, options)
        fast, base, ratio = alternate(partial(_settled, ours), partial(_settled, theirs), options.rounds)
        results.append(Result(title, ratio, at_least=goal, note=f"{fast:.0f} : {base:.0f} a second"))
    return results


def _settled(side: Callable[[], float]) -> float:
    """A window that does not pay for the other side's, whose rows and log are in another database of this server."""
    settle()
    return side()


def _own_database(name: str) -> str:
    """A schema of its own in the scratch bank would mix migrations: a database beside it."""
    import psycopg
    from psycopg import sql

    from kitbank.local.drop import drop_database

    url = os.environ["DATABASE_URL"]
    database = "kitbank_bench_" + name.replace("-", "_")
    with psycopg.connect(url, autocommit=True) as connection:
        drop_database(connection, database)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(database)))
    return url.replace("/kitbank_bench", f"/{database}")


def _theirs(python: Path, url: str, name: str, options: Options) -> float:
    asked = [str(python), "-m", "bench.theirs", name, url, str(options.clients), str(options.seconds)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, cwd=Path(__file__).resolve().parents[1])
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr[-2000:]}")
    return float(done.stdout.split()[-1])


def install() -> None:
    """Make the environments; needs the package index."""
    for name, (_goal, wanted) in PACKAGES.items():
        venv.create(PLACE / name, with_pip=True)
        subprocess.run([str(PLACE / name / "bin" / "python"), "-m", "pip", "install", "-q", *wanted], check=True)


if __name__ == "__main__":
    if sys.argv[1:] != ["install"]:
        sys.exit("usage: python -m bench.others install")
    install()
