"""The bank's own batches: made by one member of staff, allowed by another, from an account of the bank."""

import pytest

from apps.accounts import operations as accounts
from apps.accounts.models import LimitUse, Product
from apps.accounts.testing import balance_of, business_account, give, kes, make_account
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotAllowed, NotFound
from apps.kernel.models import Approval
from apps.ledger.testing import assert_books_balance
from apps.payments import operations, rails
from apps.payments.models import BulkPayment
from apps.payments.testing import bring, carried_on, submit
from apps.payments.tests.bulk.firm import Pigeons, people_paid
from apps.users import operations as people
from apps.users.errors import Connected
from apps.users.queries import system_user
from apps.users.testing import make_business, make_customer, make_staff


@pytest.fixture
def house(db):
    """An account of the bank with money of its owners, and two members of staff."""
    product = Product.objects.get(code="HOUSE")
    account = accounts.open_house_account(name="Payouts", product=product, by=system_user(), at=now())
    give(account, "50000")
    return account


def test_the_banks_own_is_made_by_one_and_allowed_by_another_of_its_staff(house):
    maker, checker = make_staff("BRANCH_MANAGER"), make_staff("BRANCH_MANAGER", limit_minor=10_000_00)
    payees, rows = people_paid(2)
    bulk = submit(bring(house, rows, by=maker, kind="PAYOUT"), by=maker)
    asked = Approval.objects.get(kind="payments.bulk_payment")
    assert (bulk.status, bulk.eyes, asked.amount) == ("WAITING", "BANK", kes("2000"))
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=maker, at=now())
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=make_staff("BRANCH_MANAGER", limit_minor=1), at=now())
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=make_staff("TELLER"), at=now())
    approvals.approve(approval=asked, by=checker, at=now())
    assert carried_on(bulk).status == "DONE"
    assert [balance_of(one) for one in payees] == ["1000.00"] * 2
    assert not LimitUse.objects.exists()
    assert_books_balance()


@pytest.mark.parametrize("whose", ["family", "phone", "family's phone", "firm"])
def test_nobody_allows_a_batch_of_the_bank_that_pays_them_or_whom_they_are_connected_with(house, whose, monkeypatch):
    monkeypatch.setitem(rails._rails, "mpesa", Pigeons())
    maker, checker = make_staff("BRANCH_MANAGER"), make_staff("BRANCH_MANAGER", limit_minor=10_000_00)
    cousin = make_account(make_customer(full_name="Collins Were")).owner
    people.declare_connection(staff=checker, customer=cousin, kind="FAMILY", by=checker, at=now())
    to, rail = {
        "family": (cousin.phone, ""),
        "phone": (checker.phone, ""),
        "family's phone": (cousin.phone, "mpesa"),
        "firm": (business_account(make_business(cousin)).number, ""),
    }[whose]
    rows = [] if rail else people_paid(1)[1]
    bulk = bring(house, [*rows, (str(to), "Collins Were", "500", "")], by=maker, kind="PAYOUT", rail=rail)
    assert bulk.bad_count == 0
    bulk = submit(bulk, by=maker)
    with pytest.raises(Connected):
        approvals.approve(approval=bulk.approval, by=checker, at=now())
    bulk.refresh_from_db()
    assert (bulk.status, balance_of(house)) == ("WAITING", "50000.00")
    other = make_staff("BRANCH_MANAGER", limit_minor=10_000_00)
    approvals.approve(approval=bulk.approval, by=other, at=now())
    bulk.refresh_from_db()
    assert (bulk.status, bulk.decided_by) == ("RUNNING", other)
    assert_books_balance()


def test_staff_without_the_right_and_customers_do_not_reach_the_banks_own(house):
    rows = people_paid(1)[1]
    for who in (make_staff("TELLER"), make_customer()):
        with pytest.raises(NotFound):
            bring(house, rows, by=who)
    bulk = bring(house, rows, by=make_staff("BRANCH_MANAGER"))
    assert not BulkPayment.objects.visible_to(make_staff("TELLER"))
    assert set(BulkPayment.objects.visible_to(make_staff("BRANCH_MANAGER"))) == {bulk}


def test_sent_back_or_cancelled_the_banks_own_pays_nobody(house):
    maker, checker = make_staff("BRANCH_MANAGER"), make_staff("BRANCH_MANAGER", limit_minor=10_000_00)
    first = submit(bring(house, people_paid(1)[1], by=maker), by=maker)
    approvals.send_back(approval=first.approval, by=checker, at=now(), reason="Wrong file")
    first.refresh_from_db()
    second = submit(bring(house, people_paid(1)[1], by=maker), by=maker)
    operations.bulk.cancel(bulk=second, by=maker, at=now())
    with pytest.raises(IllegalMove):
        approvals.approve(approval=second.approval, by=checker, at=now())
    approvals.send_back(approval=second.approval, by=checker, at=now(), reason="It was cancelled")
    second.refresh_from_db()
    assert (first.status, second.status, balance_of(house)) == ("REJECTED", "CANCELLED", "50000.00")


def test_its_maker_takes_the_banks_own_back_before_anyone_allowed_it(house):
    maker, checker = make_staff("BRANCH_MANAGER"), make_staff("BRANCH_MANAGER", limit_minor=10**9)
    bulk = submit(bring(house, people_paid(1)[1], by=maker), by=maker)
    approvals.withdraw(approval=bulk.approval, by=maker, at=now())
    bulk.refresh_from_db()
    assert (bulk.status, bulk.decided_by, balance_of(house)) == ("CANCELLED", None, "50000.00")
    with pytest.raises(IllegalMove):
        approvals.approve(approval=bulk.approval, by=checker, at=now())
    assert_books_balance()
