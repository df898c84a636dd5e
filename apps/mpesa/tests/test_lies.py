"""What M-Pesa says that cannot be so: nothing is booked on it, nothing is said to the customer, and staff see it."""

import json
from datetime import timedelta
from unittest.mock import Mock

import pytest

from apps.accounts import operations as accounts
from apps.accounts.testing import balance_of, kes
from apps.audit_trail.models import AuditLog
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.testing import at_once, deliver_events
from apps.ledger import operations as ledger
from apps.ledger.errors import BooksBusy
from apps.ledger.queries import balances
from apps.ledger.testing import assert_books_balance
from apps.mpesa import addresses, operations, queries, rules, tasks
from apps.mpesa.errors import BadPaybill, ReceiptBooked
from apps.mpesa.models import Callback, Kind, MpesaTransaction
from apps.mpesa.tests.test_contradictions import RECEIPT, heard, officer, prompt_says, push, status_says
from apps.notifications.testing import messages_to
from apps.payments import operations as payments
from apps.payments import tasks as carrying

__all__ = ["push"]
pytestmark = pytest.mark.django_db(transaction=True)
PAYBILL = "174379"


def suspense() -> str:
    held = ledger.gl("suspense:receipts", "KES")
    return f"{balances([held.id])[held.id].posted.amount:f}"


def confirmed(reference: str, *, shillings: str = "700.00", receipt: str = RECEIPT, shortcode: object = PAYBILL):
    """A confirmation as it comes to the registered address."""
    body = {"TransID": receipt, "TransAmount": shillings, "BillRefNumber": reference, "BusinessShortCode": shortcode}
    kept = operations.receive(product="c2b", about=None, raw=json.dumps(body), at=now())
    return operations.apply_callback(callback_id=kept.pk, at=now())


def result_of(row: MpesaTransaction, **said: object) -> dict[str, object]:
    """A result that says "done", and what a test adds to it."""
    facts = said.pop("facts", {})
    pairs = [{"Key": key, "Value": value} for key, value in facts.items()]
    told = {"ResultCode": 0, "ConversationID": row.conversation_id, "TransactionID": RECEIPT, **said}
    return {"Result": {**told, **({"ResultParameters": {"ResultParameter": pairs}} if pairs else {})}}


@pytest.fixture
def payout(safaricom, account, pay_out):
    """500 on their way to a phone, of which M-Pesa has said nothing yet."""
    safaricom.plan("product:b2c", callback="NEVER")
    payment = pay_out()
    carrying.sweep_payments()
    return payment, MpesaTransaction.objects.get(kind="B2C")


