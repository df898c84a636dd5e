"""A code that does not come by SMS is said in a call, a minute later and not again and again."""

from datetime import timedelta

import pytest

from apps.kernel.clock import now
from apps.notifications.models import Message
from apps.users import operations
from apps.users.errors import CallWithoutSms, Invalid, TooSoon
from apps.users.models import OtpChallenge
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db
PHONE = "0712 345 908"
AT = now()
SECOND = timedelta(seconds=1)


def send(channel, at, purpose="JOIN"):
    return operations.send_code(purpose=purpose, address=PHONE, channel=channel, at=at)


def test_calls_a_minute_after_the_sms_and_says_the_digits_apart():
    send("SMS", AT)
    challenge = send("VOICE", AT + 61 * SECOND)
    spoken = Message.objects.get(channel="VOICE")
    digits = [char for char in spoken.body if char.isdigit()]
    assert ", ".join(digits) in spoken.body
    code = "".join(digits)
    row = operations.check_code(challenge_id=challenge.pk, code=code, purpose="JOIN", at=AT + 90 * SECOND)
    assert row.answered_at is not None


@pytest.mark.parametrize(("language", "words"), [("en", "Your code to set"), ("sw", "Msimbo wako wa kuweka")])
def test_speaks_the_language_of_who_is_called(language, words):
    make_customer(phone="+254712345908", language=language)
    send("SMS", AT, "RESET")
    send("VOICE", AT + 61 * SECOND, "RESET")
    assert words in Message.objects.get(channel="VOICE").body


def test_does_not_call_before_the_minute_is_over():
    send("SMS", AT)
    with pytest.raises(TooSoon) as no:
        send("VOICE", AT + 59 * SECOND)
    assert no.value.facts["retry_after_seconds"] == 2
    assert OtpChallenge.objects.count() == 1


def test_does_not_call_whom_no_sms_was_sent_to():
    with pytest.raises(CallWithoutSms):
        send("VOICE", AT)
    send("SMS", AT)
    with pytest.raises(CallWithoutSms):
        send("VOICE", AT + timedelta(minutes=16))
    with pytest.raises(CallWithoutSms):
        send("VOICE", AT + 61 * SECOND, "RESET")
    assert not Message.objects.filter(channel="VOICE").exists()


def test_calls_three_times_an_hour_at_most():
    at = AT
    for _nth in range(3):
        send("SMS", at)
        at += 61 * SECOND
        send("VOICE", at)
        at += 61 * SECOND
    send("SMS", at)
    with pytest.raises(TooSoon) as no:
        send("VOICE", at + 61 * SECOND)
    assert no.value.facts["retry_after_seconds"] > 3000


def test_a_mailbox_cannot_be_called():
    with pytest.raises(Invalid):
        operations.send_code(purpose="RESET", address="a@example.com", channel="VOICE", at=AT)


@pytest.mark.parametrize(
    "body",
    [
        {"phone": PHONE, "purpose": "JOIN", "channel": "EMAIL"},
        {"email": "a@example.com", "purpose": "RESET", "channel": "VOICE"},
        {"phone": PHONE, "purpose": "JOIN", "channel": "PIGEON"},
    ],
)
def test_a_channel_that_does_not_fit_is_said_so(client, body):
    assert client.post("/api/v1/auth/otp/send/", body, content_type="application/json").status_code == 400


def test_the_api_says_when_a_call_may_be_asked_for(client):
    body = {"phone": PHONE, "purpose": "JOIN"}
    sent = client.post("/api/v1/auth/otp/send/", body, content_type="application/json")
    assert sent.json()["call_after_seconds"] == 60
    early = client.post("/api/v1/auth/otp/send/", {**body, "channel": "VOICE"}, content_type="application/json")
    assert (early.status_code, early.json()["code"]) == (429, "code_sent_already")
    OtpChallenge.objects.update(created_at=now() - 61 * SECOND)
    called = client.post("/api/v1/auth/otp/send/", {**body, "channel": "VOICE"}, content_type="application/json")
    assert called.status_code == 201
    assert called.json()["challenge"] != sent.json()["challenge"]


def test_a_number_that_has_a_profile_is_not_called_to_join(client):
    make_customer(phone="+254712345908")
    send("SMS", AT)
    send("VOICE", AT + 61 * SECOND)
    assert set(Message.objects.values_list("code", "channel")) == {("users.already_here", "SMS")}


def test_an_address_gets_so_many_codes_an_hour_while_nobody_answers_them():
    """Each code may be tried three times: whoever may ask for as many as they like guesses one in the end."""
    send("SMS", AT - 31 * SECOND, "RESET")
    OtpChallenge.objects.update(answered_at=AT)
    for nth in range(6):
        send("SMS", AT + nth * 31 * SECOND, "RESET")
    with pytest.raises(TooSoon) as no:
        send("SMS", AT + 600 * SECOND, "RESET")
    assert no.value.facts["retry_after_seconds"] == 3001
    send("SMS", AT + 3601 * SECOND, "RESET")
