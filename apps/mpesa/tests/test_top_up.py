"""A top-up is on the account once, for what M-Pesa took, however the news of it comes."""

import json
from datetime import timedelta

import httpx
import pytest

from apps.accounts.errors import LimitExceeded
from apps.accounts.models import Transaction
from apps.accounts.testing import balance_of, give, kes, make_account
from apps.kernel import breaker, http
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.models import ProviderState
from apps.kernel.money import CurrencyMismatch, Money
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger.testing import assert_books_balance
from apps.mpesa import operations, rules, tasks, tokens
from apps.mpesa.errors import BadMpesaPhone, KeyReused, NotWholeShillings, OutsideMpesaLimits
from apps.mpesa.models import AccessToken, Callback, MpesaTransaction
from apps.mpesa.operations.callbacks import ask_by_receipt
from apps.notifications.testing import messages_to
from apps.users.rules import masked_phone
from apps.users.testing import bearer
from simulators import callbacks

pytestmark = pytest.mark.django_db(transaction=True)


def state(push: MpesaTransaction) -> str:
    push.refresh_from_db()
    return push.status


def test_is_on_the_account_when_the_pin_was_given(safaricom, account, top_up):
    push = top_up()
    assert (push.status, balance_of(account)) == ("PENDING", "5000.00")
    safaricom.answer(push, pin="1234")
    safaricom.tell()
    assert (state(push), balance_of(account)) == ("COMPLETED", "6500.00")
    line = Transaction.objects.filter(account=account).latest("pk")
    assert (line.reference, line.txn_type, line.amount) == (push.receipt, "DEPOSIT", kes("1500"))
    assert line.description == f"From M-Pesa {masked_phone(str(account.owner.phone))}"
    deliver_events()
    text = messages_to(account.owner.phone)[-1].body
    assert push.receipt in text
    assert "6,500.00" in text
    assert_books_balance()


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [({"cancel": True}, "CANCELLED", "1032"), ({"pin": "0000"}, "FAILED", "2001")],
)
def test_says_why_when_the_person_does_not_pay(safaricom, account, top_up, how, status, code):
    push = top_up()
    safaricom.answer(push, **how)
    safaricom.tell()
    assert (state(push), push.result_code, balance_of(account)) == (status, code, "5000.00")
    deliver_events()
    assert "Nothing was taken" in messages_to(account.owner.phone)[-1].body


REFUSALS = "1 2 3 4 8 17 26 1001 1019 1025 1031 1036 1037 2028 8006 9999 SFC_IC0003"


@pytest.mark.parametrize("code", REFUSALS.split())
def test_every_refusal_ends_it_and_nothing_moves(safaricom, account, top_up, code):
    safaricom.plan("stk", result_code=code, answer="PIN", answer_after=0)
    push = top_up()
    safaricom.tell()
    safaricom.tell()
    assert (state(push), push.result_code, balance_of(account)) == ("FAILED", code, "5000.00")
    assert_books_balance()


@pytest.mark.parametrize("fate", ["DUPLICATE", "BEFORE", "WRONG_TYPE"])
def test_strange_callbacks_book_it_once(safaricom, account, top_up, fate):
    safaricom.plan("stk", callback=fate, answer="PIN", answer_after=0)
    push = top_up()
    for _nth in range(3):
        safaricom.tell()
    assert (state(push), balance_of(account)) == ("COMPLETED", "6500.00")
    assert_books_balance()


@pytest.mark.parametrize("fate", ["NEVER", "GARBAGE", "UNKNOWN_ID"])
def test_without_a_callback_the_paybills_own_confirmation_books_it(safaricom, account, top_up, fate):
    operations.register_addresses()
    safaricom.plan("stk", callback=fate)
    push = top_up()
    safaricom.answer(push, pin="1234")
    safaricom.tell()
    assert (state(push), balance_of(account)) == ("COMPLETED", "6500.00")
    safaricom.tell()
    assert balance_of(account) == "6500.00"
    assert_books_balance()


def test_without_any_news_it_is_checked_and_never_called_failed(safaricom, account, top_up):
    safaricom.plan("stk", callback="NEVER")
    push = top_up()
    safaricom.answer(push, pin="1234")
    MpesaTransaction.objects.update(sent_at=now() - timedelta(minutes=2))
    tasks.ask_about_silence()
    assert (state(push), balance_of(account)) == ("CHECKING", "5000.00")
    MpesaTransaction.objects.update(created_at=now() - timedelta(days=2), asked_at=None)
    tasks.ask_about_silence()
    assert state(push) == "CHECKING", "M-Pesa said that it was paid, so nobody says that nothing was taken"


def test_what_nobody_ever_hears_of_is_over_after_a_day(account, top_up, safaricom):
    push = top_up()
    MpesaTransaction.objects.update(
        checkout_request_id=None, created_at=now() - timedelta(days=2), sent_at=now() - timedelta(days=2)
    )
    tasks.ask_about_silence()
    assert (state(push), push.result_code) == ("FAILED", "unheard")


