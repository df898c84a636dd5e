"""Secrets do not reach the log."""

import pytest

from apps.kernel.redaction import strike_out


@pytest.mark.parametrize(
    "name", ["password", "refresh_token", "Authorization", "otp", "pin", "id_number", "secret", "api_key"]
)
def test_strikes_out_by_name(name):
    assert strike_out(None, "", {name: "hunter2"})[name] == "•••"


def test_strikes_out_inside_bodies_and_long_numbers_in_sentences():
    event = strike_out(None, "", {"event": "sent to +254712345908", "body": {"password": "x", "note": "lunch"}})
    assert event["event"] == "sent to +2547•••908"
    assert event["body"] == {"password": "•••", "note": "lunch"}


def test_leaves_what_is_harmless():
    event = {"event": "request_started", "request_id": "0123456789abcdef", "status": 200, "code": "limit_exceeded"}
    assert strike_out(None, "", dict(event)) == event


@pytest.mark.parametrize(
    "path",
    [
        "/webhooks/daraja/c2b/confirmation/our-secret-word",
        "/webhooks/africastalking/delivery/our-secret-word",
        "/webhooks/africastalking/voice/?token=our-secret-word",
    ],
)
def test_strikes_out_the_word_in_the_address_of_a_webhook(path):
    """Nothing else proves there who calls, and every request is logged with its address."""
    event = strike_out(None, "", {"event": f"Not Found: {path}", "request": f"POST {path}"})
    assert "our-secret-word" not in str(event)
    assert "/webhooks/" in event["request"]
