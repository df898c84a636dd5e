"""A loan on paper: every life of a loan adds up from nothing to what is owed, and the papers are made."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.accounts.testing import kes
from apps.lending import documents, movements, operations
from apps.lending.models import Loan
from apps.lending.testing import ask, end_days, make_borrower, make_loan

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Africa/Nairobi"))


def told(loan):
    view = movements.account_of(Loan.objects.get(pk=loan.pk))
    assert view.lent + view.added - view.paid == view.closing
    assert sum(line.amount_minor for line in view.lines) == view.closing.minor
    assert not view.lines or view.lines[-1].balance_minor == view.closing.minor
    return view, [line.what for line in view.lines]


@pytest.fixture
def account():
    return make_borrower(at=NOON)


def test_adds_up_when_it_is_paid_before_interest_was_counted(account):
    loan = make_loan(account, "5000", at=NOON)
    operations.pay_off(loan=loan, key="a", by=account.owner, at=NOON + timedelta(hours=2))
    view, kinds = told(loan)
    assert kinds == ["DISBURSEMENT", "INTEREST_PAID", "REPAYMENT"]
    assert (view.added, view.paid, view.closing) == (kes("250"), kes("5250"), kes("0"))


def test_adds_up_when_it_costs_nothing(account):
    loan = make_loan(account, "5000", at=NOON)
    operations.pay_off(loan=loan, key="a", by=account.owner, at=NOON + timedelta(minutes=30))
    view, kinds = told(loan)
    assert (kinds, view.added) == (["DISBURSEMENT", "REPAYMENT"], kes("0"))


def test_adds_up_through_late_days_penalties_and_suspended_interest(account):
    loan = make_loan(account, "5000", at=NOON)
    Loan.objects.filter(pk=loan.pk).update(auto_debit=False)
    end_days(NOON, NOON + timedelta(days=40))
    operations.repay(
        loan=Loan.objects.get(pk=loan.pk), amount=kes("100"), key="a", by=account.owner, at=NOON + timedelta(days=40)
    )
    _view, kinds = told(loan)
    assert {"DISBURSEMENT", "ACCRUAL", "PENALTY", "REPAYMENT"} <= set(kinds)
    end_days(NOON + timedelta(days=40), NOON + timedelta(days=130))
    _view, kinds = told(loan)
    assert "INTEREST_SUSPENDED" in kinds


def test_adds_up_when_more_than_due_is_paid():
    account = make_borrower(deposits="60000", at=NOON, kyc_tier="TIER_2")
    loan = make_loan(account, "50000", code="BUSINESS", at=NOON)
    end_days(NOON, NOON + timedelta(days=45))
    operations.repay(
        loan=Loan.objects.get(pk=loan.pk), amount=kes("20000"), key="a", by=account.owner, at=NOON + timedelta(days=45)
    )
    view, _kinds = told(loan)
    assert view.closing.minor > 0


def test_says_when_the_books_and_the_loan_part(account):
    loan = make_loan(account, "5000", at=NOON)
    loan.principal_left_minor -= 1
    with pytest.raises(ValueError, match="movements make"):
        movements.account_of(loan)


def test_makes_contract_and_statement(account):
    offered = ask(account, "5000", at=NOON)
    assert documents.contract_of_loan(offered, at=NOON).content.startswith(b"%PDF")
    operations.cancel(loan=offered, by=account.owner, at=NOON)
    loan = make_loan(account, "5000", at=NOON)
    answer = documents.statement_of_loan(loan, at=NOON)
    assert answer.content.startswith(b"%PDF")
    assert loan.reference in answer.headers["Content-Disposition"]
