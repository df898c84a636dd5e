"""A payment that had come earlier: the loan ends up as if it had been taken on its day, and no posted row changed."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.accounts.testing import balance_of, kes
from apps.kernel import approvals
from apps.kernel.errors import NotAllowed
from apps.kernel.testing import at_once, deliver_events
from apps.ledger.queries import trial_balance
from apps.ledger.testing import assert_books_balance
from apps.lending import movements, operations
from apps.lending.errors import NotEligible, Overpaid
from apps.lending.models import Instalment, Loan, LoanEntry, Repayment
from apps.lending.operations.back_date import DocumentUsed
from apps.lending.testing import end_days, make_borrower, make_loan, make_officer

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Africa/Nairobi"))
FIGURES = (
    "status",
    "principal_left_minor",
    "interest_accrued_minor",
    "interest_paid_minor",
    "charges_left_minor",
    "penalties_minor",
    "paid_minor",
    "arrears_minor",
    "days_past_due",
    "oldest_due_on",
)


def fresh(loan):
    return Loan.objects.shown().get(pk=loan.pk)


def figures(loan):
    rows = Instalment.objects.current().filter(loan=loan).order_by("number")
    shown = [(row.due_on, row.principal_minor, row.interest_minor, row.penalty_minor, row.left_minor) for row in rows]
    return [getattr(fresh(loan), name) for name in FIGURES], shown


def running(code="INSTANT", amount="5000"):
    account = make_borrower(deposits="60000", at=NOON, kyc_tier="TIER_2")
    loan = make_loan(account, amount, code=code, at=NOON)
    Loan.objects.filter(pk=loan.pk).update(auto_debit=False)
    return fresh(loan)


def asked(loan, amount, day, at, **more):
    said = {"came": "CASH", "document": "R-1182", "reason": "The receipt lay in the wrong file"} | more
    paid_on = (NOON + timedelta(days=day)).date()
    return operations.ask_back_dated(loan=loan, amount=kes(amount), paid_on=paid_on, by=make_officer(), at=at, **said)


def back_dated(loan, amount, day, at, **more):
    return approvals.approve(approval=asked(loan, amount, day, at, **more), by=make_officer(), at=at)


@pytest.mark.parametrize(
    ("code", "total", "amount", "day", "until"),
    [
        ("INSTANT", "5000", "2000", 33, 50),
        ("INSTANT", "5000", "5250", 30, 50),
        ("INSTANT", "5000", "1000", 10, 40),
        ("EMERGENCY", "8000", "3000", 20, 45),
        ("BUSINESS", "60000", "20000", 15, 25),
        ("BUSINESS", "60000", "9000", 36, 70),
        ("BUSINESS", "60000", "0.01", 40, 66),
    ],
)
def test_is_as_if_it_had_been_taken_on_its_day(code, total, amount, day, until):
    loan, twin = running(code, total), running(code, total)
    paid_at, now = NOON + timedelta(days=day), NOON + timedelta(days=until)
    end_days(NOON, paid_at)
    operations.repay(loan=fresh(twin), amount=kes(amount), key="then", by=twin.borrower, at=paid_at)
    end_days(paid_at, now)
    before = balance_of(loan.account)
    back_dated(fresh(loan), amount, day, now)
    assert balance_of(loan.account) == before
    end_days(now, now + timedelta(days=1))
    assert figures(loan) == figures(twin)
    row = Repayment.objects.get(loan=loan)
    assert (row.paid_on, row.made_at, row.source) == (paid_at.date(), now, "CASH")
    movements.account_of(fresh(loan))
    assert_books_balance()


def test_leaves_the_books_of_days_gone_as_they_were_and_says_the_days_of_each():
    loan = running()
    now = NOON + timedelta(days=45)
    end_days(NOON, now)
    days = [(NOON + timedelta(days=nth)).date() for nth in (30, 33, 40, 44, 45)]
    before = [trial_balance(on=day) for day in days]
    back_dated(fresh(loan), "2000", 33, now)
    after = [trial_balance(on=day) for day in days]
    assert after[:-1] == before[:-1]
    assert after[-1] != before[-1]
    anew = LoanEntry.objects.filter(loan=loan, what="PENALTY_ANEW").order_by("booked_on")
    assert [row.booked_on for row in anew] == [(NOON + timedelta(days=nth)).date() for nth in range(33, 45)]
    deliver_events()
    assert_books_balance()


@pytest.mark.parametrize(
    ("day", "more", "words"),
    [
        (45, {}, "is not over"),
        (60, {}, "is not over"),
        (-1, {}, "not paid out yet"),
        (33, {"came": "WALLET"}, "cash or to our bank"),
        (33, {"document": "  "}, "number of the receipt"),
    ],
)
def test_refuses_what_is_out_of_its_bounds(day, more, words):
    loan = running()
    now = NOON + timedelta(days=45)
    with pytest.raises(Exception, match=words):
        asked(fresh(loan), "2000", day, now, **more)
    assert not Repayment.objects.exists()


def test_refuses_days_that_a_later_payment_or_other_terms_stand_on():
    loan = running()
    now = NOON + timedelta(days=45)
    end_days(NOON, now)
    back_dated(fresh(loan), "2000", 33, now)
    with pytest.raises(NotEligible, match="counts already"):
        asked(fresh(loan), "100", 32, now, document="R-2")
    back_dated(fresh(loan), "100", 34, now, document="R-3")
    restructured = operations.ask_restructure(
        loan=fresh(loan), why="REAGED", reason="Harvest", by=make_officer(), at=now
    )
    approvals.approve(approval=restructured, by=make_officer(), at=now)
    with pytest.raises(NotEligible, match="schedule was changed"):
        asked(fresh(loan), "100", 40, now, document="R-4")
    assert_books_balance()


def test_refuses_once_interest_is_no_longer_income():
    loan = running()
    now = NOON + timedelta(days=130)
    end_days(NOON, now)
    with pytest.raises(NotEligible, match="no longer counted"):
        asked(fresh(loan), "100", 125, now)


def test_refuses_more_than_was_owed_that_day_and_moves_nothing():
    loan = running()
    now = NOON + timedelta(days=45)
    end_days(NOON, now)
    before, entries = figures(loan), LoanEntry.objects.count()
    with pytest.raises(Overpaid):
        back_dated(fresh(loan), "5260", 30, now)
    assert (figures(loan), LoanEntry.objects.count()) == (before, entries)
    assert_books_balance()


def test_takes_two_people_who_are_not_the_borrower():
    loan = running()
    now = NOON + timedelta(days=45)
    end_days(NOON, now)
    request = asked(fresh(loan), "2000", 33, now)
    with pytest.raises(NotAllowed):
        approvals.approve(approval=request, by=request.maker, at=now)
    with pytest.raises(NotAllowed):
        operations.ask_back_dated(
            loan=fresh(loan), amount=kes("1"), paid_on=NOON.date(), came="CASH", document="X", reason="x",
            by=loan.borrower, at=now,
        )  # fmt: skip
    assert not Repayment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_counts_a_document_once_however_many_ask():
    loan = running()
    now = NOON + timedelta(days=45)
    end_days(NOON, now)
    requests = [asked(fresh(loan), "2000", 33, now) for _nth in range(3)]
    officers = [make_officer() for _nth in range(3)]
    found = at_once(
        *[
            lambda one=one, who=who: approvals.approve(approval=one, by=who, at=now)
            for one, who in zip(requests, officers, strict=True)
        ]
    )
    assert sorted(type(one).__name__ for one in found) == ["Approval", "DocumentUsed", "DocumentUsed"]
    with pytest.raises(DocumentUsed):
        asked(fresh(loan), "2000", 33, now, document=" r-1182 ")
    assert Repayment.objects.count() == 1
    assert_books_balance()
