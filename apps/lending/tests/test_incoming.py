"""Cash and M-Pesa for a loan, and what deposits are used for: exactly that loan, exactly once."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from apps.accounts.events import MoneyCameIn
from apps.accounts.models import Account, CashMovement
from apps.accounts.testing import balance_of, give, kes, make_teller
from apps.kernel import approvals, events
from apps.kernel.clock import now
from apps.kernel.testing import at_once, deliver_events
from apps.ledger.testing import assert_books_balance
from apps.lending import operations, owed
from apps.lending.errors import NothingOwed
from apps.lending.models import Instalment, Loan, Repayment
from apps.lending.operations.day import collect_from
from apps.lending.testing import end_days, make_borrower, make_loan, make_officer
from apps.notifications.testing import messages_to

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Africa/Nairobi"))


@pytest.fixture
def account():
    return make_borrower(deposits="20000", kyc_tier="TIER_2")


def fresh(loan):
    return Loan.objects.shown().get(pk=loan.pk)


def rows_of(loan):
    return list(Instalment.objects.current().filter(loan=loan).order_by("number"))


def lent(account, amount="5000"):
    """Paid out two hours ago: paying it back costs its interest."""
    return make_loan(account, amount, at=now() - timedelta(hours=2))


def pay_in(loan, teller, amount, *, key="slip"):
    return operations.take_cash(loan=loan, amount=kes(amount), by_name="Achieng", key=key, by=teller, at=now())


def test_cash_goes_into_the_till_and_on_to_the_loan_at_once(account):
    loan, (teller, _till) = lent(account), make_teller(cash="0")
    before = balance_of(account)
    cash, row = pay_in(loan, teller, "2000")
    assert (cash.status, cash.purpose, row.amount, row.source) == (
        "DONE",
        f"loan/{loan.reference}",
        kes("2000"),
        "CASH",
    )
    assert balance_of(account) == before
    again = pay_in(loan, teller, "2000")
    assert (again[0].pk, again[1].pk) == (cash.pk, row.pk)
    deliver_events()
    assert (Repayment.objects.count(), fresh(loan).paid, balance_of(account)) == (1, kes("2000"), before)
    assert_books_balance()


def test_what_is_more_than_owed_stays_and_the_borrower_is_told(account):
    loan, (teller, _till) = lent(account), make_teller(cash="0")
    before = Decimal(balance_of(account))
    _cash, row = pay_in(loan, teller, "6000")
    assert (row.amount, fresh(loan).status, Decimal(balance_of(account))) == (kes("5250"), "PAID", before + 750)
    deliver_events()
    assert "KES 750.00 is more than it takes" in " ".join(one.body for one in messages_to(account.owner.phone))
    with pytest.raises(NothingOwed):
        pay_in(loan, teller, "1", key="later")
    assert CashMovement.objects.count() == 1
    assert_books_balance()


def test_large_cash_pays_the_loan_once_a_second_person_allows_it(account, settings):
    settings.CASH_APPROVAL_ABOVE_MINOR = 100_000
    loan, (teller, _till) = lent(account), make_teller(cash="0")
    cash, row = pay_in(loan, teller, "2000")
    assert (cash.status, row) == ("WAITING", None)
    approvals.approve(approval=cash.approval, by=make_officer(), at=now())
    deliver_events()
    assert fresh(loan).paid == kes("2000")
    assert_books_balance()


def test_refuses_cash_for_a_loan_whose_account_is_frozen(account):
    loan, (teller, _till) = lent(account), make_teller(cash="0")
    Account.objects.filter(pk=account.pk).update(status="FROZEN")
    with pytest.raises(Exception, match="frozen"):
        pay_in(loan, teller, "2000")
    assert not CashMovement.objects.exists()
    assert fresh(loan).paid == kes("0")


@pytest.mark.django_db(transaction=True)
def test_one_slip_pays_once_from_six_threads():
    account = make_borrower(deposits="20000", kyc_tier="TIER_2")
    loan, (teller, _till) = lent(account), make_teller(cash="0")
    found = at_once(*[lambda: pay_in(loan, teller, "2000") for _nth in range(6)])
    assert len({one[1].pk for one in found}) == 1
    deliver_events()
    assert (CashMovement.objects.count(), fresh(loan).paid) == (1, kes("2000"))
    assert_books_balance()


def came(account, loan, amount, receipt="QJK1"):
    """Money of a rail that is on the account, as its event tells."""
    give(account, amount)
    return MoneyCameIn(
        account_id=account.pk,
        rail="mpesa",
        receipt=receipt,
        minor=kes(amount).minor,
        currency="KES",
        purpose=f"loan/{loan.reference}",
    )


def tell(event):
    with transaction.atomic():
        events.publish(event)
    deliver_events()


def test_money_by_a_rail_pays_its_loan_once_however_often_it_is_told(account):
    loan = lent(account)
    before = Decimal(balance_of(account))
    event = came(account, loan, "2000")
    tell(event)
    tell(event)
    row = Repayment.objects.get()
    assert (row.amount, row.source) == (kes("2000"), "MPESA")
    assert Decimal(balance_of(account)) == before
    assert_books_balance()


def test_money_for_something_else_is_left_for_that_though_a_loan_is_late():
    long_ago = now() - timedelta(days=40)
    account = make_borrower(deposits="20000", kyc_tier="TIER_2", at=long_ago)
    make_loan(account, "5000", at=long_ago)
    told = {"account_id": account.pk, "rail": "mpesa", "minor": 50_000, "currency": "KES"}
    tell(MoneyCameIn(**told, receipt="QG1", purpose="chama/G23456789A"))
    assert not Repayment.objects.exists()
    tell(MoneyCameIn(**told, receipt="QG2"))
    assert Repayment.objects.exists(), "what came for nothing pays what is due"


def test_money_for_a_loan_that_is_over_stays_and_is_told(account):
    loan = lent(account)
    operations.pay_off(loan=loan, key="end", by=account.owner, at=now())
    before = Decimal(balance_of(account))
    tell(came(account, loan, "500"))
    assert Decimal(balance_of(account)) == before + 500
    assert "KES 500.00 is more than it takes" in messages_to(account.owner.phone)[-1].body
    assert_books_balance()


def due_loan():
    """Due today, with nothing on its account."""
    account = make_borrower(deposits="20000", at=NOON)
    loan = make_loan(account, "5000", at=NOON)
    due = NOON + timedelta(days=30)
    end_days(NOON, due)
    return account, fresh(loan), due


@pytest.mark.django_db(transaction=True)
def test_a_deposit_is_collected_once_and_never_more_than_is_owed_beside_a_payment_by_hand():
    account, loan, due = due_loan()
    before = Decimal(balance_of(account))
    found = at_once(
        *[lambda: collect_from(account_id=account.pk, key="deposit/7", at=due) for _nth in range(4)],
        lambda: operations.repay(loan=fresh(loan), amount=kes("5250"), key="hand", by=account.owner, at=due),
    )
    assert sum(len(one) for one in found[:4]) + isinstance(found[4], Repayment) == 1
    loan = fresh(loan)
    assert (loan.status, loan.paid) == ("PAID", kes("5250"))
    assert Decimal(balance_of(account)) == before - 5250
    assert_books_balance()


def test_collects_once_for_each_deposit_what_is_there():
    account, loan, due = due_loan()
    assert collect_from(account_id=account.pk, key="deposit/7", at=due - timedelta(days=1)) == []
    assert collect_from(account_id=account.pk, key="deposit/7", at=due) == [525_000]
    assert collect_from(account_id=account.pk, key="deposit/7", at=due) == []
    assert owed.due(fresh(loan), rows_of(loan), due.date()) == kes("0")
    assert_books_balance()
