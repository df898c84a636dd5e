"""Loan dues come before savings, from the account the rule names."""

from datetime import timedelta

import pytest

from apps.accounts import operations as accounts
from apps.accounts.operations import RuleTerms
from apps.accounts.testing import balance_of, kes, make_account
from apps.kernel.clock import day_start
from apps.ledger.testing import assert_books_balance
from apps.lending import operations
from apps.lending.models import Instalment
from apps.lending.operations import day as loans
from apps.lending.testing import make_borrower, make_loan

pytestmark = pytest.mark.django_db


def test_dues_are_paid_first_from_the_account_the_rule_names():
    borrower = make_borrower()
    loan = make_loan(borrower, "5000")
    owner = borrower.owner
    operations.set_auto_debit(loan=loan, on=False, by=owner, at=loan.disbursed_at)
    row = Instalment.objects.filter(loan=loan, is_current=True).order_by("number")[0]
    at = day_start(row.due_on) + timedelta(hours=8)
    savings = make_account(owner, product="SAVINGS", balance="90000", at=loan.disbursed_at)
    due = loans.due_of(savings, row.due_on)
    assert due.minor > 0
    third = make_account(owner, at=loan.disbursed_at)
    asked = {"from_account": savings, "floor": kes("100")}
    for kind, more in (("SWEEP_ABOVE", {"to_account": third, "threshold": kes("1000")}), ("LOAN_DUES", {})):
        accounts.make_rule(owner=owner, terms=RuleTerms(kind=kind, **asked, **more), key=kind, by=owner, at=at)
    made = accounts.run_day(owner_id=owner.pk, at=at)
    assert [(one.kind, one.status) for one in made] == [("LOAN_DUES", "MADE"), ("SWEEP_ABOVE", "MADE")]
    assert made[0].amount == due
    assert loans.due_of(savings, row.due_on).minor == 0
    assert balance_of(savings) == "1000.00"
    assert accounts.run_day(owner_id=owner.pk, at=at + timedelta(hours=1)) == []
    assert_books_balance()
