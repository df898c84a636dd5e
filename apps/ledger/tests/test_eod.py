"""The end of the day: in order, once, stopped by a failure, gone on with after it."""

import json
import os
import signal
import subprocess
import sys
from datetime import date, timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from apps.kernel.models import OutboxEvent
from apps.ledger import eod, tasks, verification
from apps.ledger import operations as ledger
from apps.ledger.eod import registry
from apps.ledger.errors import BooksBusy, DayNotClosed
from apps.ledger.models import BusinessDay, EodRun, Hold, Seal, SnapshotRun
from apps.ledger.queries import business_day
from apps.ledger.testing import NOON, assert_books_balance, kes, make_period, open_wallet, pay, posted_in
from apps.users.testing import make_staff

MONDAY = date(2026, 3, 2)
MONTH_END = date(2026, 3, 31)


@pytest.fixture
def own_steps(monkeypatch):
    """The registry with the ledger's own steps alone; what a test adds goes with it."""
    kept = {name: step for name, step in registry._steps.items() if name.startswith("ledger.")}
    monkeypatch.setattr(registry, "_steps", kept)


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_steps")]


def add(name, order, run):
    eod.register(eod.Step(name=name, order=order, run=run))


def state(run):
    return {step.name: (step.status, step.attempts) for step in run.steps.all()}


def test_does_every_step_in_order_and_opens_the_next_day():
    wallet = open_wallet(100)
    ledger.hold(reference="h", account=wallet, amount=kes(5), expires_at=NOON, at=NOON)
    done = []
    for order in (300, 200):
        add(f"tests.{order}", order, lambda day, at, order=order: done.append((order, day, at)) or f"did {order}")
    run = eod.run(day=MONDAY, at=NOON)
    assert (run.status, run.attempts) == ("DONE", 1)
    assert done == [(200, MONDAY, NOON), (300, MONDAY, NOON)]
    assert [step.name for step in run.steps.order_by("position", "name")] == [
        "ledger.expire_holds",
        "tests.200",
        "tests.300",
        "ledger.roll_up_days",
        "ledger.take_snapshots",
        "ledger.seal",
        "ledger.verify_books",
    ]
    assert run.steps.get(name="tests.200").outcome == "did 200"
    assert (Hold.objects.get().status, Seal.objects.count()) == ("EXPIRED", 1)
    assert not SnapshotRun.objects.exists()
    assert business_day() == MONDAY + timedelta(days=1)
    assert OutboxEvent.objects.get(name="ledger.day.closed").payload == {"day": "2026-03-02", "next_day": "2026-03-03"}
    assert_books_balance()


def test_a_step_that_books_on_a_closed_day_stops_the_day_in_words_and_goes_on_once_it_is_open():
    """As interest of a day would: the period was closed before closing asked for the end of the day."""
    wallet, period = open_wallet(100), make_period("Held", MONDAY, MONDAY, status="CLOSED")
    legs = [ledger.debit("interest:deposits", kes(1)), ledger.credit(wallet, kes(1))]

    def book(day, at):
        ledger.post(reference="t/interest", kind="X", narrative="", legs=legs, booked_on=day, at=at)

    add("tests.interest", 200, book)
    run = eod.run(day=MONDAY, at=NOON)
    assert run.status == "FAILED"
    assert "The books of that day are closed" in run.steps.get(name="tests.interest").outcome
    assert business_day() == MONDAY
    type(period).objects.filter(pk=period.pk).update(status="OPEN")
    assert eod.run(day=MONDAY, at=NOON).status == "DONE"
    officer = make_staff("ADMIN")
    assert ledger.close_period(period=period, by=officer, at=NOON + timedelta(days=1)).status == "CLOSED"
    assert_books_balance()


def test_keeps_balances_at_the_end_of_a_month():
    open_wallet(100)
    eod.run(day=MONTH_END, at=NOON)
    assert SnapshotRun.objects.get().as_of == MONTH_END


def test_a_day_that_has_ended_stays_as_it_is():
    done = []
    add("tests.once", 200, lambda day, at: done.append(day) and None)
    first = eod.run(day=MONDAY, at=NOON)
    assert eod.run(day=MONDAY, at=NOON).pk == first.pk
    assert done == [MONDAY]
    eod.run(at=NOON)
    assert done == [MONDAY, MONDAY + timedelta(days=1)]


def test_days_end_one_after_the_other():
    eod.run(day=MONDAY, at=NOON)
    with pytest.raises(DayNotClosed) as no:
        eod.run(day=MONDAY + timedelta(days=2), at=NOON)
    assert no.value.facts == {"day": "2026-03-03"}
    with pytest.raises(DayNotClosed):
        eod.open_day(MONDAY, at=NOON)


def test_a_failing_step_stops_the_day_and_it_goes_on_there():
    wallet, shop, is_broken = open_wallet(100), open_wallet(), [True]

    def before(day, at):
        pay(wallet, shop, kes(1), reference=f"before/{day}")

    def failing(day, at):
        pay(wallet, shop, kes(2), reference=f"failing/{day}")
        if is_broken[0]:
            raise RuntimeError("the tariff is missing")

    add("tests.1_before", 200, before)
    add("tests.2_failing", 300, failing)
    run = eod.run(day=MONDAY, at=NOON)
    assert run.status == "FAILED"
    assert state(run) == {
        "ledger.expire_holds": ("DONE", 1),
        "tests.1_before": ("DONE", 1),
        "tests.2_failing": ("FAILED", 1),
    }
    assert "the tariff is missing" in run.steps.get(name="tests.2_failing").outcome
    assert posted_in(shop) == kes(1)
    assert BusinessDay.objects.get().status == "CLOSING"
    is_broken[0] = False
    run = eod.run(at=NOON)
    assert (run.status, run.attempts) == ("DONE", 2)
    assert (state(run)["tests.1_before"], state(run)["tests.2_failing"]) == (("DONE", 1), ("DONE", 2))
    assert posted_in(shop) == kes(3)
    assert_books_balance()


