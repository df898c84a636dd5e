"""Closed periods take nothing; reopening has a reason and takes two."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.audit_trail.models import AuditLog
from apps.kernel import approvals
from apps.kernel.errors import AlreadyAsked, IllegalMove, NotAllowed
from apps.kernel.models import Approval
from apps.kernel.testing import at_once, refusals
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.ledger.errors import (
    BadPeriod,
    PeriodClosed,
    PeriodMovedOn,
    PeriodNotOver,
    PeriodOpen,
    PeriodTaken,
    PeriodUsed,
)
from apps.ledger.models import BusinessDay, Period, PeriodChange
from apps.ledger.testing import NOON, assert_books_balance, kes, open_wallet
from apps.ledger.tests.test_post import refused
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2026, 2, 1), date(2026, 2, 28)
MARCH = date(2026, 3, 1), date(2026, 3, 31)


@pytest.fixture
def officer():
    return make_staff("ADMIN")


def book(wallet, on, reference="b"):
    legs = [ledger.debit("1040-KES", kes(1)), ledger.credit(wallet, kes(1))]
    return ledger.post(reference=reference, kind="X", narrative="", legs=legs, booked_on=on, at=NOON)


def declare(by, name="2026-02", first_on=FIRST, last_on=LAST):
    return ledger.open_period(name=name, first_on=first_on, last_on=last_on, by=by, at=NOON)


def closed(by):
    return ledger.close_period(period=declare(by), by=by, at=NOON)


def ask(period, by, reason="Late invoice"):
    return ledger.ask_reopening(period=period, reason=reason, by=by, at=NOON)


def allow(request, by=None):
    row = Approval.objects.get(pk=request.pk)
    return approvals.approve(approval=row, by=by or make_staff("ADMIN"), at=NOON)


def test_takes_nothing_once_closed_and_again_when_reopened(officer):
    wallet = open_wallet()
    period = declare(officer)
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
    period = declare(officer)
    for who in (make_customer(), make_staff("TELLER")):
        refused(NotAllowed, lambda who=who: ledger.close_period(period=period, by=who, at=NOON))
        refused(NotAllowed, lambda who=who: declare(who, "x", LAST, LAST))
    ledger.close_period(period=period, by=officer, at=NOON)
    for who in (make_customer(), make_staff("TELLER")):
        refused(NotAllowed, lambda who=who: ask(period, who))
    refused(NotAllowed, lambda: ask(period, officer, " "))
    assert not Approval.objects.exists()
    refused(IllegalMove, lambda: ledger.close_period(period=period, by=officer, at=NOON))


class TestDeclaring:
    """Days that belong to one period, and a name that is its own."""

    def test_refuses_days_or_a_name_that_another_has(self, officer):
        declare(officer)
        taken = [("other", LAST, date(2026, 3, 31)), ("other", date(2026, 1, 1), FIRST), ("2026-02", *MARCH)]
        for name, first, last in taken:
            no = refused(PeriodTaken, lambda n=name, f=first, t=last: declare(officer, n, f, t))
            assert (no.status, "Nothing was changed" in str(no)) == (409, True)
        declare(officer, "2026-03", *MARCH)
        assert list(Period.objects.values_list("name", flat=True)) == ["2026-02", "2026-03"]

    def test_refuses_days_that_cannot_be_meant_and_no_name(self, officer):
        far = NOON.date() + timedelta(days=367)
        for name, first, last in (
            ("other", LAST, FIRST),
            (" ", FIRST, LAST),
            ("too long", FIRST, FIRST + timedelta(days=366)),
            ("too far ahead", far, far),
            ("a slip", date(9999, 12, 1), date(9999, 12, 31)),
        ):
            refused(BadPeriod, lambda n=name, f=first, t=last: declare(officer, n, f, t))
        assert not Period.objects.exists()
        assert not PeriodChange.objects.exists()

    def test_says_which_days_no_period_has(self, officer):
        declare(officer)
        declare(officer, "2026-04", date(2026, 4, 1), date(2026, 4, 30))
        declare(officer, "2026-05", date(2026, 5, 1), date(2026, 5, 31))
        found = books.periods(NOON)
        assert [(one.name, one.gap) for one in found] == [
            ("2026-05", None),
            ("2026-04", None),
            ("2026-02", books.Days(*MARCH)),
        ]
        assert books.next_days(NOON) == books.Days(date(2026, 6, 1), date(2026, 6, 30))
        assert [one.name for one in books.periods(NOON, before=date(2026, 5, 1), limit=1)] == ["2026-04"]


class TestClosing:
    """Only days that are over, and whose end of day has run."""

    def test_refuses_a_day_that_is_not_over(self, officer):
        wallet, today = open_wallet(), NOON.date()
        period = declare(officer, "now", today - timedelta(days=9), today)
        for day in (today, today + timedelta(days=1)):
            BusinessDay.objects.update_or_create(status="OPEN", defaults={"day": day, "opened_at": NOON})
            no = refused(PeriodNotOver, lambda: ledger.close_period(period=period, by=officer, at=NOON))
            assert (no.status, "stop every payment" in str(no)) == (409, True)
            BusinessDay.objects.all().delete()
        period.refresh_from_db()
        assert period.status == "OPEN"
        assert not PeriodChange.objects.filter(status="CLOSED").exists()
        book(wallet, today)

    @pytest.mark.parametrize("status", ["OPEN", "CLOSING"])
    def test_refuses_until_the_end_of_its_last_day_has_run(self, officer, status):
        wallet, period = open_wallet(), declare(officer)
        day = BusinessDay.objects.create(day=LAST, status=status, opened_at=NOON)
        no = refused(PeriodNotOver, lambda: ledger.close_period(period=period, by=officer, at=NOON))
        assert "end of day" in str(no)
        assert no.facts == {"last_on": "2026-02-28", "business_day": "2026-02-28"}
        book(wallet, LAST, "its interest")
        assert [one.is_over for one in books.periods(NOON)] == [False]
        BusinessDay.objects.filter(pk=day.pk).update(status="CLOSED")
        BusinessDay.objects.create(day=date(2026, 3, 1), opened_at=NOON)
        assert [one.is_over for one in books.periods(NOON)] == [True]
        ledger.close_period(period=period, by=officer, at=NOON)
        refused(PeriodClosed, lambda: book(wallet, LAST, "late"))
        assert_books_balance()

    def test_the_midnight_of_nairobi_counts(self, officer):
        period = declare(officer, "2026-03", *MARCH)
        evening = datetime(2026, 3, 31, 20, 59, tzinfo=UTC)  # a minute to midnight
        refused(PeriodNotOver, lambda: ledger.close_period(period=period, by=officer, at=evening))
        ledger.close_period(period=period, by=officer, at=evening + timedelta(minutes=1))


class TestTakingBack:
    """What was declared by mistake, while nothing stands on it."""

    def test_frees_its_days_and_its_name(self, officer):
        period = declare(officer)
        ledger.withdraw_period(period=period, reason="Wrong year", by=officer, at=NOON)
        assert books.periods(NOON) == []
        assert books.next_days(NOON).first_on == date(2026, 3, 1)
        refused(IllegalMove, lambda: ledger.close_period(period=period, by=officer, at=NOON))
        refused(IllegalMove, lambda: ledger.withdraw_period(period=period, reason="Again", by=officer, at=NOON))
        refused(PeriodOpen, lambda: ask(period, officer))
        again = declare(officer)
        assert again.pk != period.pk
        last = PeriodChange.objects.filter(period=period).latest("pk")
        assert (last.status, last.reason, last.by) == ("WITHDRAWN", "Wrong year", officer)

    def test_never_one_that_was_closed_and_only_with_the_right_and_a_reason(self, officer):
        period = closed(officer)
        refused(IllegalMove, lambda: ledger.withdraw_period(period=period, reason="Wrong", by=officer, at=NOON))
        allow(ask(period, officer))
        refused(PeriodUsed, lambda: ledger.withdraw_period(period=period, reason="Wrong", by=officer, at=NOON))
        march = declare(officer, "2026-03", *MARCH)
        refused(NotAllowed, lambda: ledger.withdraw_period(period=march, reason=" ", by=officer, at=NOON))
        for who in (make_customer(), make_staff("AUDITOR")):
            refused(NotAllowed, lambda who=who: ledger.withdraw_period(period=march, reason="x", by=who, at=NOON))
        assert [one.name for one in books.periods(NOON)] == ["2026-03", "2026-02"]


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
        period = declare(officer)
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


@pytest.mark.django_db(transaction=True)
def test_two_who_close_it_at_once_close_it_once(officer):
    period, wallet, others = declare(officer), open_wallet(), [make_staff("ADMIN") for _ in range(2)]
    close = [lambda who=who: ledger.close_period(period=period, by=who, at=NOON) for who in (officer, *others)]
    made = at_once(*close, lambda: book(wallet, LAST))
    assert sorted(type(no).__name__ for no in refusals(made[:3])) == ["IllegalMove", "IllegalMove"]
    assert PeriodChange.objects.filter(period=period, status="CLOSED").count() == 1
    assert all(isinstance(no, PeriodClosed) for no in refusals(made[3:])), "it came before the closing or was refused"
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_two_who_declare_the_same_days_at_once_declare_them_once(officer):
    makers = [make_staff("ADMIN") for _ in range(4)]
    made = at_once(*[lambda n=n, who=who: declare(who, f"February {n}") for n, who in enumerate(makers)])
    assert [type(no) for no in refusals(made)] == [PeriodTaken] * 3
    assert Period.objects.count() == PeriodChange.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_who_closes_it_and_one_who_takes_it_back_at_once(officer):
    period, other = declare(officer), make_staff("ADMIN")
    made = at_once(
        lambda: ledger.close_period(period=period, by=officer, at=NOON),
        lambda: ledger.withdraw_period(period=period, reason="Wrong", by=other, at=NOON),
    )
    assert [type(no) for no in refusals(made)] == [IllegalMove]
    assert PeriodChange.objects.filter(period=period).count() == 2