class TestPaybill:
    """Payments to the paybill."""

    @pytest.mark.parametrize("lie", [{"shillings": "7000.00"}, {"shillings": "7.00"}, {"reference": "ROSE"}])
    def test_a_receipt_told_again_with_other_figures_is_shown_to_staff(self, account, lie):
        first = confirmed(account.number)
        second = confirmed(**{"reference": account.number, **lie})
        assert (first.outcome, second.outcome, second.about) == ("APPLIED", "DISPUTED", first.about)
        assert confirmed(account.number).outcome == "NOTHING_NEW"
        assert balance_of(account) == "5700.00"
        assert_books_balance()

    def test_a_receipt_of_money_that_left_is_none_of_money_that_came(self, account, payout):
        _payment, row = payout
        heard(row, "payout", result_of(row))
        kept = confirmed(account.number)
        assert (kept.outcome, kept.about) == ("DISPUTED", row)
        assert balance_of(account) == "4491.95"
        assert_books_balance()

    @pytest.mark.parametrize("shortcode", ["600000", 600000])
    def test_money_on_another_shortcode_than_ours_is_not_booked(self, account, shortcode):
        kept = confirmed(account.number, shortcode=shortcode)
        assert (kept.outcome, balance_of(account)) == ("DISPUTED", "5000.00")
        assert not MpesaTransaction.objects.exists()
        assert confirmed(account.number, shortcode=int(PAYBILL)).outcome == "APPLIED"
        assert balance_of(account) == "5700.00"

    def test_validation_refuses_another_shortcode_by_its_code(self, client, account, settings):
        path = f"/webhooks/daraja/c2b/validation/{settings.DARAJA_CALLBACK_SECRET}"
        body = {"TransID": "S1", "TransAmount": "700.00", "BillRefNumber": account.number}
        for shortcode, code in (("600000", "C2B00015"), (PAYBILL, "0"), (None, "0")):
            said = {**body, "BusinessShortCode": shortcode}
            assert client.post(path, said, content_type="application/json").json()["ResultCode"] == code

    def test_a_receipt_in_small_letters_is_the_same_receipt(self, account):
        confirmed(account.number)
        assert confirmed(account.number, receipt=f" {RECEIPT.lower()} ").outcome == "NOTHING_NEW"
        assert balance_of(account) == "5700.00"

    def test_while_the_books_are_busy_it_waits_and_is_no_riddle(self, account, monkeypatch):
        with monkeypatch.context() as others:
            others.setattr(accounts, "post", Mock(side_effect=BooksBusy("Another transaction is in the way.")))
            with pytest.raises(BooksBusy):
                confirmed(account.number)
            tasks.sweep_mpesa()
        assert (suspense(), Callback.objects.get().outcome) == ("0.00", "")
        tasks.sweep_mpesa()
        assert (balance_of(account), Callback.objects.get().outcome) == ("5700.00", "APPLIED")
        assert_books_balance()

    def test_late_and_again_while_it_is_placed_it_counts_once(self, account):
        row = confirmed("ROSE").about
        kept = operations.receive(product="c2b", about=None, at=now(), raw=json.dumps(
            {"TransID": RECEIPT, "TransAmount": "700.00", "BillRefNumber": "ROSE", "BusinessShortCode": PAYBILL}
        ))  # fmt: skip
        at_once(
            lambda: operations.place(row=row, account=account, reason="hers", by=officer(), at=now()),
            lambda: operations.apply_callback(callback_id=kept.pk, at=now()),
        )
        assert (balance_of(account), suspense()) == ("5700.00", "0.00")
        assert_books_balance()

    def test_frozen_between_yes_and_the_money_it_still_comes_to_the_account(self, account):
        told = rules.Received(RECEIPT, 700_00, account.number, PAYBILL, "", "")
        assert operations.may_pay(told, at=now()) == "0"
        accounts.freeze(account=account, by=account.owner, reason="lost phone", at=now())
        confirmed(account.number)
        assert (balance_of(account), suspense()) == ("5700.00", "0.00")

    def test_money_of_who_may_be_on_a_sanctions_list_waits_for_a_person(self, account, monkeypatch):
        monkeypatch.setattr("apps.mpesa.operations.c2b.may_be_sanctioned", lambda name: "Deripaska" in name)
        for nth, name in enumerate(("Oleg Deripaska", "Deripaska", "Rose Wanjiku")):
            told = rules.Received(f"SKL7H2M0Q{nth}", 700_00, account.number, PAYBILL, name, "")
            operations.confirm_c2b(told=told, at=now())
        assert (balance_of(account), suspense()) == ("6400.00", "700.00")
        row = MpesaTransaction.objects.get(in_suspense=True)
        assert (row.receipt, row.user, row.account, "sanctions list" in row.result_text) == (
            "SKL7H2M0Q0", None, None, True
        )  # fmt: skip
        deliver_events()
        assert not [one for one in messages_to(account.owner.phone) if "SKL7H2M0Q0" in one.body]
        operations.place(row=row, account=account, reason="Not him", by=officer(), at=now())
        row.refresh_from_db()
        assert (balance_of(account), row.result_text) == ("7100.00", "")
        assert "sanctions list" in str(AuditLog.objects.get(action="mpesa.payment.placed").after)
        assert_books_balance()


