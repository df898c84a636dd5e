"""A code is paid as the bank wrote it, in the currency it asks for, or not at all."""

from dataclasses import replace

import pytest

from apps.accounts.testing import balance_of, kes, make_account
from apps.kernel.clock import now
from apps.payments import operations
from apps.payments.errors import BadQr
from apps.payments.models import Payment
from apps.payments.operations.ask import payload
from apps.payments.rules import ke_qr

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
