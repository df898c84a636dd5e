"""Signing in and out: locks, second factors, recovery, and a stay that ends."""

from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client

from apps.kernel.clock import now
from apps.notifications.testing import code_sent_to
from apps.portals.testing import faults_of, sign_in
from apps.users import idle, operations
from apps.users.models import OtpChallenge, Session, StepUpChallenge
from apps.users.operations.factors import ADD
from apps.users.testing import PASSWORD, make_customer, make_staff, proof_of

pytestmark = pytest.mark.django_db


def app_code(secret):
    """What the authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def with_app(user):
    """Set up an authenticator app. Returns its secret and the recovery codes."""
    begun = operations.enrol_totp(user=user, challenge_id=proof_of(user, ADD), at=now())
    codes = operations.confirm_totp(user=user, challenge_id=begun.challenge.pk, code=app_code(begun.secret), at=now())
    return begun.secret, codes


def test_opens_with_phone_or_email_in_any_form(client):
    user = make_customer(phone="+254712345908", email="achieng@example.com")
    for login in ("0712345908", "+254 712 345 908", "Achieng@Example.com"):
        answer = Client().post("/login", {"login": login, "password": PASSWORD, "next": "/money"})
        assert answer.headers["Location"] == "/money", login
    assert Session.objects.filter(user=user, door="PORTAL").count() == 3


def test_a_sign_in_begun_with_the_old_password_is_asked_for_no_other_way(client):
    user = make_customer()
    with_app(user)
    assert client.post("/login", {"login": str(user.phone), "password": PASSWORD}).headers["Location"] == "/login/code"
    operations.change_password(user=user, current=PASSWORD, new="evening-at-the-lake-26", at=now())
    before = StepUpChallenge.objects.count()
    answer = client.post("/login/code", {"way": "SMS"})
    assert (answer.headers["Location"], StepUpChallenge.objects.count()) == ("/login", before)


def test_says_the_same_of_a_wrong_password_and_of_nobody(client):
    make_customer(phone="+254712345908")
    pages = []
    for login in ("0712345908", "0712345909"):
        answer = client.post("/login", {"login": login, "password": "not-the-password"})
        assert answer.status_code == 422
        pages.append(answer.content.decode().replace(login, ""))
    assert pages[0].partition("<form")[0].count("do not go together") == pages[1].partition("<form")[0].count(
        "do not go together"
    )
    assert "not-the-password" not in pages[0]


def test_locks_after_five_and_says_until_when(client):
    make_customer(phone="+254712345908")
    for _nth in range(5):
        answer = client.post("/login", {"login": "0712345908", "password": "wrong-wrong-wrong"})
    page = answer.content.decode()
    assert "locked until" in page
    assert "/login/recover" in page
    assert faults_of(page) == []
    assert client.post("/login", {"login": "0712345908", "password": PASSWORD}).status_code == 422


def test_second_factor_by_app_or_recovery_code():
    user = make_customer()
    _secret, codes = with_app(user)
    client = Client()
    answer = client.post("/login", {"login": str(user.phone), "password": PASSWORD, "next": "/money"})
    assert answer.headers["Location"] == "/login/code"
    assert client.get("/money").status_code == 302
    page = client.get("/login/code").content.decode()
    assert "authenticator app" in page
    assert faults_of(page) == []
    wrong = client.post("/login/code", {"code": "000000"})
    assert wrong.status_code == 422
    assert "2 more times" in wrong.content.decode()
    inside = client.post("/login/code", {"code": codes[0]})
    assert inside.headers["Location"] == "/money"
    assert client.get("/money").status_code == 200


def test_second_factor_by_sms_instead():
    user = make_customer()
    with_app(user)
    client = Client()
    client.post("/login", {"login": str(user.phone), "password": PASSWORD})
    assert client.post("/login/code", {"way": "SMS"}).status_code == 303
    assert client.post("/login/code", {"code": code_sent_to(str(user.phone))}).headers["Location"] == "/"


def test_staff_always_give_a_second_factor():
    staff = make_staff("TELLER")
    client = Client()
    assert client.post("/login", {"login": str(staff.phone), "password": PASSWORD}).headers["Location"] == "/login/code"
    assert client.post("/login", {"login": str(staff.phone), "password": PASSWORD}).headers["Location"] == "/login/code"
    assert client.post("/login/code", {"code": code_sent_to(str(staff.phone))}).headers["Location"] == "/workbench/"


def test_staff_who_come_back_at_once_are_sent_a_code_that_opens():
    teller, browser = make_staff("TELLER"), Client()
    for _stay in range(2):
        browser.post("/login", {"login": teller.phone, "password": PASSWORD})
        came_in = browser.post("/login/code", {"code": code_sent_to(str(teller.phone))})
        assert (came_in.status_code, came_in.url) == (303, "/workbench/")
        browser.post("/logout")


def test_a_code_for_a_new_password_may_be_called_for_and_never_to_a_mailbox(client):
    make_customer(phone="+254712345908")
    client.post("/login/recover", {"login": "0712 345 908"})
    OtpChallenge.objects.update(created_at=now() - timedelta(seconds=61))
    assert client.post("/login/recover/code", {"call": "1"}).headers["Location"] == "/login/recover/code?sent=call"
    assert OtpChallenge.objects.filter(channel="VOICE").count() == 1
    client.post("/login/recover", {"login": "someone@example.com"})
    assert 'name="call"' not in client.get("/login/recover/code").content.decode()


def test_recovers_a_password(client):
    user = make_customer(phone="+254712345908")
    other = sign_in(user)
    assert client.get("/login/recover/password").headers["Location"] == "/login/recover/who"
    assert client.post("/login/recover", {"login": "0712 345 908"}).headers["Location"] == "/login/recover/code"
    assert client.post("/login/recover/code", {"code": "000000"}).status_code == 422
    assert client.post("/login/recover/code", {"code": code_sent_to("+254712345908")}).status_code == 303
    assert client.post("/login/recover/password", {"password": "short"}).status_code == 422
    new = "matatu-kitenge-mvua-99"
    assert client.post("/login/recover/password", {"password": new}).headers["Location"] == "/"
    assert other.get("/money").status_code == 302
    user.refresh_from_db()
    assert user.check_password(new)


def test_recovery_says_the_same_for_strangers(client):
    answer = client.post("/login/recover", {"login": "0799 888 777"})
    assert answer.headers["Location"] == "/login/recover/code"
    with pytest.raises(LookupError):
        code_sent_to("+254799888777")


def test_signs_out_here_only():
    user = make_customer()
    here, there = sign_in(user), sign_in(user)
    assert here.get("/logout").status_code == 405
    here.post("/logout")
    assert here.get("/money").status_code == 302
    assert there.get("/money").status_code == 200


def test_a_stay_ends_without_a_sign_of_life_and_one_tap_extends_it(monkeypatch):
    client = sign_in(make_customer())
    began = now()
    monkeypatch.setattr(idle, "now", lambda: began + timedelta(minutes=14))
    assert client.post("/me/stay", headers={"HX-Request": "true"}).status_code == 204
    monkeypatch.setattr(idle, "now", lambda: began + timedelta(minutes=28))
    assert client.get("/money").status_code == 200
    monkeypatch.setattr(idle, "now", lambda: began + timedelta(minutes=60))
    assert client.get("/money").headers["Location"] == "/login?next=%2Fmoney"
    piece = client.get("/money", headers={"HX-Request": "true"})
    assert piece.headers["HX-Redirect"].startswith("/login")


def test_a_form_sent_after_the_stay_ended_says_that_nothing_was_done_and_leads_back_to_it(monkeypatch):
    user = make_customer()
    client, began = sign_in(user), now()
    monkeypatch.setattr(idle, "now", lambda: began + timedelta(minutes=20))
    sent = {"to": "0712345908", "amount": "500"}
    answer = client.post("/pay/send", sent, headers={"Referer": "http://testserver/pay/send?saved=7"})
    assert answer.headers["Location"] == "/login?next=%2Fpay%2Fsend%3Fsaved%3D7&ended=1"
    page = client.get(answer.headers["Location"]).content.decode()
    assert faults_of(page) == []
    assert "Nothing was done and no money moved" in page
    assert 'name="next" value="/pay/send?saved=7"' in page
    back = client.post("/login", {"login": str(user.phone), "password": PASSWORD, "next": "/pay/send?saved=7"})
    assert back.headers["Location"] == "/pay/send?saved=7"


@pytest.mark.parametrize("page", ["https://evil.example/pay/send", "//evil.example/x", "javascript:alert(1)", "", "x"])
def test_a_form_from_elsewhere_leads_nowhere_but_home(page):
    answer = Client().post("/pay/send", {}, headers={"Referer": page})
    assert answer.headers["Location"] == "/login?ended=1"


def test_a_passkey_that_is_none_opens_nothing(client):
    page = client.get("/login").content.decode()
    assert "data-options" in page
    for odd in ("{}", "[" * 7000):
        assert client.post("/login/passkey", {"carried": "forged", "credential": odd}).status_code == 422
    assert client.get("/money").status_code == 302