@pytest.mark.django_db(transaction=True)
def test_a_form_pressed_eight_times_at_once_is_one_prompt(account):
    words = {"account": account, "phone": "0712345908", "amount": kes("10"), "key": "k", "by": account.owner}
    tried = at_once(*[lambda: operations.start_top_up(**words, at=now())] * 8)
    assert refusals(tried) == []
    assert MpesaTransaction.objects.count() == 1


def test_without_any_callback_the_pull_feed_books_it_once(safaricom, account, top_up):
    operations.register_addresses()
    safaricom.plan("stk", callback="NEVER")
    safaricom.plan("c2b", callback="NEVER")
    push = top_up()
    safaricom.answer(push, pin="1234")
    tasks.pull_receipts()
    tasks.pull_two_days()
    assert (state(push), balance_of(account)) == ("COMPLETED", "6500.00")
    assert_books_balance()


def test_without_any_news_of_a_cancelled_one_a_query_tells(safaricom, account, top_up):
    safaricom.plan("stk", callback="NEVER")
    push = top_up()
    MpesaTransaction.objects.update(sent_at=now() - timedelta(minutes=2))
    tasks.ask_about_silence()
    assert state(push) == "PENDING"  # still on the phone
    safaricom.answer(push, cancel=True)
    MpesaTransaction.objects.update(asked_at=now() - timedelta(minutes=2))
    tasks.ask_about_silence()
    assert (state(push), push.result_code) == ("CANCELLED", "1032")


def test_another_amount_is_not_believed_but_asked_about(safaricom, account, top_up):
    safaricom.plan("stk", callback="WRONG_AMOUNT")
    push = top_up()
    safaricom.answer(push, pin="1234")
    safaricom.tell()
    assert (state(push), balance_of(account)) == ("CHECKING", "5000.00")
    disputed = Callback.objects.get(outcome="DISPUTED")
    receipt = next(row["receipt"] for row in safaricom.truth()["pushes"])
    ask_by_receipt(transaction_id=push.pk, receipt=receipt, at=now())
    safaricom.tell()
    assert (state(push), balance_of(account), disputed.about_id) == ("COMPLETED", "6500.00", push.pk)
    assert_books_balance()


def test_a_receipt_that_is_booked_already_is_not_booked_for_the_prompt_too(account):
    """The paybill's confirmation told of another amount, so its money is in suspense; then the question is answered."""
    words = {"account": account, "phone": str(account.owner.phone), "amount": kes("1500"), "key": "form-1"}
    push = operations.start_top_up(**words, by=account.owner, at=now())
    told = rules.Received("SKL7H2M0QX", 1400_00, push.account_reference, "174379", "", "")
    operations.confirm_c2b(told=told, at=now())
    facts = [{"Key": "TransactionStatus", "Value": "Completed"}, {"Key": "ReceiptNo", "Value": "SKL7H2M0QX"}]
    facts.append({"Key": "Amount", "Value": 1400})
    said = {"Result": {"ResultCode": 0, "ResultParameters": {"ResultParameter": facts}}}
    kept = operations.receive(product="status", about=push.public_id, raw=json.dumps(said), at=now())
    kept = operations.apply_callback(callback_id=kept.pk, at=now())
    assert (kept.outcome, balance_of(account)) == ("DISPUTED", "5000.00")
    assert "SKL7H2M0QX" in kept.why
    assert_books_balance()


def test_signs_that_no_text_may_hold_keep_no_money_out(account):
    """Half of a character (a name cut by M-Pesa) is JSON, and no text: the payment is booked all the same."""
    said = {
        "TransID": "SKL7H2M0QX",
        "TransAmount": "700",
        "BillRefNumber": account.number,
        "FirstName": "Wafula \ud83d",
    }
    kept = operations.receive(product="c2b", about=None, raw=json.dumps(said), at=now())
    assert operations.apply_callback(callback_id=kept.pk, at=now()).outcome == "APPLIED"
    assert balance_of(account) == "5700.00"


@pytest.mark.parametrize("fate", ["TIMEOUT", "RESET", "GARBAGE"])
def test_a_prompt_whose_answer_was_lost_is_not_sent_again_and_is_found(safaricom, account, top_up, fate, monkeypatch):
    monkeypatch.setattr(http.send, "__kwdefaults__", {**http.send.__kwdefaults__, "timeout": httpx.Timeout(1.0)})
    safaricom.plan("stk", sync=fate, sync_done=True)
    push = top_up()
    assert state(push) == "CHECKING"
    tasks.sweep_mpesa()
    assert len(safaricom.truth()["pushes"]) == 1
    safaricom.answer(push, pin="1234")
    safaricom.tell()
    assert (state(push), balance_of(account)) == ("COMPLETED", "6500.00")
    assert_books_balance()


def test_refused_before_anything_was_done_it_failed(safaricom, account, top_up):
    safaricom.plan("stk", sync="SPIKE_ARREST")
    push = top_up()
    assert (push.status, push.result_code) == ("FAILED", "500.003.02")


