"""Brings tables up to date, packs what pages load, makes the demo bank: in one process, for starting Django is slow."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import django
from django.core.management import call_command, get_commands
from django.db import connections

from kitbank.local import packing, places
from kitbank.local.migrations import migrate
from kitbank.local.progress import working


def main() -> int:
    """Everything that is needed before the first request."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kitbank.settings.local")
    with _loaded_ahead("lightgbm", "weasyprint"):
        django.setup()
        with working("Bringing the tables up to date"):
            migrate()
        connections.close_all()  # the server remembers for a connection all that migrating touched
        with working("Packing the files of pages"):
            packing.pack()
    sign_ins = ""
    if "demo" in get_commands():
        with working("Looking after the demo bank"):
            call_command("demo", "--if-empty")
        told = io.StringIO()
        call_command("demo", "--sign-ins", stdout=told)
        sign_ins = told.getvalue().strip()
    places.SIGN_INS.write_text(sign_ins)
    return 0


@contextmanager
def _loaded_ahead(*modules: str) -> Iterator[None]:
    """On a fresh machine Python compiles what it loads. What the demo loads late is compiled by another process here,
    while this one waits for the database; whether it can be loaded is for those who need it to say.
    """
    if all(_is_compiled(name) for name in modules):
        yield
        return
    command = [sys.executable, "-c", f"import {', '.join(modules)}"]
    other = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
        other.wait()
    finally:
        other.kill()


def _is_compiled(name: str) -> bool:
    found = find_spec(name)
    return found is None or not found.cached or Path(found.cached).exists()


if __name__ == "__main__":
    sys.exit(main())