class TestPrompt:
    """Prompts on a phone."""

    def test_called_paid_without_a_receipt_no_later_refusal_says_that_nothing_was_taken(self, account, push):
        told = {"CheckoutRequestID": "ws_CO_1", "ResultCode": 0, "ResultDesc": "x"}
        kept = heard(push, "stk", {"Body": {"stkCallback": told}})
        assert (kept.outcome, push.status, push.result_code) == ("DISPUTED", "CHECKING", "0")
        prompt_says(push, 1037)
        assert push.status == "CHECKING"
        deliver_events()
        assert not [one for one in messages_to(account.owner.phone) if "Nothing was taken" in one.body]
        confirmed(push.account_reference, shillings="1500.00")
        push.refresh_from_db()
        assert (push.status, balance_of(account)) == ("COMPLETED", "6500.00")

    def test_completed_without_an_amount_after_another_one_was_named_is_not_booked(self, account, push):
        prompt_says(push, 0, amount=10)
        kept = status_says(push, TransactionStatus="Completed", ReceiptNo=RECEIPT)
        assert (kept.outcome, push.status, balance_of(account)) == ("DISPUTED", "CHECKING", "5000.00")
        status_says(push, TransactionStatus="Completed", ReceiptNo=RECEIPT, Amount="10.00")
        assert (push.status, balance_of(account)) == ("COMPLETED", "5010.00")
        assert_books_balance()

    def test_two_successes_with_two_receipts_are_the_money_of_both(self, account, push):
        prompt_says(push, 0)
        assert prompt_says(push, 0, receipt="SKL7H2M0QY").outcome == "DISPUTED"
        assert balance_of(account) == "6500.00"
        confirmed(push.account_reference, shillings="1500.00", receipt="SKL7H2M0QY")
        assert balance_of(account) == "8000.00"
        assert_books_balance()

    @pytest.mark.parametrize("amount", ["1500.00", 1500.0, " 1500 "])
    def test_an_amount_in_any_spelling_is_read(self, account, push, amount):
        prompt_says(push, 0, amount=amount)
        assert (push.status, balance_of(account)) == ("COMPLETED", "6500.00")

    def test_paid_while_its_refusal_by_query_is_applied_it_counts(self, account, push, monkeypatch):
        refused = rules.Outcome(code="1037", text="x")
        monkeypatch.setattr("apps.mpesa.daraja.stk_query", lambda **_words: refused)
        at_once(
            lambda: operations.ask_about_push(push=MpesaTransaction.objects.get(pk=push.pk), at=now()),
            lambda: prompt_says(MpesaTransaction.objects.get(pk=push.pk), 0),
        )
        push.refresh_from_db()
        assert (push.status, balance_of(account)) == ("COMPLETED", "6500.00")
        assert_books_balance()


class TestPayout:
    """Money on its way out."""

    @pytest.mark.parametrize("product", ["payout", "status"])
    def test_a_receipt_that_stands_for_other_money_settles_nothing_and_is_read_once(self, account, payout, product):
        payment, row = payout
        confirmed("ROSE")
        facts = {"TransactionStatus": "Completed", "ReceiptNo": RECEIPT, "Amount": "500.00"}
        kept = heard(row, product, result_of(row, facts=facts))
        payment.refresh_from_db()
        assert (kept.outcome, RECEIPT in kept.why, row.status) == ("DISPUTED", True, "PENDING")
        assert (payment.status, balance_of(account)) == ("PENDING", "5000.00")
        assert_books_balance()

    def test_people_cannot_say_so_either(self, account, payout):
        payment, row = payout
        confirmed("ROSE")
        MpesaTransaction.objects.update(sent_at=now() - timedelta(minutes=11))
        row.refresh_from_db()
        asked = operations.ask_to_decide(
            row=row, went=True, receipt=RECEIPT, reason="The portal shows it", by=officer(), at=now()
        )
        with pytest.raises(ReceiptBooked):
            approvals.approve(approval=asked, by=officer(), at=now())
        payment.refresh_from_db()
        assert payment.status == "PENDING"

    @pytest.mark.parametrize("code", ["15", "100000000", 100000004])
    def test_a_code_that_says_nothing_of_the_money_gives_nothing_back(self, account, payout, code):
        payment, row = payout
        kept = heard(row, "payout", result_of(row, ResultCode=code, ResultDesc="x"))
        payment.refresh_from_db()
        assert (kept.outcome, row.status, payment.status) == ("DISPUTED", "CHECKING", "PENDING")
        heard(row, "payout", result_of(row))
        payment.refresh_from_db()
        assert (row.status, payment.status) == ("COMPLETED", "COMPLETED")

    @pytest.mark.parametrize("product", ["payout", "status"])
    def test_money_that_went_to_another_phone_is_left_to_people(self, account, payout, product):
        payment, row = payout
        name = "ReceiverPartyPublicName" if product == "payout" else "CreditPartyName"
        facts = {"TransactionStatus": "Completed", "ReceiptNo": RECEIPT, "Amount": "500.00"}
        kept = heard(row, product, result_of(row, facts={**facts, name: "254799999999 - SOMEBODY ELSE"}))
        payment.refresh_from_db()
        assert (kept.outcome, row.status, payment.status) == ("DISPUTED", "PENDING", "PENDING")
        assert "254799999999" not in kept.why
        for mine in ("0722***111 - ANN", "254722000111 - ANN", ""):
            assert not rules.went_elsewhere({name: mine}, "+254722000111")
        heard(row, product, result_of(row, facts={**facts, name: "0722000111 - ANN WAMBUI"}))
        payment.refresh_from_db()
        assert payment.status == "COMPLETED"
        assert_books_balance()

    def test_result_and_timeout_in_any_order_settle_it_once(self, account, payout):
        payment, row = payout
        heard(row, "timeout", result_of(row))
        assert row.status == "CHECKING"
        heard(row, "payout", result_of(row))
        heard(row, "timeout", result_of(row))
        payment.refresh_from_db()
        assert (row.status, payment.status, balance_of(account)) == ("COMPLETED", "COMPLETED", "4491.95")

    def test_what_a_prompt_is_answered_at_is_no_place_for_results(self, push):
        kept = heard(push, "payout", result_of(push))
        assert (kept.outcome, push.status) == ("UNMATCHED", "PENDING")
        assert heard(push, "reversal", result_of(push)).outcome == "UNMATCHED"

    def test_while_the_books_are_busy_its_result_waits(self, account, payout, monkeypatch):
        payment, row = payout
        kept = operations.receive(product="payout", about=row.public_id, raw=json.dumps(result_of(row)), at=now())
        with monkeypatch.context() as others:
            others.setattr(accounts, "take", Mock(side_effect=BooksBusy("Another transaction is in the way.")))
            tasks.sweep_mpesa()
        kept.refresh_from_db()
        assert kept.outcome == ""
        tasks.sweep_mpesa()
        payment.refresh_from_db()
        assert payment.status == "COMPLETED"

    @pytest.mark.parametrize(("kind", "asked"), [("BILL_PAYMENT", "paybill"), ("MERCHANT_PAYMENT", "till")])
    def test_our_own_paybill_is_no_way_out(self, account, pay_out, kind, asked):
        """M-Pesa would tell of one receipt for money that left and came: its payer would pay, and nobody have it."""
        where = {asked: PAYBILL} | ({"account": "W-1"} if asked == "paybill" else {})
        with pytest.raises(BadPaybill, match="No money moved"):
            payments.find_destination(rail="mpesa", kind=kind, asked=where, amount=kes("300"), at=now())
        assert balance_of(account) == "5000.00"


