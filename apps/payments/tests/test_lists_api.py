"""Lists of payments are narrowed by state, kind, way and words, as every list of the API is."""

import pytest

from apps.accounts.testing import kes, make_account
from apps.kernel.clock import now
from apps.payments import operations
from apps.payments.testing import begin_payment, confirmed
from apps.users.testing import bearer, make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def payer():
    account = make_account(balance="5000")
    payee = make_account(make_customer(full_name="Otieno Ouma"))
    confirmed(begin_payment(account, payee.number, "10", note="Rent"))
    begin_payment(account, payee.number, "20")
    other = make_account(account.owner, product="SAVINGS")
    moved = {"from_account": account, "to_account": other, "amount": kes("30"), "key": "m"}
    operations.move_between_own(owner=account.owner, **moved, at=now())
    return account


@pytest.mark.parametrize(
    ("asked", "amounts"),
    [
        ("status=COMPLETED", ["30.00", "10.00"]),
        ("status=AWAITING_CONFIRMATION", ["20.00"]),
        ("kind=INTERNAL_TRANSFER", ["30.00"]),
        ("rail=mpesa", []),
        ("search=otieno", ["20.00", "10.00"]),
        ("search=rent", ["10.00"]),
        ("status=COMPLETED&kind=P2P_TRANSFER&page_size=1", ["10.00"]),
        ("", ["30.00", "20.00", "10.00"]),
    ],
)
def test_payments_are_narrowed(client, payer, asked, amounts):
    told = client.get(f"/api/v1/payments/?{asked}", headers=bearer(payer.owner)).json()
    assert [one["amount"]["amount"] for one in told["results"]] == amounts


@pytest.mark.parametrize("path", ["payments", "mpesa/transactions"])
def test_a_state_that_is_none_is_400(client, payer, path):
    assert client.get(f"/api/v1/{path}/?status=NOPE", headers=bearer(payer.owner)).status_code == 400


def test_nobody_finds_anothers_by_searching(client, payer):
    stranger = make_account().owner
    assert client.get("/api/v1/payments/?search=otieno", headers=bearer(stranger)).json()["results"] == []


def test_requests_are_narrowed_by_state(client, payer):
    asked = {"by": payer.owner, "phone": "0799 000 111", "into_account": payer, "at": now()}
    operations.ask_for_payment(**asked, amount=kes("5"), key="1")
    gone = operations.ask_for_payment(**asked, amount=kes("6"), key="2")
    operations.cancel_request(request=gone, by=payer.owner, at=now())
    told = client.get("/api/v1/payment-requests/?status=OPEN&side=made", headers=bearer(payer.owner)).json()
    assert [one["amount"]["amount"] for one in told["results"]] == ["5.00"]
    assert client.get("/api/v1/payment-requests/?status=NOPE", headers=bearer(payer.owner)).status_code == 400
