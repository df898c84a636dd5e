"""The adapter against the simulator, over a real socket, for every documented answer."""

import time
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from django.test import Client

from apps.kernel import breaker
from apps.kernel.clock import now
from apps.kernel.models import ProviderState
from apps.kernel.money import Money
from apps.notifications import operations as notifications
from apps.notifications import tasks
from apps.notifications.adapters.africastalking import NAME, AfricasTalking, price, read_answer
from apps.notifications.adapters.africastalking_voice import NAME as VOICE
from apps.notifications.adapters.africastalking_voice import AfricasTalkingVoice
from apps.notifications.adapters.africastalking_voice import read_answer as read_call_answer
from apps.notifications.models import Message, ProviderReport
from apps.notifications.ports import Result, ports
from apps.notifications.testing import pocketed, reachable
from apps.notifications.tests.people import make_person, recipient
from simulators.testing import running

pytestmark = pytest.mark.django_db
PHONE = "+254712345908"


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    """The simulator; its courier's rounds are made by hand."""
    with running(tmp_path_factory.mktemp("simulators")) as simulators:
        yield simulators


@pytest.fixture(autouse=True)
def fresh(provider, settings):
    provider.house.store.forget()
    settings.AFRICASTALKING_URL = f"{provider.address}/africastalking"
    return provider


def script(provider, **plan) -> None:
    provider.house.store.script(NAME, PHONE, plan)


def send(text: str = "Hello"):
    return AfricasTalking().send(phone=PHONE, text=text)


def received(provider) -> list[str]:
    return [row["text"] for row in provider.house.store.rows("SELECT text FROM sms WHERE phone = ?", PHONE)]


@pytest.mark.parametrize("code", [100, 101, 102])
def test_takes(provider, code):
    script(provider, status_code=code)
    outcome = send("Habari")
    assert outcome.result is Result.TAKEN
    assert outcome.reference.startswith("ATPid_")
    assert outcome.cost == Money(80, "KES")
    assert received(provider) == ["Habari"]


@pytest.mark.parametrize(
    ("code", "result"),
    [
        (401, Result.REFUSED),
        (402, Result.REFUSED),
        (403, Result.REFUSED),
        (404, Result.REFUSED),
        (405, Result.AGAIN),
        (406, Result.REFUSED),
        (407, Result.REFUSED),
        (409, Result.REFUSED),
        (500, Result.AGAIN),
        (501, Result.AGAIN),
        (502, Result.AGAIN),
    ],
)
def test_understands_every_refusal(provider, code, result):
    script(provider, status_code=code)
    outcome = send()
    assert (outcome.result, outcome.reference, outcome.cost) == (result, "", None)
    assert outcome.error.startswith(str(code))
    assert received(provider) == []


def test_an_empty_purse_is_tried_again_after_a_top_up(provider):
    provider.house.store.set("africastalking.balance", "0")
    assert send().result is Result.AGAIN
    provider.house.store.set("africastalking.balance", "8000")
    assert send().result is Result.TAKEN
    assert provider.house.store.setting("africastalking.balance", "") == "0"


def test_an_unknown_sender_is_refused(settings):
    settings.AFRICASTALKING_SENDER = "SOMEBODY"
    outcome = send()
    assert (outcome.result, outcome.error) == (Result.REFUSED, "InvalidSenderId")


def test_our_key_being_wrong_waits_for_us(settings):
    settings.AFRICASTALKING_API_KEY = "wrong"
    outcome = send()
    assert (outcome.result, outcome.error) == (Result.AGAIN, "HTTP 401: our key is not accepted")


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(401), httpx.Response(403, text="<html>Blocked</html>"), httpx.Response(404), httpx.Response(408),
     httpx.Response(200, json={"SMSMessageData": {"Recipients": [{"statusCode": 405, "messageId": "None"}]}})],
)  # fmt: skip
def test_what_is_ours_to_put_right_costs_a_message_no_try(answer):
    """A wrong key, a firewall, an empty purse: what was written in that hour failed for good a quarter hour on."""
    outcome = read_answer(answer)
    assert (outcome.result, outcome.retry_after_seconds) == (Result.AGAIN, 60)