class TestReturn:
    """Money on its way back."""

    @pytest.fixture
    def back(self, safaricom, account):
        row = confirmed(account.number, receipt="SKL7H2M0Q1").about
        safaricom.plan("product:reversal", callback="NEVER")
        asked = operations.ask_to_send_back(row=row, reason="Wrong bank", by=officer(), at=now())
        approvals.approve(approval=asked, by=officer(), at=now())
        made = MpesaTransaction.objects.get(kind=Kind.REVERSAL)
        MpesaTransaction.objects.filter(pk=made.pk).update(
            status="PENDING", sent_at=now() - timedelta(minutes=11), conversation_id="AG_1"
        )
        made.refresh_from_db()
        return made

    @pytest.mark.parametrize(
        "lie",
        [
            {"facts": {"OriginalTransactionID": "SKL7H2M0Q2"}},
            {"facts": {"Amount": "300.00"}},
            {"TransactionID": "SKL7H2M0Q1"},
            {"ResultCode": "R000001"},
            {"ResultCode": 15},
            {"ResultCode": 100000000},
            {"ConversationID": "AG_2"},
        ],
    )
    def test_what_went_back_otherwise_is_left_to_people_and_stays_set_aside(self, account, back, lie):
        kept = heard(back, "reversal", result_of(back, **lie))
        assert (kept.outcome, back.status in {"PENDING", "CHECKING"}) == ("DISPUTED", True)
        held = balances([account.ledger_account_id])[account.ledger_account_id]
        assert (f"{held.posted.amount:f}", f"{held.available.amount:f}") == ("5700.00", "5000.00")
        assert queries.is_in_doubt(back, now())
        heard(back, "reversal", result_of(back, facts={"OriginalTransactionID": "SKL7H2M0Q1"}))
        assert (back.status, balance_of(account)) == ("COMPLETED", "5000.00")
        assert_books_balance()


def test_after_the_word_in_our_addresses_has_changed_old_answers_find_their_request(client, push, settings):
    """A prompt sent a minute before the change, and a paybill whose addresses M-Pesa takes once."""
    old, path = settings.DARAJA_CALLBACK_SECRET, f"/webhooks/daraja/stk/{addresses.token_of(push.public_id)}"
    settings.DARAJA_CALLBACK_SECRET = "another-word"
    assert client.post(path, "{}", content_type="application/json").status_code == 404
    assert client.post(f"/webhooks/daraja/c2b/confirmation/{old}", "{}", content_type="text/plain").status_code == 404
    settings.DARAJA_CALLBACK_SECRET_BEFORE = old
    assert client.post(path, "{}", content_type="application/json").status_code == 200
    assert client.post(f"/webhooks/daraja/c2b/confirmation/{old}", "{}", content_type="text/plain").status_code == 200
    assert addresses.token_of(push.public_id) not in path
    settings.DARAJA_CALLBACK_SECRET = ""
    assert client.post(path, "{}", content_type="application/json").status_code == 404
