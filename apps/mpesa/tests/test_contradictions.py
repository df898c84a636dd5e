"""What M-Pesa says twice and differently: nobody is told what is not so, and nothing is asked for ever."""

import json
from datetime import timedelta

import pytest

from apps.accounts.testing import balance_of, kes
from apps.kernel import approvals, http
from apps.kernel.clock import now
from apps.kernel.testing import deliver_events
from apps.ledger.testing import assert_books_balance
from apps.mpesa import daraja, operations, queries, rules, tasks
from apps.mpesa.errors import NotToDecide
from apps.mpesa.models import BalanceQuestion, Callback, MpesaTransaction
from apps.notifications.testing import messages_to
from apps.payments import tasks as carrying
from apps.users.queries import system_user
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db(transaction=True)
RECEIPT = "SKL7H2M0QX"


@pytest.fixture
def push(account):
    """A prompt that was sent two minutes ago."""
    words = {"account": account, "phone": str(account.owner.phone), "amount": kes("1500"), "key": "form-1"}
    made = operations.start_top_up(**words, by=account.owner, at=now())
    made.status, made.sent_at, made.checkout_request_id = "PENDING", now() - timedelta(minutes=2), "ws_CO_1"
    made.save()
    return made


def heard(push: MpesaTransaction, product: str, said: dict[str, object]) -> Callback:
    kept = operations.receive(product=product, about=push.public_id, raw=json.dumps(said), at=now())
    kept = operations.apply_callback(callback_id=kept.pk, at=now())
    push.refresh_from_db()
    return kept


def prompt_says(push: MpesaTransaction, code: object, *, amount: int = 1500, receipt: str = RECEIPT) -> Callback:
    told = {"CheckoutRequestID": "ws_CO_1", "ResultCode": code, "ResultDesc": "x"}
    if code == 0:
        items = [{"Name": "Amount", "Value": amount}, {"Name": "MpesaReceiptNumber", "Value": receipt}]
        told["CallbackMetadata"] = {"Item": items}
    return heard(push, "stk", {"Body": {"stkCallback": told}})


def status_says(push: MpesaTransaction, **facts: object) -> Callback:
    pairs = [{"Key": key, "Value": value} for key, value in facts.items()]
    return heard(push, "status", {"Result": {"ResultCode": 0, "ResultParameters": {"ResultParameter": pairs}}})


@pytest.fixture
def asked(monkeypatch):
    """What M-Pesa is asked, and that a prompt is paid is all it answers."""
    questions = []
    paid = rules.Outcome(code=rules.PAID, text="")
    monkeypatch.setattr(daraja, "stk_query", lambda **words: questions.append("prompt") or paid)
    monkeypatch.setattr(
        daraja, "transaction_status", lambda *, receipt, **words: questions.append(receipt) or daraja.Taken()
    )
    return questions


def officer():
    return make_staff("BRANCH_MANAGER", limit_minor=1_000_000_00)


def later(**ago: float) -> None:
    MpesaTransaction.objects.filter(asked_at__isnull=False).update(asked_at=now() - timedelta(**ago))
    tasks.ask_about_silence()


def in_suspense(push: MpesaTransaction, shillings: int) -> None:
    told = rules.Received(RECEIPT, shillings * 100, push.account_reference, "174379", "", "")
    operations.confirm_c2b(told=told, at=now())


@pytest.mark.parametrize("amount", [1400, 1500])
def test_a_prompt_whose_receipt_is_booked_elsewhere_ends_and_is_asked_about_no_more(account, push, asked, amount):
    in_suspense(push, 1400)
    kept = prompt_says(push, 0, amount=amount)
    assert (kept.outcome, push.status, push.result_code) == ("DISPUTED", "FAILED", "elsewhere")
    assert RECEIPT in push.result_text
    later(days=1)
    assert asked == []
    deliver_events()
    (text,) = [one.body for one in messages_to(account.owner.phone) if "1,500" in one.body]
    assert "The money is safe. Do not pay again" in text
    assert "Nothing was taken" not in f"{text} {queries.why(push)}"
    assert balance_of(account) == "5000.00"
    assert_books_balance()


def test_ended_so_it_is_still_booked_by_a_receipt_of_its_own(account, push):
    in_suspense(push, 1400)
    prompt_says(push, 0)
    operations.confirm_c2b(
        told=rules.Received("SKL7H2M0QY", 1500_00, push.account_reference, "174379", "", ""), at=now()
    )
    push.refresh_from_db()
    assert (push.status, push.receipt, balance_of(account)) == ("COMPLETED", "SKL7H2M0QY", "6500.00")
    assert_books_balance()