@pytest.mark.parametrize("status", [401, 403, 404, 408])
def test_nor_a_call(status):
    assert read_call_answer(httpx.Response(status)).result is Result.AGAIN


def test_a_message_outlives_half_an_hour_of_an_empty_purse(db, said, provider):
    person = make_person()
    at = now()
    provider.house.store.set("africastalking.balance", "0")
    with reachable(recipient(person)), pocketed():
        ports.sms = AfricasTalking()
        message = notifications.send("test.money", to=person, context={"amount": "1"}, at=at, key="k")
        for minutes in (0, 10, 20, 30):
            notifications.deliver(message_id=message.pk, at=at + timedelta(minutes=minutes))
        provider.house.store.set("africastalking.balance", "8000")
        done = notifications.deliver(message_id=message.pk, at=at + timedelta(minutes=40))
    assert (done.status, done.attempts) == ("SENT", 1)


@pytest.mark.parametrize(
    ("status", "result"),
    [(400, Result.REFUSED), (429, Result.AGAIN), (500, Result.UNKNOWN), (502, Result.UNKNOWN), (503, Result.AGAIN)],
)
def test_understands_http_errors(provider, status, result):
    script(provider, http_status=status)
    assert send().result is result


@pytest.mark.parametrize(
    "ask",
    [
        lambda: AfricasTalking().send(phone=PHONE, text="Hello"),
        lambda: AfricasTalkingVoice().call(phone=PHONE, reference="r1"),
    ],
)
def test_while_people_have_switched_it_off_messages_wait(provider, ask):
    for name in (NAME, VOICE):
        breaker.switch(name, is_off=True)
    outcome = ask()
    assert (outcome.result, outcome.retry_after_seconds) == (Result.AGAIN, 30)
    assert received(provider) == []


def test_an_answer_that_breaks_off_is_unknown_for_it_was_sent(provider):
    script(provider, malformed=True)
    assert send().result is Result.UNKNOWN
    assert received(provider) == ["Hello"]


def test_an_answer_that_does_not_come_is_unknown_and_not_asked_for_twice(provider, monkeypatch):
    import httpx

    from apps.kernel import http

    monkeypatch.setattr(http, "TIMEOUT", httpx.Timeout(0.2))
    monkeypatch.setattr(http.send, "__kwdefaults__", {**http.send.__kwdefaults__, "timeout": httpx.Timeout(0.2)})
    script(provider, slow=0.6)
    assert send().result is Result.UNKNOWN
    time.sleep(0.8)
    assert received(provider) == ["Hello"]


def test_nobody_there_is_tried_again(settings):
    settings.AFRICASTALKING_URL = "http://127.0.0.1:9"
    assert send().result is Result.AGAIN


def test_rests_after_five_failures_and_sends_nothing_meanwhile(provider):
    script(provider, http_status=500)
    for _ in range(breaker.FAILURES):
        assert send().result is Result.UNKNOWN
    script(provider)
    outcome = send()
    assert (outcome.result, outcome.retry_after_seconds) == (Result.AGAIN, 30)
    assert received(provider) == []
    ProviderState.objects.update(open_until=now())
    assert send().result is Result.TAKEN
    assert ProviderState.objects.get().failures == 0


class Answer:
    """An httpx response, as far as it is read."""

    status_code = 201
    text = ""

    def __init__(self, body) -> None:
        self.body = body

    def json(self):
        return self.body


