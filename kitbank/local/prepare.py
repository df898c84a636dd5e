"""Brings tables up to date, packs what pages load, makes the demo bank: in one process, for starting Django is slow."""

import io
import os
import sys

import django
from django.core.management import call_command, get_commands
from django.db import connections

from kitbank.local import packing, places
from kitbank.local.migrations import migrate
from kitbank.local.progress import working


def main() -> int:
    """Everything that is needed before the first request."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kitbank.settings.local")
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


if __name__ == "__main__":
    sys.exit(main())