def test_broken_books_stop_the_day_and_are_told():
    wallet = open_wallet(100)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_balance DISABLE TRIGGER USER")
        cursor.execute("UPDATE ledger_balance SET posted_minor = 1 WHERE account_id = %s", [wallet.id])
        cursor.execute("ALTER TABLE ledger_balance ENABLE TRIGGER USER")
    run = eod.run(day=MONDAY, at=NOON)
    assert run.status == "FAILED"
    assert wallet.code in run.steps.get(name="ledger.verify_books").outcome
    told = OutboxEvent.objects.get(name="ledger.books.unbalanced").payload
    assert (told["day"], told["findings"]) == ("2026-03-02", 1)
    assert wallet.code in told["first"]
    assert not OutboxEvent.objects.filter(name="ledger.day.closed").exists()


def test_ends_every_day_that_is_over():
    assert eod.run_due(at=NOON) == []
    assert business_day() == MONDAY
    ended = eod.run_due(at=NOON + timedelta(days=3))
    assert [run.day_id for run in ended] == [MONDAY + timedelta(days=nth) for nth in range(3)]
    add("tests.failing", 200, lambda day, at: 1 / 0)
    assert [run.status for run in eod.run_due(at=NOON + timedelta(days=9))] == ["FAILED"]


def test_the_jobs_run():
    wallet = open_wallet(10)
    ledger.hold(reference="h", account=wallet, amount=kes(5), expires_at=NOON, at=NOON)
    tasks.expire_holds(later="argument")
    tasks.seal_entries()
    tasks.end_days()
    assert Hold.objects.get().status == "EXPIRED"
    assert Seal.objects.count() == 1
    assert business_day() is not None
    assert {entry["task"] for entry in tasks.SCHEDULE.values()} == {
        f"apps.ledger.tasks.{name}" for name in ("end_days", "expire_holds", "seal_entries")
    }


def test_the_command_says_what_it_did():
    out = StringIO()
    call_command("eod", "--day", "2026-03-02", stdout=out)
    assert "DONE     ledger.verify_books" in out.getvalue()
    assert out.getvalue().endswith("2026-03-02 is closed.\n")
    with pytest.raises(CommandError, match="Another day is open"):
        call_command("eod", "--day", "2026-03-09", stdout=out)
    add("tests.failing", 200, lambda day, at: 1 / 0)
    with pytest.raises(CommandError, match="2026-03-03 is not closed"):
        call_command("eod", stdout=out)
    assert "FAILED   tests.failing: ZeroDivisionError" in out.getvalue()


def test_the_audit_command_says_what_it_found():
    open_wallet(10)
    out, err = StringIO(), StringIO()
    call_command("verify_books", stdout=out)
    assert f"The books are sound: {len(verification.names())} checks." in out.getvalue()
    verification.register(verification.Check("tests.broken", lambda: ["account 7 is empty"]))
    try:
        with pytest.raises(CommandError, match="1 findings"):
            call_command("verify_books", "--check", "tests.broken", stdout=out, stderr=err)
    finally:
        del verification._checks["tests.broken"]
    assert "tests.broken: account 7 is empty" in err.getvalue()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_one_wins():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtext('ledger.eod'))")
            with pytest.raises(BooksBusy):
                eod.run(day=MONDAY, at=NOON)
            assert not EodRun.objects.exists()
            cursor.execute("SELECT pg_advisory_unlock(hashtext('ledger.eod'))")
        assert eod.run(day=MONDAY, at=NOON).status == "DONE"
    finally:
        other.close()


KILLED = """
import json, os, signal, sys, django
from django.conf import settings
settings.DATABASES["default"].update(json.loads(sys.argv[1]))
django.setup()
from datetime import date
from django.db import connection
from apps.kernel.clock import now
from apps.ledger import eod
from apps.ledger.testing import kes, open_wallet, pay

def pays_and_dies(day, at):
    pay(open_wallet(50, code="killed/payer"), open_wallet(code="killed/payee"), kes(5), reference="killed")
    os.kill(os.getpid(), signal.SIGKILL)

eod.register(eod.Step(name="tests.killed", order=200, run=pays_and_dies))
eod.run(day=date(2026, 3, 2), at=now())
"""


@pytest.mark.django_db(transaction=True)
def test_goes_on_after_its_process_was_killed():
    same = {name: connection.settings_dict[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    killed = subprocess.run(  # noqa: S603 our own interpreter
        [sys.executable, "-c", KILLED, json.dumps(same)],
        cwd=settings.ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]},
        check=False,
        capture_output=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    run = EodRun.objects.get()
    assert (run.status, state(run)["tests.killed"]) == ("RUNNING", ("RUNNING", 1))
    done = []
    add("tests.killed", 200, lambda day, at: done.append(day) and None)
    run = eod.run(at=NOON)
    assert (run.status, run.attempts, done) == ("DONE", 2, [MONDAY])
    assert state(run)["ledger.expire_holds"] == ("DONE", 1)
    assert state(run)["tests.killed"] == ("DONE", 2)
    assert_books_balance()
