"""The whole demo, as `make run` makes it: its parts follow each other, so each is proven only where all of them are."""

import os
import subprocess
import sys

import psycopg

from kitbank.local import places


def manage(database: str, *command: str) -> str:
    """What a command of the bank on that database says."""
    done = subprocess.run(  # noqa: S603 our own commands
        [sys.executable, "manage.py", *command],
        cwd=places.ROOT,
        env=os.environ | {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "kitbank.settings.test"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_a_year_of_three_hundred_customers_is_lived_and_its_books_are_sound(another_database):
    said = manage(another_database, "demo")
    assert "super@kitbank.example" in said, "how to sign in"
    with psycopg.connect(another_database) as bank:
        (customers,) = bank.execute("SELECT count(DISTINCT owner_id) FROM accounts_account").fetchone()
        (undelivered,) = bank.execute("SELECT count(*) FROM kernel_delivery WHERE status <> 'DONE'").fetchone()
    assert customers >= 300
    assert undelivered == 0
    assert "sound" in manage(another_database, "verify_books")
    assert "Intact" in manage(another_database, "verify_audit")
    assert "nothing was changed" in manage(another_database, "demo")
