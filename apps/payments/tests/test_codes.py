"""A code is paid as the bank wrote it, in the currency it asks for, or not at all."""

from dataclasses import replace

import pytest

from apps.accounts.testing import balance_of, kes, make_account
from apps.kernel.clock import now
from apps.kernel.money import BadAmount
from apps.payments import operations
from apps.payments.errors import BadQr
from apps.payments.models import Payment
from apps.payments.operations.ask import payload
from apps.payments.rules import ke_qr
from apps.payments.testing import make_sale, make_shop
from apps.users.testing import bearer

pytestmark = pytest.mark.django_db


def begin(payer, to, amount=None) -> Payment:
    return operations.start(payer=payer.owner, from_account=payer, to=to, amount=amount, key="form-1", at=now())


@pytest.mark.parametrize(
    "altered",
    [
        {"reference": "ZZZZZZZZZZ"},
        {"reference": "ZZZZZZZZZZ", "amount": "4.00"},
        {"reference": "", "amount": "4.00"},
        {"reference": "", "amount": None, "currency": "USD"},
    ],
)
def test_a_code_of_ours_that_the_bank_did_not_write_is_not_paid(altered):
    payer, payee = make_account(balance="100"), make_account()
    ask = ke_qr.read(payload(operations.ask_by_qr(account=payee, amount=kes("40"), by=payee.owner, at=now())))
    with pytest.raises(BadQr):
        begin(payer, ke_qr.write(replace(ask, **altered)), kes("4"))
    assert (Payment.objects.count(), balance_of(payer)) == (0, "100.00")


def test_a_code_that_names_the_account_alone_is_paid():
    payer, payee = make_account(balance="100"), make_account()
    ask = ke_qr.read(payload(operations.ask_by_qr(account=payee, amount=None, by=payee.owner, at=now())))
    assert begin(payer, ke_qr.write(replace(ask, reference="")), kes("4")).to_account == payee


@pytest.mark.parametrize("kind", ["TILL", "PHONE"])
def test_a_way_out_in_shillings_takes_no_code_that_asks_for_dollars(kind):
    number = {"TILL": "300584", "PHONE": "254722000114"}[kind]
    ask = ke_qr.Ask(payee=ke_qr.Payee(ke_qr.Kind[kind], number), currency="USD", name="MAMA MBOGA")
    with pytest.raises(BadQr, match="USD"):
        operations.way_out(ke_qr.write(ask))
    assert operations.way_out(ke_qr.write(replace(ask, currency="KES")))


@pytest.mark.parametrize("amount", ["10000000000", "1000000000000.01"])
def test_an_amount_longer_than_a_code_holds_is_refused_and_the_list_of_codes_stays_readable(client, amount):
    payee = make_account()
    asked = {"account": payee.pk, "amount": {"amount": amount, "currency": "KES"}}
    sent = {"content_type": "application/json", "headers": bearer(payee.owner)}
    told = client.post("/api/v1/qr-codes/", asked, **sent)
    assert (told.status_code, told.json()["code"]) == (400, "bad_amount")
    asked["amount"]["amount"] = "9999999999.99"
    assert client.post("/api/v1/qr-codes/", asked, **sent).status_code == 201
    assert len(client.get("/api/v1/qr-codes/", headers=bearer(payee.owner)).json()["results"]) == 1


def test_a_sale_longer_than_its_code_holds_is_refused():
    shop = make_shop(make_account())
    with pytest.raises(BadAmount, match=r"9,999,999,999\.99"):
        make_sale(shop, "10000000000")
    assert operations.code_of_sale(make_sale(shop, "9999999999.99"))
