"""One loan reached by several doors at the same moment: what is owed is taken once, what is promised goes out once."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from apps.accounts.events import MoneyCameIn
from apps.accounts.models import CashMovement
from apps.accounts.testing import balance_of, give, kes, make_teller
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger.testing import assert_books_balance
from apps.lending import movements, operations
from apps.lending.errors import NotEligible, NothingOwed, Overpaid
from apps.lending.models import Loan, Repayment, Tranche
from apps.lending.operations import Part
from apps.lending.operations import day as steps
from apps.lending.testing import ask, end_days, make_borrower, make_loan, make_officer, signed, terms_of

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Africa/Nairobi"))
DUE = NOON + timedelta(days=30)
MIDDLE = NOON + timedelta(days=15)


def fresh(loan):
    return Loan.objects.shown().get(pk=loan.pk)


def lent():
    """An instant loan of 5,000 that owes 5,250 today, with more than that on the account."""
    account = make_borrower(deposits="20000", at=NOON, kyc_tier="TIER_2")
    loan = make_loan(account, "5000", at=NOON)
    end_days(NOON, DUE)
    return account, loan


def refused(made, *kinds):
    """How many were refused; each in words of its own, none by a broken lock."""
    assert {type(no) for no in refusals(made)} <= set(kinds), refusals(made)
    return len(refusals(made))


def paid_for(loan):
    return {row.source: row.amount for row in Repayment.objects.filter(loan=loan)}


def test_the_days_own_taking_and_the_borrower_pay_what_is_due_once_between_them():
    account, loan = lent()
    before = Decimal(balance_of(account))
    made = at_once(
        lambda: steps.collect(day=local_date(DUE), at=DUE),
        lambda: operations.repay(loan=fresh(loan), amount=kes("5250"), key="hand", by=account.owner, at=DUE),
        lambda: steps.collect(day=local_date(DUE), at=DUE),
    )
    refused(made, NothingOwed, Overpaid)
    assert list(paid_for(loan).values()) == [kes("5250")]
    assert fresh(loan).status == "PAID"
    assert Decimal(balance_of(account)) == before - 5250
    movements.account_of(fresh(loan))
    assert_books_balance()


def test_the_days_own_taking_leaves_out_what_was_paid_by_hand():
    account, loan = lent()
    before = Decimal(balance_of(account))
    made = at_once(
        lambda: steps.collect(day=local_date(DUE), at=DUE),
        lambda: operations.repay(loan=fresh(loan), amount=kes("1000"), key="hand", by=account.owner, at=DUE),
    )
    paid = paid_for(loan)
    if refused(made, NothingOwed, Overpaid):  # the end of the day was first and nothing was left
        assert paid == {"AUTO": kes("5250")}
    else:
        assert paid == {"WALLET": kes("1000"), "AUTO": kes("4250")}
    assert Decimal(balance_of(account)) == before - 5250
    assert_books_balance()


def test_receipts_of_one_moment_take_no_more_than_is_owed_and_the_rest_stays():
    account, loan = lent()
    tellers = [make_teller(cash="0")[0] for _nth in range(2)]
    before = Decimal(balance_of(account))
    give(account, "3000")
    came = MoneyCameIn(
        account_id=account.pk, rail="mpesa", receipt="QJK1", minor=300_000, currency="KES",
        purpose=f"loan/{loan.reference}",
    )  # fmt: skip
    with transaction.atomic():
        events.publish(came)

    def slip(nth):
        return lambda: operations.take_cash(
            loan=fresh(loan), amount=kes("3000"), by_name="Achieng", key=f"slip-{nth}", by=tellers[nth], at=DUE
        )

    made = at_once(slip(0), slip(1), deliver_events)
    deliver_events()
    cash = CashMovement.objects.count()
    assert cash == 2 - refused(made, NothingOwed)
    assert sum(row.amount_minor for row in Repayment.objects.filter(loan=loan)) == 525_000
    assert fresh(loan).status == "PAID"
    assert Decimal(balance_of(account)) == before + 3000 * (cash + 1) - 5250
    assert_books_balance()


def test_two_parts_and_a_payment_of_one_moment_come_one_after_the_other():
    account, officer = make_borrower(deposits="60000", at=NOON, kyc_tier="TIER_2"), make_officer()
    loan = ask(account, "60000", code="BUSINESS", terms=terms_of("BUSINESS", most_parts=3), at=NOON)
    days = [NOON, MIDDLE, MIDDLE]
    parts = [Part(kes(sum_), local_date(on)) for sum_, on in zip(("20000", "30000", "10000"), days, strict=True)]
    operations.plan_parts(loan=loan, parts=parts, by=account.owner, at=NOON)
    loan = operations.approve(loan=fresh(loan), by=officer, at=NOON)
    operations.disburse(loan=signed(loan, at=NOON), by=officer, at=NOON)
    end_days(NOON, MIDDLE)
    before = Decimal(balance_of(account))

    def pay_out(number):
        part = Tranche.objects.get(loan=loan, number=number)
        return operations.pay_out_part(tranche=part, by=officer, at=MIDDLE)

    made = at_once(
        lambda: pay_out(3),
        lambda: pay_out(2),
        lambda: operations.repay(loan=fresh(loan), amount=kes("4000"), key="early", by=account.owner, at=MIDDLE),
    )
    refused(made, NotEligible)  # the third part, when it came before its turn
    assert Tranche.objects.get(loan=loan, number=2).status == "PAID"
    assert pay_out(3).status == "PAID"
    assert Decimal(balance_of(account)) == before + 40_000 - 4_000
    movements.account_of(fresh(loan))
    assert_books_balance()


def test_an_early_payoff_and_a_payment_of_one_moment_never_take_too_much():
    account, loan = lent()
    before = Decimal(balance_of(account))
    made = at_once(
        lambda: operations.pay_off(loan=fresh(loan), key="end", by=account.owner, at=DUE),
        lambda: operations.repay(loan=fresh(loan), amount=kes("250"), key="part", by=account.owner, at=DUE),
        lambda: operations.repay(loan=fresh(loan), amount=kes("5250"), key="all", by=account.owner, at=DUE),
    )
    refused(made, Overpaid, NothingOwed)
    assert Decimal(balance_of(account)) == before - 5250
    assert fresh(loan).status == "PAID"
    assert_books_balance()
