"""Closed periods take nothing; reopening has a reason."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from apps.audit_trail.models import AuditLog
from apps.kernel.errors import IllegalMove, NotAllowed
from apps.ledger import operations as ledger
from apps.ledger.errors import PeriodClosed
from apps.ledger.models import PeriodChange
from apps.ledger.testing import NOON, assert_books_balance, kes, open_wallet
from apps.ledger.tests.test_post import refused
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2026, 2, 1), date(2026, 2, 28)


@pytest.fixture
def officer():
    return make_staff("ADMIN")


def book(wallet, on, reference="b"):
    legs = [ledger.debit("1040-KES", kes(1)), ledger.credit(wallet, kes(1))]
    return ledger.post(reference=reference, kind="X", narrative="", legs=legs, booked_on=on, at=NOON)


def test_takes_nothing_once_closed_and_again_when_reopened(officer):
    wallet = open_wallet()
    period = ledger.open_period(name="2026-02", first_on=FIRST, last_on=LAST, by=officer, at=NOON)
    book(wallet, LAST, "before")
    ledger.close_period(period=period, by=officer, at=NOON)
    for day in (FIRST, LAST):
        no = refused(PeriodClosed, lambda day=day: book(wallet, day))
        assert (no.status, no.facts) == (422, {"period": "2026-02", "booked_on": day.isoformat()})
    assert book(wallet, LAST, "before").is_replay
    book(wallet, date(2026, 3, 1), "after")
    ledger.reopen_period(period=period, reason="Late invoice", by=officer, at=NOON)
    book(wallet, LAST)
    changes = PeriodChange.objects.order_by("pk").values_list("status", "reason", "by")
    assert list(changes) == [("OPEN", "", officer.pk), ("CLOSED", "", officer.pk), ("OPEN", "Late invoice", officer.pk)]
    assert AuditLog.objects.filter(action__startswith="ledger.period.").count() == 3
    assert_books_balance()


def test_needs_the_right_and_a_reason(officer):
    period = ledger.open_period(name="2026-02", first_on=FIRST, last_on=LAST, by=officer, at=NOON)
    for who in (make_customer(), make_staff("TELLER")):
        refused(NotAllowed, lambda who=who: ledger.close_period(period=period, by=who, at=NOON))
        refused(NotAllowed, lambda who=who: ledger.open_period(name="x", first_on=LAST, last_on=LAST, by=who, at=NOON))
    ledger.close_period(period=period, by=officer, at=NOON)
    refused(NotAllowed, lambda: ledger.reopen_period(period=period, reason="x", by=make_customer(), at=NOON))
    refused(ValueError, lambda: ledger.reopen_period(period=period, reason=" ", by=officer, at=NOON))
    refused(IllegalMove, lambda: ledger.close_period(period=period, by=officer, at=NOON))


def test_periods_do_not_overlap(officer):
    ledger.open_period(name="2026-02", first_on=FIRST, last_on=LAST, by=officer, at=NOON)
    for first, last in ((LAST, date(2026, 3, 31)), (date(2026, 1, 1), FIRST)):
        with pytest.raises(IntegrityError, match="periods_do_not_overlap"), transaction.atomic():
            ledger.open_period(name="other", first_on=first, last_on=last, by=officer, at=NOON)
    with pytest.raises(DatabaseError), transaction.atomic():
        ledger.open_period(name="other", first_on=LAST, last_on=FIRST, by=officer, at=NOON)
    ledger.open_period(name="2026-03", first_on=date(2026, 3, 1), last_on=date(2026, 3, 31), by=officer, at=NOON)
