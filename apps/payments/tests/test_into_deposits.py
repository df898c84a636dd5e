"""A fixed deposit takes no more money: nobody is named it, asks into it or shows a code for it."""

import pytest

from apps.accounts.errors import TakesNoMoney
from apps.accounts.testing import kes, make_account, make_deposit
from apps.kernel.clock import now
from apps.payments import operations
from apps.payments.errors import PayeeCannotReceive
from apps.payments.models import Payment, PaymentRequest, QrCode
from apps.payments.testing import begin_payment
from apps.payments.tests.bulk.firm import Firm

pytestmark = pytest.mark.django_db


@pytest.fixture
def deposit():
    return make_deposit(make_account(balance="1000"))


def test_a_payment_to_one_is_not_begun(deposit):
    payer = make_account(balance="100")
    with pytest.raises(PayeeCannotReceive):
        begin_payment(payer, deposit.number, "10")
    with pytest.raises(PayeeCannotReceive):
        operations.place_here(to=deposit.number, owner=payer.owner, at=now())
    assert not Payment.objects.exists()


def test_no_code_leads_to_one(deposit):
    with pytest.raises(TakesNoMoney):
        operations.ask_by_qr(account=deposit, amount=None, by=deposit.owner, at=now())
    assert not QrCode.objects.exists()


def test_a_batch_says_so_before_any_money_is_taken(deposit):
    bulk = Firm().bring([(deposit.number, "", "10", "")])
    assert [one.error for one in bulk.rows.all()] == ["PAYEE_CLOSED"]


def test_nobody_is_asked_to_pay_into_one(deposit):
    asked = {"by": deposit.owner, "phone": "0799000111", "amount": kes("5"), "key": "k", "at": now()}
    with pytest.raises(TakesNoMoney):
        operations.ask_for_payment(into_account=deposit, **asked)
    assert not PaymentRequest.objects.exists()
