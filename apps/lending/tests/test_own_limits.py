"""What a second person allows about a loan, they allow within their own limit; and nothing is allowed twice."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.accounts.testing import balance_of, kes
from apps.kernel import approvals
from apps.kernel.errors import Conflict
from apps.kernel.models import Approval
from apps.kernel.testing import at_once, refusals
from apps.ledger.testing import assert_books_balance
from apps.lending import operations
from apps.lending.errors import AboveOwnLimit
from apps.lending.models import Instalment, Loan
from apps.lending.testing import end_days, make_borrower, make_loan, make_officer

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Africa/Nairobi"))
LATE, GONE = NOON + timedelta(days=45), NOON + timedelta(days=230)


def fresh(loan):
    return Loan.objects.shown().get(pk=loan.pk)


def lent(until):
    """60,000 over half a year, of which nothing is paid back."""
    account = make_borrower(deposits="60000", at=NOON, kyc_tier="TIER_2")
    loan = make_loan(account, "60000", code="BUSINESS", periods=6, at=NOON)
    Loan.objects.filter(pk=loan.pk).update(auto_debit=False)
    end_days(until - timedelta(days=1), until)
    return fresh(loan)


def other_terms(loan, by=None):
    return operations.ask_restructure(
        loan=loan, why="RESCHEDULED", periods=3, reason="Lost her stock", by=by or make_officer("0"), at=LATE
    )


def refused_then_allowed(asked, at, low, high):
    with pytest.raises(AboveOwnLimit, match="pass it on"):
        approvals.approve(approval=asked, by=make_officer(low, "ADMIN"), at=at)
    asked.refresh_from_db()
    assert asked.status == "PENDING"
    approvals.approve(approval=asked, by=make_officer(high, "ADMIN"), at=at)


def test_writes_off_within_ones_own_limit_all_that_is_lost():
    loan = lent(GONE)
    asked = operations.ask_write_off(loan=loan, reason="Gone", by=make_officer("0", "ADMIN"), at=GONE)
    lost = asked.amount
    assert lost > loan.principal_left
    refused_then_allowed(asked, GONE, f"{(lost - kes('0.01')).amount:f}", f"{lost.amount:f}")
    assert (fresh(loan).status, fresh(loan).written_off_minor) == ("WRITTEN_OFF", lost.minor)
    assert_books_balance()


def test_gives_other_terms_within_ones_own_limit():
    loan = lent(LATE)
    refused_then_allowed(other_terms(loan), LATE, "59999", "60000")
    assert fresh(loan).is_restructured


def test_records_an_earlier_payment_within_ones_own_limit():
    loan = lent(LATE)
    before = balance_of(loan.account)
    asked = operations.ask_back_dated(
        loan=loan, amount=kes("20000"), paid_on=(NOON + timedelta(days=20)).date(), came="CASH", document="R-1182",
        reason="The receipt lay in the wrong file", by=make_officer("0"), at=LATE,
    )  # fmt: skip
    refused_then_allowed(asked, LATE, "19999", "20000")
    assert balance_of(loan.account) == before
    assert fresh(loan).paid_minor == 20_000_00
    assert_books_balance()


def test_asks_for_other_terms_once_at_a_time():
    loan = lent(LATE)
    first = other_terms(loan)
    with pytest.raises(Conflict, match="waits for a second person"):
        other_terms(loan)
    approvals.approve(approval=first, by=make_officer(), at=LATE)
    assert Instalment.objects.current().filter(loan=loan).count() == 9
    assert other_terms(fresh(loan)).status == "PENDING"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_ask_for_other_terms_at_once_one_does():
    loan = lent(LATE)
    one, two = make_officer(), make_officer()
    tried = at_once(lambda: other_terms(loan, one), lambda: other_terms(loan, two))
    assert [type(no) for no in refusals(tried)] == [Conflict]
    assert Approval.objects.filter(kind="lending.restructure").count() == 1