def test_a_paid_prompt_without_a_receipt_is_asked_about_by_the_one_that_was_named_and_seldom(account, push, asked):
    """The prompt itself has nothing more to tell; the wake-up call that asked by the receipt may have been lost."""
    prompt_says(push, 0, amount=1499)
    assert (push.status, push.result_code) == ("CHECKING", "0")
    tasks.ask_about_silence()
    later(minutes=2)
    assert asked == [RECEIPT]
    later(hours=2)
    assert asked == [RECEIPT, RECEIPT]
    status_says(push, TransactionStatus="Completed", ReceiptNo=RECEIPT, Amount="1500.00")
    assert (push.status, balance_of(account)) == ("COMPLETED", "6500.00")


def test_a_paid_prompt_nobody_names_a_receipt_of_is_not_asked_about_for_ever(push, asked):
    tasks.ask_about_silence()
    push.refresh_from_db()
    assert (push.status, push.result_code) == ("CHECKING", "0")
    later(minutes=2)
    later(days=2)
    assert asked == ["prompt"]


def test_old_questions_keep_no_new_prompt_waiting(push, account, asked, monkeypatch):
    monkeypatch.setattr(tasks, "ONE_SWEEP", 1)
    MpesaTransaction.objects.update(asked_at=now() - timedelta(minutes=1), sent_at=now() - timedelta(hours=1))
    words = {"account": account, "phone": str(account.owner.phone), "amount": kes("10"), "key": "form-2"}
    new = operations.start_top_up(**words, by=account.owner, at=now())
    sent = {"status": "PENDING", "sent_at": now() - timedelta(minutes=2), "checkout_request_id": "ws_CO_2"}
    MpesaTransaction.objects.filter(pk=new.pk).update(**sent)
    tasks.ask_about_silence()
    new.refresh_from_db()
    assert new.status == "CHECKING"


@pytest.mark.parametrize("code", [1032, 1037, "SFC_IC0003"])
def test_a_refusal_after_it_was_called_paid_is_disputed_and_told_to_nobody(account, push, asked, code):
    tasks.ask_about_silence()
    kept = prompt_says(push, code)
    assert (kept.outcome, push.status, push.result_code) == ("DISPUTED", "CHECKING", "0")
    deliver_events()
    assert not [one for one in messages_to(account.owner.phone) if "Nothing was taken" in one.body]
    prompt_says(push, 0)
    assert (push.status, balance_of(account)) == ("COMPLETED", "6500.00")
    assert_books_balance()


def test_what_the_receipt_itself_says_overrules_it(push):
    prompt_says(push, 0, amount=1499)
    status_says(push, TransactionStatus="Declined", ReceiptNo=RECEIPT)
    assert (push.status, push.result_code) == ("FAILED", "declined")


def test_an_answer_that_fits_no_column_is_read_once_and_put_away(push):
    assert status_says(push, TransactionStatus="Odd\0 one\ud800", ReceiptNo="S").outcome == "NOTHING_NEW"
    assert push.status == "PENDING"


@pytest.mark.parametrize("went", [True, False])
def test_two_people_end_a_paid_prompt_that_no_receipt_ever_came_for(account, push, asked, went):
    tasks.ask_about_silence()
    push.refresh_from_db()
    words = {"row": push, "went": went, "receipt": RECEIPT, "reason": "The portal shows it"}
    with pytest.raises(NotToDecide):  # the pull feed may still name it
        operations.ask_to_decide(**words, by=officer(), at=now())
    MpesaTransaction.objects.update(sent_at=now() - timedelta(hours=49))
    push.refresh_from_db()
    approvals.approve(approval=operations.ask_to_decide(**words, by=officer(), at=now()), by=officer(), at=now())
    push.refresh_from_db()
    expected = ("COMPLETED", RECEIPT, "6500.00") if went else ("FAILED", None, "5000.00")
    assert (push.status, push.receipt, balance_of(account)) == expected
    assert_books_balance()


@pytest.mark.parametrize("name", ["Working Account", "Working\0 Account"])
def test_a_balance_told_twice_or_with_odd_signs_is_put_away(db, name):
    question = BalanceQuestion.objects.create(shortcode="174379", asked_by=system_user(), asked_at=now(), ours_minor=0)
    one = f"{name}|KES|1.00|1.00|0.00|0.00"
    said = f"{one}&{one}" if "\0" not in name else one
    facts = {"ResultParameter": {"Key": "AccountBalance", "Value": said}}
    raw = json.dumps({"Result": {"ResultCode": "0", "ResultParameters": facts}})
    kept = operations.receive(product="balance", about=question.public_id, raw=raw, at=now())
    assert operations.apply_callback(callback_id=kept.pk, at=now()).outcome in {"UNREADABLE", "APPLIED"}


