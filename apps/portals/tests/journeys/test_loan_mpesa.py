"""A loan repaid from a phone, M-Pesa's stand-in beside the bank: by a prompt, at our paybill, told twice, sent back."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest

from apps.accounts.testing import balance_of
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.testing import deliver_events
from apps.ledger.testing import assert_books_balance
from apps.lending import operations as lending
from apps.lending.models import Loan, Repayment
from apps.lending.operations import day as steps
from apps.lending.testing import make_borrower, make_loan, make_officer
from apps.mpesa import operations as mpesa
from apps.mpesa.models import Kind, MpesaTransaction
from apps.notifications.testing import messages_to
from apps.portals.testing import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
FRIEND = "254733000222"


@pytest.fixture
def loan(transactional_db):
    account = make_borrower(deposits="20000", kyc_tier="TIER_2")
    return make_loan(account, "5000", at=now() - timedelta(hours=2))


def fresh(loan):
    return Loan.objects.shown().get(pk=loan.pk)


def prompted(loan, amount="2000"):
    """The page is filled in, and the prompt sent."""
    browser = sign_in(loan.borrower)
    sent = {"idempotency_key": str(uuid.uuid4()), "amount": amount, "phone": str(loan.borrower.phone)}
    assert browser.post(f"/borrow/{loan.public_id}/mpesa", sent).status_code == 303
    push = MpesaTransaction.objects.get()
    mpesa.send_push(push_id=push.pk, at=now())
    return push


def test_an_approved_prompt_repays_the_loan_once(phones, loan):
    before = Decimal(balance_of(loan.account))
    push = prompted(loan)
    phones.plan("stk", callback="DUPLICATE")
    phones.answer(push, pin="1234")
    for _again in range(2):
        phones.tell()
        deliver_events()
    row = Repayment.objects.get()
    assert (row.amount_minor, row.source, fresh(loan).paid_minor) == (200_000, "MPESA", 200_000)
    assert Decimal(balance_of(loan.account)) == before
    assert_books_balance()


def test_a_prompt_that_was_cancelled_repays_nothing(phones, loan):
    before = balance_of(loan.account)
    push = prompted(loan)
    phones.answer(push, cancel=True)
    phones.tell()
    deliver_events()
    assert (Repayment.objects.count(), balance_of(loan.account)) == (0, before)
    assert_books_balance()


def test_a_friend_pays_at_the_paybill_and_what_is_more_stays(phones, loan):
    before = Decimal(balance_of(loan.account))
    phones.plan("c2b", callback="DUPLICATE")
    phones.pay(FRIEND, 5300, loan.reference.lower())
    for _again in range(2):
        phones.tell()
        deliver_events()
    assert (fresh(loan).status, Repayment.objects.get().amount_minor) == ("PAID", 525_000)
    assert Decimal(balance_of(loan.account)) == before + 50
    said = " ".join(one.body for one in messages_to(loan.borrower.phone))
    assert "KES 50.00 is more than it takes" in said
    phones.pay(FRIEND, 100, loan.reference)
    phones.tell()
    assert MpesaTransaction.objects.latest("pk").account_id is None or MpesaTransaction.objects.count() == 1
    assert_books_balance()


def test_a_receipt_that_paid_the_wrong_loan_goes_back_to_its_payer_whole(phones, loan):
    mpesa.register_addresses()
    before = Decimal(balance_of(loan.account))
    phones.pay(FRIEND, 5300, loan.reference)
    phones.tell()
    deliver_events()
    came, row = MpesaTransaction.objects.get(), Repayment.objects.get()
    asked = mpesa.ask_to_send_back(row=came, reason="Paid to the wrong loan", by=make_officer(), at=now())
    taken = lending.ask_reverse_repayment(
        repayment=row, because="PAYER", reason="Paid to the wrong loan", by=make_officer(), at=now()
    )
    approvals.approve(approval=taken, by=make_officer(), at=now())
    deliver_events()
    assert steps.collect_from(account_id=loan.account_id, key="swept", at=now()) == []
    approvals.approve(approval=asked, by=make_officer(), at=now())
    reversal = MpesaTransaction.objects.get(kind=Kind.REVERSAL)
    mpesa.send_reversal(reversal_id=reversal.pk, at=now())
    phones.tell()
    deliver_events()
    came.refresh_from_db()
    assert (came.status, fresh(loan).status, fresh(loan).paid_minor) == ("REVERSED", "ACTIVE", 0)
    assert Decimal(balance_of(loan.account)) == before
    said = " ".join(one.body for one in messages_to(loan.borrower.phone))
    assert "was taken back. The payer or M-Pesa took the money back." in said
    assert_books_balance()
