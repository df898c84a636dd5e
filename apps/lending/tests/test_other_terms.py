"""Other terms after something was paid ahead or put off: nothing is asked for twice, nothing is lost on the way."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from apps.accounts.testing import balance_of, give, kes
from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.ledger.testing import assert_books_balance
from apps.lending import checks, operations, owed
from apps.lending.models import Instalment, Loan, Tranche
from apps.lending.operations import Part
from apps.lending.testing import ask, end_days, make_borrower, make_loan, make_officer, signed, terms_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Africa/Nairobi"))


def rows_of(loan):
    return list(Instalment.objects.current().filter(loan=loan).order_by("number"))


def fresh(loan):
    return Loan.objects.shown().get(pk=loan.pk)


def lent(code="BUSINESS", amount="60000", **changes):
    account = make_borrower(deposits="60000", at=NOON, kyc_tier="TIER_2")
    loan = make_loan(account, amount, code=code, terms=terms_of(code, **changes), periods=6, at=NOON)
    Loan.objects.filter(pk=loan.pk).update(auto_debit=False)
    return fresh(loan)


def change(loan, why, at, periods=0):
    asked = operations.ask_restructure(
        loan=fresh(loan), why=why, periods=periods, reason="Lost her stock", by=make_officer(), at=at
    )
    approvals.approve(approval=asked, by=make_officer(), at=at)


def pay(loan, amount, at):
    give(loan.account, amount, at=at)
    operations.repay(loan=fresh(loan), amount=kes(amount), key=f"{amount}/{at}", by=loan.borrower, at=at)


def assert_all_is_asked_once(loan):
    """The rows ask for the interest that they earn, and for every charge; the sub-ledger says the same."""
    rows = rows_of(loan)
    assert sum(row.interest_minor for row in rows) == sum(row.earned_minor for row in rows)
    assert sum(row.charges_left_minor for row in rows) == fresh(loan).charges_left_minor
    for name, question in checks._QUESTIONS.items():
        assert checks._findings(question) == [], name


EARLY, LATE = NOON + timedelta(days=5), NOON + timedelta(days=45)
COURSES = {
    "arrears spread": ("BUSINESS", {}, [("REAGED", LATE)]),
    "arrears spread, then paid ahead": ("BUSINESS", {}, [("REAGED", LATE), ("20000", LATE)]),
    "arrears spread, then a little": ("BUSINESS", {}, [("REAGED", LATE), ("1500", LATE)]),
    "arrears spread, then more time": ("BUSINESS", {}, [("REAGED", LATE), ("RESCHEDULED", LATE)]),
    "arrears spread twice": ("BUSINESS", {}, [("REAGED", LATE), ("REAGED", LATE + timedelta(days=40))]),
    "a little ahead, then more time": ("BUSINESS", {}, [("20", EARLY), ("RESCHEDULED", EARLY)]),
    "the same twice": ("BUSINESS", {}, [("20", EARLY), ("RESCHEDULED", EARLY), ("MORATORIUM", EARLY)]),
    "and then paid ahead": ("BUSINESS", {}, [("20", EARLY), ("RESCHEDULED", EARLY), ("9000", LATE)]),
    "flat, a little ahead": ("EMERGENCY", {}, [("20", EARLY), ("RESCHEDULED", EARLY)]),
    "flat, arrears spread twice": ("EMERGENCY", {}, [("REAGED", LATE), ("RESCHEDULED", LATE), ("REAGED", LATE)]),
    "interest put off, then paid ahead": (
        "BUSINESS", {"is_daily": False, "interest_deferred": 2}, [("25000", LATE), ("5000", LATE)],
    ),
    "interest put off, then more time": (
        "BUSINESS", {"is_daily": False, "interest_deferred": 1}, [("9713.51", LATE), ("RESCHEDULED", LATE)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("code", "changes", "steps"), COURSES.values(), ids=list(COURSES))
def test_is_asked_for_once_and_can_be_paid_off(code, changes, steps):
    loan, since = lent(code, "10000" if code == "EMERGENCY" else "60000", **changes), NOON
    for what, at in steps:
        end_days(since, at)
        since = at
        before = owed.payoff(fresh(loan), rows_of(loan), at).total
        if what[0].isdigit():
            pay(loan, what, at)
            before -= kes(what)
        else:
            change(loan, what, at, periods=0 if what == "REAGED" else 2)
        assert_all_is_asked_once(loan)
        assert owed.payoff(fresh(loan), rows_of(loan), at).total == before, what
    give(loan.account, "90000", at=since)
    had = Decimal(balance_of(loan.account))
    operations.pay_off(loan=fresh(loan), key="end", by=loan.borrower, at=since)
    assert (fresh(loan).status, had - Decimal(balance_of(loan.account))) == ("PAID", before.amount)
    assert_all_is_asked_once(loan)
    assert_books_balance()


def test_a_period_that_is_paid_in_part_bears_no_whole_month_under_other_terms():
    loan = lent("BUSINESS", "60000", is_daily=False)
    middle = NOON + timedelta(days=15)
    end_days(NOON, middle)
    pay(loan, "30000", middle)
    running = next(row for row in rows_of(loan) if row.settled_on is None)
    change(loan, "RESCHEDULED", middle, periods=2)
    assert next(row for row in rows_of(loan) if row.settled_on is None).interest_minor == running.interest_minor


def test_days_before_another_part_are_not_charged_again_by_a_payment_or_other_terms():
    account, officer = make_borrower(deposits="60000", at=NOON, kyc_tier="TIER_2"), make_officer()
    loan = ask(account, "60000", code="BUSINESS", terms=terms_of("BUSINESS", most_parts=2), at=NOON)
    days = (NOON, NOON + timedelta(days=10))
    parts = [Part(kes("30000"), local_date(day)) for day in days]
    operations.plan_parts(loan=loan, parts=parts, by=account.owner, at=NOON)
    loan = operations.approve(loan=fresh(loan), by=officer, at=NOON)
    operations.disburse(loan=signed(loan, at=NOON), by=officer, at=NOON)
    end_days(*days)
    operations.pay_out_part(tranche=Tranche.objects.get(loan=loan, number=2), by=officer, at=days[1])
    assert_all_is_asked_once(loan)
    change(loan, "RESCHEDULED", days[1], periods=2)
    assert_all_is_asked_once(loan)
    pay(loan, "12000", days[1] + timedelta(days=5))
    assert_all_is_asked_once(loan)
    assert owed.payoff(fresh(loan), rows_of(loan), days[1] + timedelta(days=5)).interest == 0
