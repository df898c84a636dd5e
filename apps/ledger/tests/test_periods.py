"""Closed periods take nothing; reopening has a reason and takes two."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from apps.audit_trail.models import AuditLog
from apps.kernel import approvals
from apps.kernel.errors import AlreadyAsked, IllegalMove, NotAllowed
from apps.kernel.models import Approval
from apps.kernel.testing import at_once, refusals
from apps.ledger import operations as ledger
from apps.ledger.errors import PeriodClosed, PeriodMovedOn, PeriodOpen
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


def closed(by):
    period = ledger.open_period(name="2026-02", first_on=FIRST, last_on=LAST, by=by, at=NOON)
    return ledger.close_period(period=period, by=by, at=NOON)


def ask(period, by, reason="Late invoice"):
    return ledger.ask_reopening(period=period, reason=reason, by=by, at=NOON)


def allow(request, by=None):
    row = Approval.objects.get(pk=request.pk)
    return approvals.approve(approval=row, by=by or make_staff("ADMIN"), at=NOON)


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
    asked, other = ask(period, officer), make_staff("ADMIN")
    refused(PeriodClosed, lambda: book(wallet, LAST, "while it waits"))
    allow(asked, other)
    book(wallet, LAST)
    changes = PeriodChange.objects.order_by("pk").values_list("status", "reason", "by", "asked_by")
    assert list(changes) == [
        ("OPEN", "", officer.pk, None),
        ("CLOSED", "", officer.pk, None),
        ("OPEN", "Late invoice", other.pk, officer.pk),
    ]
    assert AuditLog.objects.filter(action__startswith="ledger.period.").count() == 3
    assert_books_balance()


def test_needs_the_right_and_a_reason(officer):
    period = ledger.open_period(name="2026-02", first_on=FIRST, last_on=LAST, by=officer, at=NOON)
    for who in (make_customer(), make_staff("TELLER")):
        refused(NotAllowed, lambda who=who: ledger.close_period(period=period, by=who, at=NOON))
        refused(NotAllowed, lambda who=who: ledger.open_period(name="x", first_on=LAST, last_on=LAST, by=who, at=NOON))
    ledger.close_period(period=period, by=officer, at=NOON)
    for who in (make_customer(), make_staff("TELLER")):
        refused(NotAllowed, lambda who=who: ask(period, who))
    refused(NotAllowed, lambda: ask(period, officer, " "))
    assert not Approval.objects.exists()
    refused(IllegalMove, lambda: ledger.close_period(period=period, by=officer, at=NOON))


def test_periods_do_not_overlap(officer):
    ledger.open_period(name="2026-02", first_on=FIRST, last_on=LAST, by=officer, at=NOON)
    for first, last in ((LAST, date(2026, 3, 31)), (date(2026, 1, 1), FIRST)):
        with pytest.raises(IntegrityError, match="periods_do_not_overlap"), transaction.atomic():
            ledger.open_period(name="other", first_on=first, last_on=last, by=officer, at=NOON)
    with pytest.raises(DatabaseError), transaction.atomic():
        ledger.open_period(name="other", first_on=LAST, last_on=FIRST, by=officer, at=NOON)
    ledger.open_period(name="2026-03", first_on=date(2026, 3, 1), last_on=date(2026, 3, 31), by=officer, at=NOON)


class TestReopening:
    """Asked by one, allowed by another, once."""

    def test_nobody_allows_their_own_nor_without_the_right(self, officer):
        period = closed(officer)
        asked = ask(period, officer)
        for who in (officer, make_staff("TELLER"), make_staff("AUDITOR")):
            refused(NotAllowed, lambda who=who: allow(asked, who))
        period.refresh_from_db()
        assert period.status == "CLOSED"
        assert PeriodChange.objects.filter(period=period).count() == 2

    def test_an_open_one_is_not_reopened(self, officer):
        period = ledger.open_period(name="2026-02", first_on=FIRST, last_on=LAST, by=officer, at=NOON)
        refused(PeriodOpen, lambda: ask(period, officer))
        assert not Approval.objects.exists()

    def test_one_request_waits_until_it_is_decided_or_taken_back(self, officer):
        period = closed(officer)
        asked = ask(period, officer)
        refused(AlreadyAsked, lambda: ask(period, make_staff("ADMIN")))
        approvals.withdraw(approval=asked, by=officer, at=NOON)
        second = ask(period, officer)
        approvals.send_back(approval=second, by=make_staff("ADMIN"), at=NOON, reason="Book it in March")
        refused(IllegalMove, lambda: allow(asked))
        allow(ask(period, officer))
        ledger.close_period(period=period, by=officer, at=NOON)
        assert ask(period, officer).status == "PENDING"

    def test_a_request_from_before_it_was_closed_anew_is_stale(self, officer):
        period = closed(officer)
        asked = ask(period, officer)
        PeriodChange.objects.create(period=period, status="CLOSED", by=officer, at=NOON)
        refused(PeriodMovedOn, lambda: allow(asked))
        period.refresh_from_db()
        asked.refresh_from_db()
        assert (period.status, asked.status) == ("CLOSED", "PENDING")

    def test_who_decides_sees_which_days(self, officer):
        asked = ask(closed(officer), officer)
        days = {"name": "2026-02", "first day": "2026-02-01", "last day": "2026-02-28"}
        assert (asked.before, asked.after) == ({**days, "status": "CLOSED"}, {**days, "status": "OPEN"})

    def test_the_database_takes_no_reopening_by_one(self, officer):
        period = closed(officer)
        for asked_by in (None, officer):
            with pytest.raises(IntegrityError, match="no_one_reopens_a_period_alone"), transaction.atomic():
                PeriodChange.objects.create(
                    period=period, status="OPEN", reason="Alone", by=officer, asked_by=asked_by, at=NOON
                )


@pytest.mark.django_db(transaction=True)
def test_two_who_allow_it_at_once_reopen_it_once(officer):
    period = closed(officer)
    asked, checkers = ask(period, officer), [make_staff("ADMIN") for _ in range(3)]
    made = at_once(*[lambda who=who: allow(asked, who) for who in checkers])
    assert [type(no) for no in refusals(made)] == [IllegalMove, IllegalMove]
    assert PeriodChange.objects.filter(period=period, status="OPEN").exclude(reason="").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_ask_once(officer):
    period, makers = closed(officer), [make_staff("ADMIN") for _ in range(3)]
    made = at_once(*[lambda who=who: ask(period, who) for who in makers])
    assert [type(no) for no in refusals(made)] == [AlreadyAsked, AlreadyAsked]
    assert Approval.objects.count() == 1
