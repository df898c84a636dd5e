"""Joining step by step: nothing is skipped, nothing is lost, nobody learns who is here already."""

import re
from datetime import timedelta

import pytest

from apps.accounts.models import Account
from apps.kernel.testing import deliver_events
from apps.notifications.testing import code_sent_to, messages_to
from apps.portals.testing import faults_of
from apps.users.models import OtpChallenge, User
from apps.users.testing import PASSWORD, make_customer

pytestmark = pytest.mark.django_db
PHONE = "+254712345908"


def give_phone(client, phone="0712 345 908"):
    return client.post("/join/phone", {"phone": phone})


def give_code(client, code=""):
    return client.post("/join/code", {"code": code or code_sent_to(PHONE)})


def to_password(client, **fields):
    give_phone(client)
    give_code(client)
    asked = {"full_name": "Achieng Otieno", "id_number": "28456712", "email": "", **fields}
    return client.post("/join/you", asked)


def test_opens_two_accounts_and_signs_in(client):
    assert give_phone(client).headers["Location"] == "/join/code"
    code = code_sent_to(PHONE)
    pasted = give_code(client, f" {code[:3]} {code[3:]} ")
    assert pasted.headers["Location"] == "/join/you"
    assert client.post("/join/you", {"full_name": "Achieng  Otieno", "id_number": "28456712"}).status_code == 303
    answer = client.post("/join/password", {"password": PASSWORD})
    assert answer.headers["Location"] == "/join/done"
    deliver_events()
    page = client.get("/join/done").content.decode()
    assert "Step 5 of 5" in page
    assert "Step 5 of 5: Welcome" in page.partition("</title>")[0]
    user = User.objects.with_phone(PHONE).get()
    assert user.kyc_tier == "TIER_1"
    assert Account.objects.owned_by(user).count() == 2
    assert "Add your first money" in client.get("/").content.decode()


def test_shows_home_while_the_accounts_are_being_opened(client):
    to_password(client)
    client.post("/join/password", {"password": PASSWORD})
    assert "being opened" in client.get("/").content.decode()
    piece = client.get("/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in piece
    assert "Look again" in piece


@pytest.mark.parametrize(("step", "stands_at"), [("code", "phone"), ("you", "phone"), ("password", "phone")])
def test_no_step_can_be_skipped(client, step, stands_at):
    assert client.get(f"/join/{step}").headers["Location"] == f"/join/{stands_at}"
    assert client.get("/join/elsewhere").status_code == 404


@pytest.mark.parametrize("phone", ["", "0712", "020 222 3333", "abc", "٠٧١٢٣٤٥٩٠٨"])
def test_refuses_what_is_no_mobile_number(client, phone):
    answer = give_phone(client, phone)
    assert answer.status_code == 422
    assert 'id="errors"' in answer.content.decode()
    assert faults_of(answer.content.decode()) == []
    assert OtpChallenge.objects.count() == 0


def test_counts_wrong_codes_and_sends_another_one_after_half_a_minute(client):
    give_phone(client)
    answer = give_code(client, "000000")
    assert answer.status_code == 422
    assert "2 more times" in answer.content.decode()
    too_soon = client.post("/join/code", {"again": "1"})
    assert too_soon.status_code == 422
    assert "seconds" in too_soon.content.decode()
    assert OtpChallenge.objects.count() == 1
    assert client.get("/join/you").headers["Location"] == "/join/code"


def sent_earlier(seconds):
    """As if that time had passed since each code went out; the row is otherwise never written again."""
    for row in OtpChallenge.objects.all():
        OtpChallenge.objects.filter(pk=row.pk).update(created_at=row.created_at - timedelta(seconds=seconds))


def test_a_text_that_does_not_come_is_said_by_a_call_a_minute_later(client):
    give_phone(client)
    page = client.get("/join/code").content.decode()
    assert re.search(r'name="call" value="1" data-wait="(59|60|61)"', page)
    assert client.post("/join/code", {"call": "1"}).status_code == 422
    assert not OtpChallenge.objects.filter(channel="VOICE").exists()
    sent_earlier(61)
    answer = client.post("/join/code", {"call": "1"})
    assert answer.headers["Location"] == "/join/code?sent=call"
    assert "We are calling you" in client.get("/join/code?sent=call").content.decode()
    spoken = messages_to(PHONE)[-1].body
    said = "".join(sign for sign in spoken if sign.isdigit())
    assert give_code(client, said).headers["Location"] == "/join/you"


def test_names_every_wrong_field_and_keeps_what_was_typed(client):
    give_phone(client)
    give_code(client)
    answer = client.post("/join/you", {"full_name": "A", "id_number": "12", "email": "nowhere"})
    page = answer.content.decode()
    assert answer.status_code == 422
    for field in ("full_name", "id_number", "email"):
        assert f'href="#id_{field}"' in page
    assert 'value="nowhere"' in page


def test_refuses_a_weak_password_and_never_shows_it_again(client):
    to_password(client)
    answer = client.post("/join/password", {"password": "password1234"})
    assert answer.status_code == 422
    assert "password1234" not in answer.content.decode()
    assert User.objects.with_phone(PHONE).count() == 0


def test_says_kind_words_when_the_identity_number_is_taken(client):
    make_customer(id_number="28456712")
    to_password(client)
    answer = client.post("/join/password", {"password": PASSWORD})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Perhaps it was you" in page
    assert "28456712" not in page
    assert User.objects.with_phone(PHONE).count() == 0


def test_answers_the_same_for_a_number_that_has_a_profile(client):
    make_customer(phone=PHONE)
    answer = give_phone(client)
    assert answer.headers["Location"] == "/join/code"
    assert [message.code for message in messages_to(PHONE)] == ["users.already_here"]
    assert "sign in" in client.get("/join/code").content.decode()


def test_keeps_nothing_personal_in_the_clear(client):
    to_password(client, email="achieng@example.com")
    kept = str(dict(client.session))
    for personal in (PHONE, "28456712", "achieng@example.com", "Otieno"):
        assert personal not in kept
