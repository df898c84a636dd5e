"""Money for a business by M-Pesa: a prompt on the phone of who signs for it, or its account number at the paybill."""

import pytest

from apps.accounts.models import Transaction
from apps.accounts.testing import balance_of, business_account, kes, make_account
from apps.audit_trail.models import AuditLog
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.testing import deliver_events
from apps.ledger.testing import assert_books_balance
from apps.mpesa import operations
from apps.mpesa.models import MpesaTransaction
from apps.notifications.testing import messages_to
from apps.users.errors import Connected
from apps.users.testing import bearer, make_business, make_customer, make_member, make_staff

pytestmark = pytest.mark.django_db(transaction=True)
PUSH, DEPOSIT = "/api/v1/mpesa/transactions/stk-push/", "/api/v1/accounts/deposit/"


@pytest.fixture
def firm(transactional_db):
    return make_business(make_customer())


@pytest.fixture
def account(firm):
    return business_account(firm, balance="5000")


def ask(account, by, key="form-1"):
    return operations.start_top_up(account=account, phone=str(by.phone), amount=kes("1500"), key=key, by=by, at=now())


def test_is_on_its_account_once_a_signatory_gave_the_pin(safaricom, firm, account):
    clerk = make_member(firm, "SIGNATORY")
    push = ask(account, clerk)
    operations.send_push(push_id=push.pk, at=now())
    safaricom.answer(push, pin="1234")
    safaricom.tell()
    push.refresh_from_db()
    assert (push.status, push.user, balance_of(account)) == ("COMPLETED", clerk, "6500.00")
    line = Transaction.objects.filter(account=account).latest("pk")
    assert (line.reference, line.amount) == (push.receipt, kes("1500"))
    assert ask(account, clerk).pk == push.pk, "the form counts once, after it was paid too"
    assert MpesaTransaction.objects.count() == 1
    deliver_events()
    assert push.receipt in messages_to(str(firm.created_by.phone))[-1].body
    asked = AuditLog.objects.get(action="mpesa.top_up.asked")
    assert (asked.actor, asked.customer) == (clerk, firm.party)
    assert_books_balance()


def test_two_signatories_with_one_key_are_two_prompts(safaricom, firm, account):
    clerk = make_member(firm, "SIGNATORY")
    pushes = [ask(account, one) for one in (clerk, firm.created_by)]
    for push in pushes:
        operations.send_push(push_id=push.pk, at=now())
        safaricom.answer(push, pin="1234")
    safaricom.tell()
    assert set(MpesaTransaction.objects.values_list("status", flat=True)) == {"COMPLETED"}
    assert balance_of(account) == "8000.00"
    assert_books_balance()


def test_is_not_asked_for_by_others_nor_by_who_only_looks(firm, account):
    gone = make_member(firm, "SIGNATORY")
    firm.members.filter(user=gone).update(left_at=now())
    for who in (make_member(firm, "VIEWER"), make_customer(), gone):
        with pytest.raises(NotFound):
            ask(account, who)
    assert not MpesaTransaction.objects.exists()


@pytest.mark.parametrize("spaced", [False, True])
def test_the_paybill_finds_it_by_its_number(safaricom, firm, account, spaced):
    operations.register_addresses()
    number = f"{account.number[:4]} {account.number[4:]}" if spaced else account.number
    safaricom.pay("254733000222", 700, number)
    safaricom.tell()
    assert balance_of(account) == "5700.00"
    row = MpesaTransaction.objects.get()
    assert (row.user, row.in_suspense) == (firm.party, False)
    assert MpesaTransaction.objects.owned_by(firm.created_by).get() == row
    assert_books_balance()


def test_by_api_each_who_signs_asks_and_follows_it(client, firm, account):
    clerk, viewer = make_member(firm, "SIGNATORY"), make_member(firm, "VIEWER")
    body = {"amount": {"amount": "1500.00", "currency": "KES"}, "account": account.pk}
    sent = {"content_type": "application/json"}
    for who in (viewer, make_customer()):
        assert client.post(PUSH, body, headers=bearer(who), **sent).status_code == 404
        assert client.post(DEPOSIT, body, headers=bearer(who), **sent).status_code == 404
    made = client.post(PUSH, body, headers=bearer(clerk) | {"Idempotency-Key": "one"}, **sent)
    assert (made.status_code, made.json()["account"]) == (201, account.pk)
    begun = client.post(DEPOSIT, body, headers=bearer(firm.created_by) | {"Idempotency-Key": "one"}, **sent)
    assert begun.status_code == 202
    one = f"/api/v1/mpesa/transactions/{made.json()['id']}/status/"
    for who in (clerk, firm.created_by):
        assert client.get(one, headers=bearer(who)).json()["phone"] == clerk.phone
    for who in (viewer, make_customer()):
        assert client.get(one, headers=bearer(who)).status_code == 404


def test_a_signatory_does_not_take_its_money_out_to_their_own_phone(safaricom, client, firm, account):
    make_account(firm.created_by)
    body = {"amount": {"amount": "500.00", "currency": "KES"}, "from_account": account.pk}
    asked = client.post(
        "/api/v1/mpesa/transactions/withdraw/", body, content_type="application/json", headers=bearer(firm.created_by)
    )
    assert asked.status_code == 404
    assert balance_of(account) == "5000.00"


def test_staff_who_belong_to_it_do_not_send_its_money_back(safaricom, firm, account):
    push = ask(account, firm.created_by)
    operations.send_push(push_id=push.pk, at=now())
    safaricom.answer(push, pin="1234")
    safaricom.tell()
    push.refresh_from_db()
    by = make_staff("BRANCH_MANAGER")
    firm.members.create(user=by, role="VIEWER", joined_at=now())
    with pytest.raises(Connected):
        operations.ask_to_send_back(row=push, reason="Wrong amount", by=by, at=now())
    assert balance_of(account) == "6500.00"