@pytest.mark.parametrize("told", ["[[", "null garbage", 5, "5", "[" * 100_000])
def test_a_pull_answered_with_garbage_is_no_answer_and_stops_nothing(monkeypatch, told, db):
    monkeypatch.setattr(daraja, "call", lambda *_args, **_words: {"ResponseCode": "1000", "Response": told})
    with pytest.raises(http.NoAnswer):
        daraja.pull(start=now(), end=now())
    tasks.pull_receipts()


@pytest.mark.parametrize(
    "told", [[[{"a": 1}], [{"a": 2}]], [{"a": 1}, {"a": 2}], '[[{"a": 1}, {"a": 2}]]', [["x", {"a": 1}, {"a": 2}]]]
)
def test_a_pull_is_read_in_every_shape_it_may_have(told):
    assert rules.read_pull(told) == [{"a": 1}, {"a": 2}]
    assert rules.read_pull({"a": 1}) == [{"a": 1}]
    assert rules.read_pull("[[]]") == rules.read_pull("") == rules.read_pull(None) == []


@pytest.mark.parametrize("amount", ["0", "-5.00"])
def test_a_status_that_tells_of_nothing_paid_is_not_read_again_and_again(account, push, amount):
    prompt_says(push, 0, amount=1499)
    kept = status_says(push, TransactionStatus="Completed", ReceiptNo=RECEIPT, Amount=amount)
    assert (kept.outcome, push.status, balance_of(account)) == ("UNREADABLE", "CHECKING", "5000.00")


NO_CODE = [None, "", " ", True, False, [0], {"code": 0}, 0.5, "no code at all"]


def without(code: object) -> dict[str, object]:
    return {} if code is None else {"ResultCode": code}


@pytest.mark.parametrize("code", NO_CODE)
def test_news_of_a_prompt_without_a_code_say_nothing_and_it_is_asked_about(push, code):
    kept = heard(push, "stk", {"Body": {"stkCallback": {"CheckoutRequestID": "ws_CO_1", **without(code)}}})
    assert (kept.outcome, kept.why, push.status) == ("UNREADABLE", "no result code", "PENDING")
    prompt_says(push, 0)
    assert push.status == "COMPLETED"


def test_a_query_answered_without_a_code_leaves_the_prompt_waiting(push, monkeypatch):
    monkeypatch.setattr(daraja, "call", lambda *said, **words: {"ResponseCode": "0", "ResultCode": None})
    assert daraja.stk_query(checkout_request_id="ws_CO_1", at=now()) is None


@pytest.mark.parametrize("said", [*map(without, NO_CODE), {"ResultType": 1, "ResultCode": 0, "TransactionID": "SKL7"},
                                  {"ResultType": "1", "ResultCode": "17"}])  # fmt: skip
def test_a_payout_whose_result_says_nothing_yet_is_neither_given_back_nor_settled(safaricom, account, pay_out, said):
    """A result without a code, and one that says that another follows: M-Pesa may pay it all the same."""
    payment = pay_out(amount="500")
    safaricom.plan("product:b2c", callback="NEVER")
    carrying.sweep_payments()
    row = MpesaTransaction.objects.get(kind="B2C")
    kept = heard(row, "payout", {"Result": {"ConversationID": row.conversation_id, **said}})
    payment.refresh_from_db()
    assert (kept.outcome in {"UNREADABLE", "NOTHING_NEW"}, row.status, payment.status) == (True, "PENDING", "PENDING")
    done = {"ResultType": 0, "ResultCode": 0.0, "ConversationID": row.conversation_id, "TransactionID": RECEIPT}
    heard(row, "payout", {"Result": done})
    payment.refresh_from_db()
    assert (row.status, payment.status, payment.provider_reference) == ("COMPLETED", "COMPLETED", RECEIPT)
    assert_books_balance()


@pytest.mark.parametrize("product", ["payout", "status"])
def test_a_payout_of_another_amount_is_posted_on_nobodys_word_and_left_to_people(account, safaricom, pay_out, product):
    payment = pay_out(amount="500")
    safaricom.plan("product:b2c", callback="NEVER")
    carrying.sweep_payments()
    row = MpesaTransaction.objects.get(kind="B2C")
    facts = {"TransactionStatus": "Completed", "ReceiptNo": RECEIPT, "Amount": "5.00"}
    pairs = [{"Key": key, "Value": value} for key, value in facts.items()]
    said = {"Result": {"ResultCode": 0, "ResultParameters": {"ResultParameter": pairs}}}
    kept = heard(row, product, said)
    payment.refresh_from_db()
    assert (kept.outcome, kept.why) == ("DISPUTED", "500 cents in place of 50000")
    assert (row.status, payment.status, balance_of(account)) == ("PENDING", "PENDING", "5000.00")
    MpesaTransaction.objects.update(sent_at=now() - timedelta(minutes=11))
    row.refresh_from_db()
    assert queries.is_in_doubt(row, now())
