"""Money from M-Pesa that an account cannot take: refused while it has not moved, and never kept in silence."""

import json

import pytest

from apps.accounts.testing import balance_of, give, make_account, make_deposit
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.testing import deliver_events
from apps.ledger.testing import assert_books_balance
from apps.mpesa import operations, rules
from apps.mpesa.models import MpesaTransaction
from apps.notifications.testing import messages_to
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db(transaction=True)
PAYER = "254733000222"


@pytest.fixture
def paybill(safaricom):
    operations.register_addresses()
    return safaricom


def said_to(account) -> list[str]:
    deliver_events()
    return [str(one.body) for one in messages_to(account.owner.phone)]


def test_whoever_gave_their_pin_hears_that_the_money_waits(safaricom, account, top_up, client):
    push = top_up()
    give(account, "94000")  # so that the tier has no room for it any more
    safaricom.answer(push, pin="1234")
    safaricom.tell()
    push.refresh_from_db()
    assert (push.status, push.in_suspense, balance_of(account)) == ("COMPLETED", True, "99000.00")
    (text,) = [one for one in said_to(account) if push.receipt in one]
    assert "KES 1,500.00" in text
    assert "could not take it" in text
    path = f"/api/v1/mpesa/transactions/{push.public_id}/status/"
    shown = client.get(path, headers=bearer(account.owner)).json()
    assert (shown["status"], shown["in_suspense"]) == ("COMPLETED", True)
    assert "safe" in shown["why"]
    manager = make_staff("BRANCH_MANAGER")
    operations.place(row=push, account=make_account(), reason="His other account", by=manager, at=now())
    assert_books_balance()


def test_the_holder_hears_of_a_payment_to_the_paybill_that_waits_and_that_it_went_back(paybill):
    full = make_account(make_customer(), balance="99999")
    paybill.pay(PAYER, 700, full.number)
    paybill.tell()
    row = MpesaTransaction.objects.get()
    assert row.in_suspense
    assert len([one for one in said_to(full) if row.receipt in one and "could not take it" in one]) == 1
    one, two = (make_staff("BRANCH_MANAGER", limit_minor=1_000_000_00) for _nth in range(2))
    asked = operations.ask_to_send_back(row=row, reason="It cannot be placed", by=one, at=now())
    approvals.approve(approval=asked, by=two, at=now())
    paybill.work()
    row.refresh_from_db()
    assert row.status == "REVERSED"
    assert "sent back to M-Pesa" in said_to(full)[-1]


def test_what_nobody_is_named_for_is_told_to_nobody(paybill, account):
    paybill.pay(PAYER, 700, "ROSE")
    paybill.tell()
    assert said_to(account) == []


@pytest.mark.parametrize("kind", ["full", "deposit"])
def test_asked_beforehand_we_refuse_what_would_only_wait(paybill, client, settings, kind):
    if kind == "full":
        meant = make_account(make_customer(), balance="99999")
    else:
        meant = make_deposit(make_account(balance="5000"))
    path = f"/webhooks/daraja/c2b/validation/{settings.DARAJA_CALLBACK_SECRET}"
    body = {"TransID": "SKL7H2M0QX", "TransAmount": "700.00", "BillRefNumber": meant.number}
    told = client.post(path, json.dumps(body), content_type="application/json").json()
    assert told["ResultDesc"] == "Rejected"


def again(push: MpesaTransaction, shillings: int) -> rules.Received:
    return rules.Received("SKL7H2M0QZ", shillings * 100, push.account_reference, "174379", "", "")


@pytest.mark.parametrize("ended", ["paid", "cancelled"])
def test_who_pays_later_by_the_reference_of_a_prompt_pays_into_its_account(safaricom, account, top_up, ended):
    """M-Pesa keeps that reference and offers it when the person pays again."""
    push = top_up()
    safaricom.answer(push, **({"pin": "1234"} if ended == "paid" else {"cancel": True}))
    safaricom.tell()
    before = {"paid": "6500.00", "cancelled": "5000.00"}[ended]
    assert (operations.may_pay(again(push, 700), at=now()), balance_of(account)) == ("0", before)
    row = operations.confirm_c2b(told=again(push, 700), at=now())
    assert (row.kind, row.in_suspense, row.account) == ("C2B", False, account)
    assert balance_of(account) == {"paid": "7200.00", "cancelled": "5700.00"}[ended]
    assert operations.may_pay(again(push, 99_000), at=now()) == "C2B00013"
    assert_books_balance()