@pytest.mark.parametrize(
    ("row", "result"),
    [
        ({"statusCode": "101", "messageId": "a", "cost": "KES 0.8000"}, Result.TAKEN),
        ({"statusCode": " 403 ", "messageId": "None"}, Result.REFUSED),
        ({"statusCode": 199, "messageId": "a"}, Result.TAKEN),
        ({"statusCode": 199, "messageId": "None"}, Result.UNKNOWN),
        ({"statusCode": None}, Result.UNKNOWN),
        ({}, Result.UNKNOWN),
    ],
)
def test_reads_recipients_liberally(row, result):
    assert read_answer(Answer({"SMSMessageData": {"Recipients": [row]}})).result is result
    assert read_answer(Answer({"SMSMessageData": {"Recipients": row or [row]}})).result is result


@pytest.mark.parametrize(
    "body",
    [[], {}, None, "x", {"SMSMessageData": None}, {"SMSMessageData": {"Recipients": "x"}}, {"SMSMessageData": []}],
)
def test_what_is_no_answer_is_unknown(body):
    assert read_answer(Answer(body)).result is Result.UNKNOWN


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("KES 0.8000", Money(80, "KES")),
        ("KES 0.8050", Money(81, "KES")),
        ("KES 12", Money(1200, "KES")),
        ("UGX 25.5000", Money(26, "UGX")),
        ("0", None),
        ("", None),
        (None, None),
        ("XXX 1.00", None),
        ("KES -1", None),
    ],
)
def test_reads_prices(text, money):
    assert price(text) == money


def post_reports(provider) -> None:
    """What the courier does, with Django's client as the bank."""
    for row in provider.house.store.rows("SELECT * FROM callback WHERE done_at IS NULL ORDER BY due_at, id"):
        url = urlsplit(row["url"])
        answer = Client().post(f"{url.path}?{url.query}", row["body"], content_type=row["content_type"])
        assert answer.status_code == 200
    provider.house.store.change("UPDATE callback SET done_at = 1")


@pytest.mark.parametrize(
    ("plan", "status"),
    [
        ({}, "DELIVERED"),
        ({"callbacks": "DUPLICATE"}, "DELIVERED"),
        ({"callbacks": "OUT_OF_ORDER"}, "DELIVERED"),
        ({"callbacks": "NONE"}, "SENT"),
        ({"final": "Failed", "reason": "UserInBlackList"}, "FAILED"),
        ({"final": "Rejected"}, "FAILED"),
        ({"final": "AbsentSubscriber", "callbacks": "OUT_OF_ORDER"}, "FAILED"),
        ({"final": "Expired", "callbacks": "DUPLICATE"}, "FAILED"),
    ],
)
def test_a_message_goes_all_the_way(provider, said, plan, status):
    script(provider, **plan)
    message = notifications.send_to_address(
        "test.money", phone=PHONE, context={"amount": "KES 5.00"}, at=now(), key="k"
    )
    notifications.deliver(message_id=message.pk, at=now())
    assert received(provider) == ["Paid KES 5.00"]
    post_reports(provider)
    tasks.sweep_messages()
    assert Message.objects.get().status == status
    assert not ProviderReport.objects.filter(outcome__in=["", "UNREADABLE", "UNMATCHED"]).exists()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(400, text="no\0\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace")),
        httpx.Response(201, text='{"SMSMessageData": {"Message": "no\\u0000\\ud800", "Recipients": []}}'),
        httpx.Response(
            201, text='{"SMSMessageData": {"Recipients": [{"statusCode": 403, "status": "\\u0000\\ud800"}]}}'
        ),
        httpx.Response(201, text='{"SMSMessageData": {"Recipients": [{"statusCode": 101, "messageId": "a\\u0000"}]}}'),
    ],
)
def test_an_answer_that_no_table_can_hold_is_written_down_all_the_same(answer):
    words = {"code": "418203", "minutes": 5}
    message = notifications.send_to_address("users.otp_join", context=words, at=now(), key="k", phone=PHONE)
    with pocketed() as (sms, _mail):
        sms.answers = [read_answer(answer)]
        ended = notifications.deliver(message_id=message.pk, at=now())
    assert ended.status in {"FAILED", "SENT", "UNKNOWN"}
