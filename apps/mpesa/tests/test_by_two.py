"""What two people decide about M-Pesa's money: larger sums placed, within one's own limit, by nobody who is near."""

from datetime import timedelta

import pytest

from apps.accounts.testing import balance_of, make_account
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.ledger.testing import assert_books_balance
from apps.mpesa import operations, rules
from apps.mpesa.errors import AlreadyPlaced
from apps.mpesa.models import Kind, MpesaTransaction
from apps.users.errors import Connected
from apps.users.operations.connections import declare_connection
from apps.users.testing import bearer, make_staff

pytestmark = pytest.mark.django_db
ALONE, MORE = 10_000_00, 10_000_01


@pytest.fixture
def account():
    return make_account(balance="100")


def officer(limit_minor=1_000_000_00):
    return make_staff("BRANCH_MANAGER", limit_minor=limit_minor)


def near(customer, limit_minor=1_000_000_00):
    """An officer who declared that a customer is family."""
    who = officer(limit_minor)
    declare_connection(staff=who, customer=customer, kind="FAMILY", by=who, at=now())
    return who


def received(minor, reference="ROSE", receipt="SKL7H2M0QB") -> MpesaTransaction:
    told = rules.Received(receipt, minor, reference, "174379", "Rose", "2547 ***** 222")
    row = operations.confirm_c2b(told=told, at=now())
    assert row is not None
    return row


def on_its_way(owner) -> MpesaTransaction:
    """A prompt that M-Pesa called paid, and whose receipt never came."""
    old = now() - timedelta(days=3)
    return MpesaTransaction.objects.create(
        kind=Kind.STK_PUSH, status="CHECKING", user=owner, account=make_account(owner), phone="+254733000222",
        amount_minor=700_00, account_reference="X", created_at=old, sent_at=old, result_code="0",
    )  # fmt: skip


def test_places_more_than_ten_thousand_only_with_a_second_person(account):
    row, one, two = received(MORE), officer(), officer()
    asked = operations.place(row=row, account=account, reason="She showed the SMS", by=one, at=now())
    row.refresh_from_db()
    assert (row.in_suspense, balance_of(account)) == (True, "100.00")
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=one, at=now())
    approvals.approve(approval=asked, by=two, at=now())
    row.refresh_from_db()
    assert (row.in_suspense, row.account, balance_of(account)) == (False, account, "10100.01")
    assert_books_balance()


def test_places_up_to_ten_thousand_at_once(account):
    row = received(ALONE)
    assert operations.place(row=row, account=account, reason="She showed the SMS", by=officer(), at=now()) is None
    assert balance_of(account) == "10100.00"
    assert_books_balance()


def test_places_once_when_two_were_asked(account):
    row, other = received(MORE), make_account()
    first = operations.place(row=row, account=account, reason="Hers", by=officer(), at=now())
    second = operations.place(row=row, account=other, reason="His", by=officer(), at=now())
    approvals.approve(approval=first, by=officer(), at=now())
    with pytest.raises(AlreadyPlaced):
        approvals.approve(approval=second, by=officer(), at=now())
    assert (balance_of(account), balance_of(other)) == ("10100.01", "0.00")
    assert_books_balance()


def test_answers_an_app_that_a_second_person_is_asked(client, account):
    row, one = received(MORE), officer()
    path, body = f"/api/v1/mpesa/transactions/{row.public_id}/place/", {"account": account.number, "reason": "SMS"}
    answer = client.post(path, body, content_type="application/json", headers=bearer(one))
    assert (answer.status_code, answer.json()) == (202, {"approval": Approval.objects.get().pk})
    assert balance_of(account) == "100.00"


@pytest.mark.parametrize("minor", [ALONE, MORE])
def test_nobody_places_money_on_an_account_of_who_is_near(account, minor):
    row = received(minor)
    with pytest.raises(Connected):
        operations.place(row=row, account=account, reason="Hers", by=near(account.owner), at=now())
    assert balance_of(account) == "100.00"


def test_who_is_near_decides_nothing_about_their_money(account):
    large, row = received(MORE, "X", "SKL7H2M0QC"), received(700_00, account.number)
    doubtful = on_its_way(account.owner)
    ask = [
        lambda by: operations.place(row=large, account=account, reason="Hers", by=by, at=now()),
        lambda by: operations.ask_to_send_back(row=row, reason="Wrong bank", by=by, at=now()),
        lambda by: operations.ask_to_decide(
            row=doubtful, went=True, receipt="SBK7H2M0QX", reason="Seen", by=by, at=now()
        ),
    ]
    for each in ask[1:]:
        with pytest.raises(Connected):
            each(near(account.owner))
    for each in ask:
        asked = each(officer())
        with pytest.raises(Connected):
            approvals.approve(approval=asked, by=near(account.owner), at=now())
    assert balance_of(account) == "800.00"
    assert_books_balance()


def test_each_is_allowed_within_ones_own_limit_alone(account):
    large, row, doubtful = (
        received(MORE, "X", "SKL7H2M0QC"),
        received(700_00, account.number),
        on_its_way(account.owner),
    )
    for asked, limit in (
        (operations.place(row=large, account=account, reason="Hers", by=officer(), at=now()), 10_000_00),
        (operations.ask_to_send_back(row=row, reason="Wrong bank", by=officer(), at=now()), 699_99),
        (
            operations.ask_to_decide(
                row=doubtful, went=True, receipt="SBK7H2M0QX", reason="Seen", by=officer(), at=now()
            ),
            699_99,
        ),
    ):
        with pytest.raises(NotAllowed, match="own approval limit"):
            approvals.approve(approval=asked, by=officer(limit), at=now())
    assert balance_of(account) == "800.00"
