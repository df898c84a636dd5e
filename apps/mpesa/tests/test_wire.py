"""What the adapter makes of answers that are late, odd or none: who is asked again, and who is left alone."""

import json
from datetime import timedelta

import httpx
import pytest

from apps.accounts.testing import balance_of, kes
from apps.kernel import http
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove
from apps.kernel.models import ProviderState
from apps.kernel.testing import at_once
from apps.ledger.testing import assert_books_balance
from apps.mpesa import daraja, identities, operations, rules, tasks, tokens
from apps.mpesa import wire as line
from apps.mpesa.errors import MpesaUnavailable
from apps.mpesa.models import AccessToken, MpesaTransaction
from apps.mpesa.operations import pull as pulling

pytestmark = pytest.mark.django_db(transaction=True)


def answered(status: int, body: object = b"") -> httpx.Response:
    return httpx.Response(status, content=body if isinstance(body, bytes) else json.dumps(body).encode())


@pytest.fixture
def wire(monkeypatch):
    """The answers to come, in their order; what was asked stands in `asked`."""

    class Wire:
        answers: list[httpx.Response] = []
        asked: list[str] = []

    Wire.answers, Wire.asked = [], []

    def send(_name, _method, url, **_words):
        Wire.asked.append(url.rpartition("/")[2])
        return Wire.answers.pop(0)

    monkeypatch.setattr(http, "send", send)
    monkeypatch.setattr(tokens, "current", lambda: "first")
    monkeypatch.setattr(tokens, "renewed", lambda bad: f"after {bad}")
    return Wire


def asked(account, *, key: str) -> MpesaTransaction:
    words = {"account": account, "phone": str(account.owner.phone), "amount": kes("10"), "key": key}
    return operations.start_top_up(**words, by=account.owner, at=now())


class TestWaitingIsNoFailure:
    """A prompt that is still open is answered with HTTP 500."""

    def test_six_people_who_take_their_time_keep_nobody_from_paying(self, safaricom, account, top_up):
        for nth in range(6):
            top_up(key=f"form-{nth}", phone=f"07220001{nth:02}")
        MpesaTransaction.objects.update(sent_at=now() - timedelta(minutes=2))
        tasks.ask_about_silence()
        assert not ProviderState.objects.filter(failures__gt=0).exists()
        push = top_up(key="the next one")
        assert push.status == "PENDING"

    @pytest.mark.parametrize(
        ("status", "body", "is_well"),
        [
            (500, {"errorCode": "500.001.1001"}, True),
            (500, {"errorCode": "500.002.1001"}, True),
            (500, {"errorCode": "500.003.1001"}, False),
            (503, b"", False),
            (404, b"", True),
        ],
    )
    def test_what_m_pesa_knows_the_answer_to_counts_for_it(self, status, body, is_well):
        assert line._is_well(answered(status, body)) == is_well


class TestAnswers:
    """One answer each."""

    @pytest.mark.parametrize("body", [b"", b"<html>Unauthorized</html>", {"errorCode": "401.002.01"}])
    def test_not_let_in_it_asks_for_another_token_whatever_the_words(self, wire, body):
        wire.answers = [answered(401, body), answered(200, {"ResponseCode": "0"})]
        assert daraja.call("/x", {}) == {"ResponseCode": "0"}
        wire.answers = [answered(401, body), answered(401, body)]
        with pytest.raises(daraja.Refused) as no:
            daraja.call("/x", {})
        assert no.value.error_code == "token"
        assert len(wire.asked) == 4

    def test_too_many_at_once_is_a_refusal(self, wire):
        wire.answers = [answered(429, b"slow down")]
        with pytest.raises(daraja.Refused):
            daraja.call("/x", {})

    @pytest.mark.parametrize("code", [None, 0, 0.0, "0", "00"])
    def test_taken_in_any_spelling(self, wire, code):
        wire.answers = [answered(200, {"ResponseCode": code, "ConversationID": "AG_1"})]
        assert daraja.call("/x", {})["ConversationID"] == "AG_1"

    @pytest.mark.parametrize("code", ["1", 1, "", "E01"])
    def test_refused_in_any_other(self, wire, code):
        wire.answers = [answered(200, {"ResponseCode": code})]
        with pytest.raises(daraja.Refused):
            daraja.call("/x", {})

    def test_ids_that_are_null_are_no_ids(self, wire, account):
        """Named "None", the second prompt broke, and no callback was believed any more."""
        for nth in range(2):
            push = asked(account, key=f"{nth}")
            wire.answers = [answered(200, {"ResponseCode": "0", "CheckoutRequestID": None, "MerchantRequestID": None})]
            operations.send_push(push_id=push.pk, at=now())
            push.refresh_from_db()
            assert (push.status, push.checkout_request_id, push.merchant_request_id) == ("PENDING", None, "")
        assert daraja._conversation({"ConversationID": None, "OriginatorConversationID": None}) == daraja.Taken()

    def test_an_id_given_out_twice_leaves_the_second_prompt_without_one(self, wire, account):
        for nth in range(2):
            push = asked(account, key=f"{nth}")
            wire.answers = [answered(200, {"ResponseCode": "0", "CheckoutRequestID": "ws_CO_1"})]
            operations.send_push(push_id=push.pk, at=now())
        push.refresh_from_db()
        assert (push.status, push.checkout_request_id) == ("PENDING", None)


