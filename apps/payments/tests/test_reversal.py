"""A payment that two of staff take back in the books is taken back: nobody is given the money a second time."""

from functools import partial

import pytest

from apps.accounts.testing import balance_of, kes, make_account
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.models import OutboxEvent
from apps.kernel.testing import at_once, refusals
from apps.ledger import operations as ledger
from apps.ledger import verification
from apps.ledger.errors import TransferTied
from apps.ledger.testing import assert_books_balance
from apps.payments.errors import NotRefundable
from apps.payments.models import Payment
from apps.payments.tests.test_confirm import begin, pay
from apps.payments.tests.test_refund import give_back
from apps.users.testing import make_staff

LIMIT = 10_000_00


def made(amount="1000"):
    payer, payee = make_account(balance="50000"), make_account()
    return pay(begin(payer, payee.number, kes(amount))), payer, payee


def asked(payment):
    transfer = Payment.objects.get(pk=payment.pk).transfer_id
    return ledger.ask_reversal(transfer_id=transfer, reason="Paid twice", by=make_staff("ADMIN"), at=now())


def approved(request):
    return approvals.approve(approval=request, by=make_staff("ADMIN", limit_minor=LIMIT), at=now())


@pytest.mark.django_db
def test_what_the_books_took_back_is_not_refunded_as_well():
    payment, payer, payee = made()
    approved(asked(payment))
    payment.refresh_from_db()
    assert (payment.status, balance_of(payer), balance_of(payee)) == ("REVERSED", "50000.00", "0.00")
    assert OutboxEvent.objects.get(name="payments.payment.reversed").payload["payment_id"] == payment.pk
    with pytest.raises(NotRefundable):
        give_back(payment)
    assert balance_of(payer) == "50000.00"
    assert_books_balance()


@pytest.mark.django_db
def test_what_was_refunded_in_part_is_not_taken_back_whole():
    payment, payer, payee = made()
    request = asked(payment)
    give_back(payment, "400")
    for refused in (partial(approved, request), partial(asked, payment)):
        with pytest.raises(TransferTied, match="Some of this payment was sent back"):
            refused()
    assert (balance_of(payer), balance_of(payee)) == ("49400.00", "600.00")


@pytest.mark.django_db(transaction=True)
def test_a_refund_and_a_reversal_at_once_give_the_money_back_once():
    payment, payer, payee = made()
    request, officer, checker = asked(payment), make_staff("BRANCH_MANAGER"), make_staff("ADMIN", limit_minor=LIMIT)
    both = (
        partial(give_back, payment, by=officer),
        partial(approvals.approve, approval=request, by=checker, at=now()),
    )
    assert len(refusals(at_once(*both))) == 1
    assert (balance_of(payer), balance_of(payee)) == ("50000.00", "0.00")
    assert_books_balance()


@pytest.mark.django_db
def test_the_audit_of_the_books_finds_a_payment_that_went_back_and_does_not_say_so():
    payment, _payer, _payee = made()
    assert verification.verify(["payments.taken_back_says_so"]) == []
    approved(asked(payment))
    Payment.objects.filter(pk=payment.pk).update(status="COMPLETED")
    (finding,) = verification.verify(["payments.taken_back_says_so"])
    assert payment.reference in str(finding)
