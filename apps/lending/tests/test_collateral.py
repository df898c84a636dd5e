"""Things pledged for a loan: valued again by a new row, and enough of them before anybody approves."""

import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from apps.accounts.testing import kes
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.lending import operations
from apps.lending.errors import BadTerm, NotEligible
from apps.lending.models import Collateral
from apps.lending.operations.collateral import pledged
from apps.lending.testing import ask, make_borrower, make_officer, terms_of
from apps.users.testing import make_staff

_nth = itertools.count(100)
pytestmark = pytest.mark.django_db


@pytest.fixture
def loan():
    account = make_borrower(deposits="100000", kyc_tier="TIER_2")
    return ask(account, "60000", code="BUSINESS", terms=terms_of("BUSINESS", loan_to_value=Decimal("0.6")))


def value(loan, amount="100000", **more):
    asked = {"kind": "VEHICLE", "described": "Boda KMDX 123A", "value": kes(amount), "valued_by": "AA of Kenya"}
    asked |= {"number": f"KMDX {next(_nth)}A"}
    asked |= {"valued_on": local_date(now()), "by": make_officer(), "at": now()}
    return operations.value_collateral(loan=loan, **asked | more)


def test_approves_only_what_is_covered(loan):
    officer = make_officer()
    value(loan, "99999")
    with pytest.raises(NotEligible):
        operations.approve(loan=loan, by=officer, at=now())
    loan.refresh_from_db()
    assert loan.status == "APPLIED"
    value(loan, "1", described="A radio")
    assert operations.approve(loan=loan, by=officer, at=now()).status == "APPROVED"


def test_counts_the_newest_valuation_of_a_thing(loan):
    first = value(loan, "120000")
    value(loan, "80000", replaces=first)
    assert pledged(loan) == kes("80000")
    with pytest.raises(BadTerm):
        value(loan, "90000", replaces=first)
    with pytest.raises(DatabaseError), transaction.atomic():
        Collateral.objects.filter(pk=first.pk).update(value_minor=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "GOLD"},
        {"described": "  "},
        {"valued_by": ""},
        {"value": kes("-1")},
        {"valued_on": local_date(now()) + timedelta(days=2)},
    ],
)
def test_refuses_what_makes_no_sense_and_keeps_nothing(loan, wrong):
    with pytest.raises(DomainError):
        value(loan, **wrong)
    assert not Collateral.objects.exists()


def test_is_for_officers_and_nobody_values_for_themselves(loan):
    for who in (loan.borrower, make_staff("TELLER")):
        with pytest.raises(DomainError):
            value(loan, by=who)
