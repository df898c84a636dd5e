"""Brings the tables up to date and makes the demo bank, in one process because starting Django is the slow part."""

import io
import os
import sys

import django
from django.core.management import call_command, get_commands

from kitbank.local import places
from kitbank.local.migrations import migrate
from kitbank.local.progress import working


def main() -> int:
    """Everything the database needs before the first request."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kitbank.settings.local")
    django.setup()
    with working("Bringing the tables up to date"):
        migrate()
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
