"""Calls, against the simulator over a real socket: queued, spoken once picked up, ended, and what goes wrong."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.clock import now
from apps.kernel.money import Money
from apps.notifications import operations as notifications
from apps.notifications import rules
from apps.notifications.adapters.africastalking import NAME as THEIRS
from apps.notifications.adapters.africastalking_voice import NAME, AfricasTalkingVoice, say
from apps.notifications.errors import Unreadable
from apps.notifications.models import Message
from apps.notifications.ports import Result
from simulators import callbacks
from simulators.providers import voice as simulator
from simulators.testing import running

pytestmark = pytest.mark.django_db
PHONE = "+254712345908"
PATH = "/webhooks/africastalking/voice"
TOKEN = "simulated-callback"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    with running(tmp_path_factory.mktemp("simulators")) as simulators:
        yield simulators


@pytest.fixture(autouse=True)
def fresh(provider, settings, monkeypatch):
    """Nothing is remembered, and the simulator's posts reach this test's bank."""
    provider.house.store.forget()
    settings.AFRICASTALKING_VOICE_URL = f"{provider.address}/africastalking/voice"

    def to_us(url, body, content_type, timeout=0):
        answer = Client().post(f"{PATH}?token={TOKEN}", body, content_type=content_type)
        return answer.status_code, answer.content.decode(), ""

    monkeypatch.setattr(callbacks, "deliver", to_us)


def written(language="en", code="418203"):
    return notifications.send_to_address(
        "users.otp_join",
        phone=PHONE,
        by_call=True,
        language=language,
        context={"code": code, "minutes": 5},
        at=now(),
        key=f"call/{code}/{language}",
    )


def post(body, token=TOKEN):
    data = body if isinstance(body, str | bytes) else urlencode(body)
    return Client(enforce_csrf_checks=True).post(f"{PATH}?token={token}", data, content_type=FORM)


def about(message, **fields):
    return {"sessionId": message.provider_reference, "direction": "Outbound", "destinationNumber": PHONE, **fields}


@pytest.mark.parametrize(("language", "words"), [("en", "Your code to join is: "), ("sw", "wa kujiunga ni: ")])
def test_rings_says_the_code_and_forgets_it(provider, language, words):
    message = notifications.deliver(message_id=written(language).pk, at=now())
    assert (message.status, message.provider) == ("SENT", NAME)
    assert message.provider_reference.startswith("ATVId_")
    simulator.ring(provider.house)
    heard = provider.house.store.row("SELECT words FROM call")["words"]
    assert f"{words}4, 1, 8, 2, 0, 3." in heard
    message.refresh_from_db()
    assert (message.status, message.body, message.cost) == ("DELIVERED", None, Money(300, "KES"))


def test_says_it_while_the_call_lasts_and_never_after():
    message = notifications.deliver(message_id=written().pk, at=now())
    active = about(message, isActive="1")
    root = ElementTree.fromstring(post(active).content)
    assert [node.tag for node in root] == ["Say", "Say"]
    assert post(active).content == post(active).content
    ended = about(message, isActive="0", durationInSeconds="9", currencyCode="KES", amount="3.0000")
    assert b"418" not in post(ended).content
    assert b"<Reject" in post(active).content
    assert post(ended).status_code == 200


def test_nobody_picks_up(provider):
    provider.house.store.script(THEIRS, PHONE, {"final": "AbsentSubscriber"})
    message = notifications.deliver(message_id=written().pk, at=now())
    simulator.ring(provider.house)
    message.refresh_from_db()
    assert (message.status, message.error, message.body) == ("FAILED", "Nobody picked up.", None)


def test_speaks_to_who_picked_up_before_our_own_record_was_written():
    message = written()
    Message.objects.filter(pk=message.pk).update(status="SENDING", lease_until=now() + timedelta(minutes=1))
    answer = post({"sessionId": "ATVId_early", "isActive": "1", "direction": "Outbound", "destinationNumber": PHONE})
    assert b"4, 1, 8, 2, 0, 3" in answer.content


@pytest.mark.parametrize(
    "change",
    [{"sessionId": "ATVId_other"}, {"sessionId": "ATVId_other", "destinationNumber": "+254733000111"}],
)
def test_says_nothing_in_a_call_that_is_not_ours(change):
    message = notifications.deliver(message_id=written().pk, at=now())
    assert b"<Reject/>" in post(about(message, isActive="1", **change) | change).content


def test_says_nothing_after_its_time():
    message = notifications.deliver(message_id=written().pk, at=now())
    later = now() + timedelta(minutes=6)
    raw = urlencode(about(message, isActive="1"))
    assert notifications.answer_call(raw=raw, at=later) is None
    notifications.drop_expired(at=later)
    message.refresh_from_db()
    assert message.body is None


@pytest.mark.parametrize("token", ["", "wrong", f"{TOKEN}x"])
def test_turns_away_who_does_not_know_the_word(token):
    message = notifications.deliver(message_id=written().pk, at=now())
    answer = post(about(message, isActive="1"), token)
    assert answer.status_code == 403
    assert b"4, 1, 8" not in answer.content


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        (b"\xff\xfe", 400),
        ("sessionId=x", 400),
        ("isActive=1", 400),
        ("sessionId=x&isActive=2", 400),
        ("sessionId=x&isActive=0&durationInSeconds=many&amount=x", 200),
        ("sessionId=x&isActive=0&durationInSeconds=9e99999&amount=-1", 200),
        ("sessionId=" + "x" * 121 + "&isActive=1", 400),
        ("x" * 9000, 413),
        ("&".join(f"a{n}=1" for n in range(50)), 400),
    ],
)
def test_takes_garbage_calmly(body, status):
    assert post(body).status_code == status


@given(
    raw=st.text(max_size=200)
    | st.lists(
        st.tuples(
            st.sampled_from(
                ["sessionId", "isActive", "durationInSeconds", "destinationNumber", "amount", "currencyCode"]
            ),
            st.text(max_size=20),
        )
    ).map(urlencode)
)
def test_reads_or_refuses_whatever_comes(raw):
    try:
        words = notifications.answer_call(raw=raw, at=now())
    except Unreadable:
        return
    assert words is None


@pytest.mark.parametrize(
    ("plan", "result"),
    [
        ({}, Result.TAKEN),
        ({"status_code": 403}, Result.REFUSED),
        ({"status_code": 404}, Result.REFUSED),
        ({"status_code": 405}, Result.AGAIN),
        ({"http_status": 429}, Result.AGAIN),
        ({"http_status": 503}, Result.AGAIN),
        ({"http_status": 500}, Result.UNKNOWN),
        ({"http_status": 400}, Result.REFUSED),
        ({"malformed": True}, Result.UNKNOWN),
    ],
)
def test_reads_every_answer_of_theirs(provider, plan, result):
    provider.house.store.script(THEIRS, PHONE, plan)
    assert AfricasTalkingVoice().call(phone=PHONE, reference="r").result is result


def test_a_wrong_key_is_tried_again_later(settings):
    settings.AFRICASTALKING_API_KEY = "wrong"
    assert AfricasTalkingVoice().call(phone=PHONE, reference="r").result is Result.AGAIN


def test_a_provider_that_is_down_was_not_reached(settings):
    settings.AFRICASTALKING_VOICE_URL = "http://127.0.0.1:9"
    assert AfricasTalkingVoice().call(phone=PHONE, reference="r").result is Result.AGAIN


def test_sends_what_their_documentation_asks_for(provider):
    AfricasTalkingVoice().call(phone=PHONE, reference="ours-1")
    row = provider.house.store.row("SELECT body FROM journal ORDER BY id DESC")
    sent = dict(parse_qsl(row["body"]))
    assert set(sent) == {"username", "from", "to", "clientRequestId"}


def test_a_nul_that_was_spelled_out_is_no_crash():
    raw = "sessionId=AT%00x&isActive=1&destinationNumber=%2B254712345908%00"
    assert notifications.answer_call(raw=raw, at=now()) is None


def test_markup_in_words_is_no_markup():
    root = ElementTree.fromstring(say("a < b & <Dial phoneNumbers='1'/>"))
    assert {node.tag for node in root} == {"Say"}


@pytest.mark.parametrize(
    ("value", "spoken"), [("418203", "4, 1, 8, 2, 0, 3"), (5, "5"), ("KES 5.00", "KES 5.00"), ("٤١٨٢", "٤١٨٢")]
)
def test_digits_of_a_code_are_spoken_apart(value, spoken):
    assert rules.aloud(value) == spoken


def test_says_no_code_to_who_rings_us_with_their_number():
    message = written()
    Message.objects.filter(pk=message.pk).update(status="SENDING", lease_until=now() + timedelta(minutes=1))
    answer = post({"sessionId": "ATVId_in", "isActive": "1", "direction": "Inbound", "callerNumber": PHONE})
    assert b"<Reject/>" in answer.content


def test_a_price_beyond_any_ends_the_call_all_the_same():
    message = notifications.deliver(message_id=written().pk, at=now())
    ended = about(message, isActive="0", durationInSeconds="9", currencyCode="KES", amount="9" * 40)
    assert post(ended).status_code == 200
    message.refresh_from_db()
    assert (message.status, message.cost) == ("DELIVERED", None)
