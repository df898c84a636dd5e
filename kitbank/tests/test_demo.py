"""The whole demo, as `make run` makes it: its parts follow each other, so each is proven only where all of them are."""

import os
import subprocess
import sys

import psycopg
import pytest

from kitbank.local import places

# What the bank loads takes longer than most of its commands, so those that follow each other share a process.
IN_TURN = """
import sys, django
from django.core.management import call_command
django.setup()
for command in sys.argv[1:]:
    print(f"=== {command}", flush=True)
    call_command(command)
"""


def manage(database: str, *commands: str) -> dict[str, str]:
    """What each of these commands of the bank says on that database, one after the other."""
    done = subprocess.run(  # noqa: S603 our own commands
        [sys.executable, "-c", IN_TURN, *commands],
        cwd=places.ROOT,
        env=os.environ | {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "kitbank.settings.test"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    spoken = (part.partition("\n") for part in done.stdout.split("=== ")[1:])
    return {command: said for command, _, said in spoken}


@pytest.mark.long
def test_a_year_of_three_hundred_customers_is_lived_and_its_books_are_sound(another_database):
    assert "super@kitbank.example" in manage(another_database, "demo")["demo"], "how to sign in"
    with psycopg.connect(another_database) as bank:
        (customers,) = bank.execute("SELECT count(DISTINCT owner_id) FROM accounts_account").fetchone()
        (undelivered,) = bank.execute("SELECT count(*) FROM kernel_delivery WHERE status <> 'DONE'").fetchone()
    assert customers >= 300
    assert undelivered == 0
    said = manage(another_database, "verify_books", "verify_audit", "demo")
    assert "sound" in said["verify_books"]
    assert "Intact" in said["verify_audit"]
    assert "nothing was changed" in said["demo"]
