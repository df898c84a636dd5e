"""Whoever owes the bank stays its customer: no profile is closed while a loan runs."""

import pytest

from apps.accounts.models import Account
from apps.accounts.testing import balance_of, spend
from apps.kernel.clock import now
from apps.lending.errors import LoanRuns
from apps.lending.testing import make_borrower, make_loan
from apps.users import operations as people
from apps.users.models import User
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db


def test_a_loan_that_runs_stands_against_closing_also_when_the_account_is_empty():
    account = make_borrower()
    loan = make_loan(account)
    spend(account, balance_of(account))
    person = User.objects.get(pk=account.owner_id)
    with pytest.raises(LoanRuns):
        people.set_status(person=person, status="CLOSED", reason="They asked", by=make_staff("ADMIN"), at=now())
    loan.refresh_from_db()
    assert (loan.status, Account.objects.get(pk=account.pk).status) == ("ACTIVE", "ACTIVE")
    assert User.objects.get(pk=person.pk).status == "ACTIVE"