class TestTokens:
    """What they say of a token."""

    @pytest.mark.parametrize(
        "said",
        [
            {"access_token": "t", "expires_in": 10**18},
            {"access_token": "t", "expires_in": "3599"},
            {"access_token": "t", "expires_in": 0},
            {"access_token": "t", "expires_in": -5},
        ],
    )
    def test_however_long_it_lives_it_is_used(self, monkeypatch, said):
        monkeypatch.setattr(http, "send", lambda *_args, **_words: answered(200, said))
        assert set(at_once(*[tokens.current] * 4)) == {"t"}
        row = AccessToken.objects.get()
        assert row.claimed_until is None
        assert row.expires_at < now() + timedelta(hours=1, seconds=1)

    @pytest.mark.parametrize(
        "said",
        [b'{"access_token": "t", "expires_in": Infinity}', b'{"access_token": null, "expires_in": 5}', b"[]",
         b'{"access_token": "", "expires_in": 5}', b"null", b""],
    )  # fmt: skip
    def test_what_is_none_is_none_and_frees_the_way(self, monkeypatch, said):
        monkeypatch.setattr(http, "send", lambda *_args, **_words: answered(200, said))
        with pytest.raises(MpesaUnavailable):
            tokens.current()
        assert AccessToken.objects.get().claimed_until is None


def test_one_pulled_payment_that_cannot_be_booked_keeps_no_other_out(account, monkeypatch):
    rows = [{"transactionId": f"SKL7H2M0Q{nth}", "amount": "100.00", "billreference": account.number} for nth in (1, 2)]
    monkeypatch.setattr(daraja, "pull", lambda *, offset, **_words: [] if offset else rows)
    book = pulling.confirm_c2b

    def first_one_breaks(*, told, at):
        if told.receipt.endswith("1"):
            raise IllegalMove("It is over.")
        return book(told=told, at=at)

    monkeypatch.setattr(pulling, "confirm_c2b", first_one_breaks)
    assert operations.pull_receipts(at=now(), back=timedelta(hours=2)) == 1
    assert balance_of(account) == "5100.00"
    assert_books_balance()


def test_a_balance_with_an_empty_end_is_read():
    one = "Utility Account|KES|10.00|10.00|0.00|0.00"
    assert [row["name"] for row in rules.read_balances(f" {one}&\n")] == ["Utility Account"]


@pytest.mark.parametrize(
    "answer",
    [answered(400, {"errorCode": "400.002.02", "errorMessage": "Bad\0 \ud83d"}), answered(403, b"<html>\0</html>")],
)
def test_refused_in_words_that_no_text_may_hold_it_failed_all_the_same(wire, account, answer):
    push = asked(account, key="form-1")
    wire.answers = [answer]
    operations.send_push(push_id=push.pk, at=now())
    push.refresh_from_db()
    assert push.status == "FAILED"


def test_an_answer_nested_without_end_is_none(wire, account):
    push = asked(account, key="form-1")
    wire.answers = [answered(200, b"[" * 100_000)]
    operations.send_push(push_id=push.pk, at=now())
    push.refresh_from_db()
    assert push.status == "CHECKING"


def test_names_are_told_without_what_nobody_sees(wire):
    name = {"firstName": "An\0n", "middleName": "W*\u202e*", "lastName": None}
    wire.answers = [answered(200, {"header": {"status": "200"}, "body": name})]
    assert identities.name_of_phone("+254722000111", at=now()) == "Ann W**"
    wire.answers = [answered(200, {"OrganizationName": " Duka\u202e \0la\n Mama"})]
    assert identities.name_of_business("300584", is_till=True) == "Duka la Mama"