def test_a_prompt_that_never_left_is_tried_three_times(settings, account, top_up):
    settings.DARAJA_URL = "http://127.0.0.1:9"
    AccessToken.objects.all().delete()
    push = top_up()
    for _nth in range(3):
        ProviderState.objects.all().delete()
        tasks.sweep_mpesa()
    assert (state(push), push.result_code) == ("FAILED", "not_reached")


@pytest.mark.parametrize("is_in", [True, False])
def test_a_prompt_held_back_by_a_rest_or_for_want_of_a_token_never_left_either(account, top_up, monkeypatch, is_in):
    """Nothing was sent, so nobody is told for a day that we are checking."""
    if is_in:
        breaker.switch("daraja", is_off=True)
    else:
        monkeypatch.setattr(tokens, "_ask", _silent)
    push = top_up()
    assert state(push) == "INITIATED"
    for _nth in range(2):
        tasks.sweep_mpesa()
    assert (state(push), push.result_code) == ("FAILED", "not_reached")


def _silent():
    raise http.NoAnswer("the token was asked for and nothing came")


def test_a_token_that_ended_is_renewed_once_for_all(safaricom, account, top_up):
    old = tokens.current()
    tokens.renewed(old)  # the provider ends the one before
    row = AccessToken.objects.get()
    row.token = old
    row.save()
    push = top_up()
    assert push.status == "PENDING"
    AccessToken.objects.update(expires_at=now())
    assert len(set(at_once(*[tokens.current] * 4))) == 1


def test_told_by_eight_at_once_it_is_booked_once(safaricom, account, top_up):
    operations.register_addresses()
    safaricom.plan("stk", callback="DUPLICATE")
    push = top_up()
    safaricom.answer(push, pin="1234")
    callbacks.post_due(safaricom.house)
    kept = list(Callback.objects.values_list("pk", flat=True))
    assert len(kept) >= 3
    acts = [lambda pk=pk: operations.apply_callback(callback_id=pk, at=now()) for pk in kept for _nth in range(3)]
    assert refusals(at_once(*acts)) == []
    assert (state(push), balance_of(account)) == ("COMPLETED", "6500.00")
    assert_books_balance()


def test_a_form_sent_twice_is_one_prompt(account, top_up, safaricom):
    first = top_up()
    assert top_up().pk == first.pk
    with pytest.raises(KeyReused):
        top_up("1501")
    assert len(safaricom.truth()["pushes"]) == 1


@pytest.mark.parametrize(
    ("amount", "no"),
    [
        (kes("0.50"), NotWholeShillings),
        (kes("10.01"), NotWholeShillings),
        (kes("0"), OutsideMpesaLimits),
        (kes("-5"), OutsideMpesaLimits),
        (kes("250001"), OutsideMpesaLimits),
        (Money.of("10", "USD"), CurrencyMismatch),
    ],
)
def test_refuses_what_mpesa_does_not_carry(account, amount, no):
    with pytest.raises(no):
        operations.start_top_up(account=account, phone="0712345908", amount=amount, key="k", by=account.owner, at=now())
    assert not MpesaTransaction.objects.exists()


def test_asks_for_no_pin_where_the_tier_has_no_room_and_the_first_answer_stays(account):
    words = {"account": account, "phone": "0712345908", "by": account.owner, "at": now()}
    with pytest.raises(LimitExceeded) as no:
        operations.start_top_up(amount=kes("95001"), key="k", **words)
    assert no.value.facts["left"] == {"amount": "95000.00", "currency": "KES"}
    assert not MpesaTransaction.objects.exists()
    first = operations.start_top_up(amount=kes("95000"), key="k", **words)
    give(account, "1000")
    assert operations.start_top_up(amount=kes("95000"), key="k", **words) == first


def test_refuses_other_phones_and_other_peoples_accounts(account):
    words = {"account": account, "amount": kes("10"), "key": "k", "at": now()}
    for phone in ("", "12", "+14155550100", "0202222222"):
        with pytest.raises(BadMpesaPhone):
            operations.start_top_up(phone=phone, by=account.owner, **words)
    with pytest.raises(NotFound):
        operations.start_top_up(phone="0712345908", by=make_account().owner, **words)


@pytest.mark.parametrize("path", ["", "stk-push/", "till-push/", "withdraw/"])
@pytest.mark.parametrize(("amount", "status"), [("0", 422), ("-5", 422), ("250001", 422), ("0.50", 400)])
def test_outside_what_mpesa_carries_is_422_and_a_part_of_a_shilling_400(client, account, path, amount, status):
    body = {"amount": {"amount": amount, "currency": "KES"}} | ({"till": "300584"} if path == "till-push/" else {})
    asked = {"content_type": "application/json", "headers": bearer(account.owner)}
    told = client.post(f"/api/v1/mpesa/transactions/{path}", body, **asked)
    code = {422: "amount_outside_mpesa_limits", 400: "whole_shillings_only"}[status]
    assert (told.status_code, told.json()["code"]) == (status, code)
    assert not MpesaTransaction.objects.exists()
