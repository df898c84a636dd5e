"""A prompt at a shop's till: on the account once, for what M-Pesa took, however the news of it comes."""

import json

import pytest

from apps.accounts.errors import TakesNoMoney
from apps.accounts.testing import balance_of, kes, make_deposit
from apps.kernel.clock import now
from apps.kernel.testing import at_once
from apps.ledger.testing import assert_books_balance
from apps.mpesa import operations, queries, rules
from apps.mpesa.errors import BadPaybill, KeyReused
from apps.mpesa.models import Callback, MpesaTransaction
from apps.users.testing import bearer

pytestmark = pytest.mark.django_db(transaction=True)
TILL = "300584"


def begin(account, *, till=TILL, key="form-1", amount="1500"):
    return operations.start_top_up(account=account, till=till, amount=kes(amount), key=key, by=account.owner, at=now())


def sent(account, **more):
    push = begin(account, **more)
    operations.send_push(push_id=push.pk, at=now())
    push.refresh_from_db()
    return push


def told(push, **words):
    body = {"resultCode": "0", "amount": "1500.0", "requestId": push.public_id.hex, "transactionId": "SKL7H2M0QX"}
    kept = operations.receive(product="express", about=push.public_id, raw=json.dumps(body | words), at=now())
    return operations.apply_callback(callback_id=kept.pk, at=now())


def test_is_on_the_account_when_the_operator_agreed(safaricom, account):
    push = sent(account)
    assert (push.status, push.till, push.phone, balance_of(account)) == ("PENDING", TILL, None, "5000.00")
    safaricom.tell()
    push.refresh_from_db()
    assert (push.status, balance_of(account)) == ("COMPLETED", "6500.00")
    assert push.receipt
    assert_books_balance()


def test_says_when_the_operator_did_not(safaricom, account):
    safaricom.plan("express", answer="CANCEL")
    push = sent(account)
    if push.status == "PENDING":
        safaricom.tell()
    push.refresh_from_db()
    assert (push.status, push.result_code, balance_of(account)) == ("CANCELLED", "4001", "5000.00")
    assert str(queries.why(push)) == "The prompt was cancelled at the till. Nothing was taken."


def test_twice_at_once_and_other_figures_book_no_more_than_was_asked(account):
    push = begin(account)
    MpesaTransaction.objects.filter(pk=push.pk).update(status="PENDING", sent_at=now())
    assert told(push, amount="1499.0").outcome == "DISPUTED"
    assert told(push, requestId="another").outcome == "UNMATCHED"
    assert balance_of(account) == "5000.00"
    at_once(*[lambda: told(push)] * 4)
    assert (Callback.objects.filter(outcome="APPLIED").count(), balance_of(account)) == (1, "6500.00")
    assert told(push, transactionId="SKL7H2M0QY").outcome == "DISPUTED"
    assert_books_balance()


def test_asks_nobody_to_pay_into_a_fixed_deposit(account):
    with pytest.raises(TakesNoMoney, match="No money moved"):
        begin(make_deposit(account))
    assert not MpesaTransaction.objects.exists()


@pytest.mark.parametrize("body", [[], {}, {"resultCode": "0", "amount": "x"}])
def test_what_is_no_answer_is_unreadable(body):
    with pytest.raises(rules.Unreadable):
        rules.read_till_push(body)


def test_refuses_what_is_no_till_and_keeps_a_key_to_its_figures(account):
    with pytest.raises(BadPaybill):
        begin(account, till="30x584")
    first = begin(account)
    assert begin(account) == first
    with pytest.raises(KeyReused):
        begin(account, till="300500")
    assert MpesaTransaction.objects.count() == 1


def test_is_asked_for_by_api(safaricom, account, client):
    body = {"till": TILL, "amount": {"amount": "20.00", "currency": "KES"}}
    path, headers = "/api/v1/mpesa/transactions/till-push/", bearer(account.owner)
    answer = client.post(path, body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (201, "INITIATED")
    assert MpesaTransaction.objects.get().till == TILL
    wrong = client.post(path, body | {"till": "1"}, content_type="application/json", headers=headers)
    assert wrong.status_code == 400
