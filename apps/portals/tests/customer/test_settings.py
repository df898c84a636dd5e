"""Settings: each change is proven, and says what it did."""

import re

import pytest
from allauth.mfa.models import Authenticator

from apps.notifications.models import CommunicationPreference
from apps.notifications.testing import code_sent_to
from apps.portals.testing import faults_of, sign_in
from apps.portals.tests.customer.test_login import app_code, with_app
from apps.users.models import Session
from apps.users.testing import PASSWORD, make_customer

pytestmark = pytest.mark.django_db
NEW = "matatu-kitenge-mvua-99"


@pytest.fixture
def user():
    return make_customer(phone="+254712345908", email="achieng@example.com")


@pytest.fixture
def browser(user):
    return sign_in(user)


def test_changes_the_password_and_stays_in_here_only(user, browser):
    elsewhere = sign_in(user)
    wrong = browser.post("/settings/password", {"current": "not-it-at-all", "password": NEW})
    assert wrong.status_code == 422
    assert browser.post("/settings/password", {"current": PASSWORD, "password": NEW}).status_code == 303
    assert browser.get("/money").status_code == 200
    assert elsewhere.get("/money").status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW)


def test_a_new_address_counts_when_its_code_came_back(user, browser):
    assert browser.post("/settings/profile", {"email": "nowhere"}).status_code == 422
    assert browser.post("/settings/profile", {"email": "New@Example.com"}).status_code == 303
    user.refresh_from_db()
    assert user.email == "new@example.com"
    assert user.email_confirmed_at is None
    assert browser.post("/settings/profile/code", {"code": "000000"}).status_code == 422
    assert browser.post("/settings/profile/code", {"code": code_sent_to("new@example.com")}).status_code == 303
    user.refresh_from_db()
    assert user.email_confirmed_at is not None


def test_going_back_to_an_address_at_once_leads_to_its_code(user, browser):
    for address in ("one@example.com", "two@example.com", "one@example.com"):
        changed = browser.post("/settings/profile", {"email": address})
        assert (changed.status_code, changed.url) == (303, "/settings/profile/code")
    user.refresh_from_db()
    assert user.email == "one@example.com"
    page = browser.post("/settings/profile/code", {"again": "1"}).content.decode()
    assert "We sent a code a moment ago." in page


def test_an_address_of_another_is_refused_without_saying_so(user, browser):
    make_customer(email="taken@example.com")
    answer = browser.post("/settings/profile", {"email": "taken@example.com"})
    assert answer.status_code == 409
    assert "cannot be used" in answer.content.decode()
    user.refresh_from_db()
    assert user.email == "achieng@example.com"


def prove_to_add(user, browser, address):
    """Nothing is shown to whoever found the page open; a code to the phone opens it."""
    page = browser.get(address).content.decode()
    assert "we first make sure that it is you" in page
    assert "data-copy" not in page
    assert 'data-passkey="create"' not in page
    assert browser.post(address, {"code": "000000"}).status_code == 422
    assert browser.post(address, {"way": "SMS"}).headers["Location"] == address
    assert browser.post(address, {"code": "000000"}).status_code == 422
    assert browser.post(address, {"code": code_sent_to(str(user.phone))}).headers["Location"] == address


def test_sets_up_an_app_and_shows_recovery_codes_once(user, browser):
    prove_to_add(user, browser, "/settings/security/app")
    page = browser.get("/settings/security/app").content.decode()
    secret = re.search(r'data-copy="([A-Z2-7]+)"', page)[1]
    assert browser.get("/settings/security/app").content.decode().count(secret) >= 1, "the key stays until it is used"
    assert browser.post("/settings/security/app", {"code": "000000"}).status_code == 422
    assert browser.post("/settings/security/app", {"code": app_code(secret)}).status_code == 303
    once = browser.get("/settings/security/recovery-codes").content.decode()
    assert once.count("<li>") >= 10
    again = browser.get("/settings/security/recovery-codes").content.decode()
    assert "They are shown only now" not in again
    assert faults_of(again) == []
    assert browser.get("/settings/security/app").headers["Location"] == "/settings/security", "it is set up"


def test_removes_a_factor_after_a_proof_only(user, browser):
    with_app(user)
    factor = Authenticator.objects.get(user=user, type="totp")
    address = f"/settings/security/{factor.pk}/remove"
    assert browser.post(address, {}).status_code == 422
    assert browser.post(address, {"way": "SMS"}).status_code == 303
    assert browser.post(address, {"code": "000000"}).status_code == 422
    assert Authenticator.objects.filter(pk=factor.pk).exists()
    assert browser.post(address, {"code": code_sent_to(str(user.phone))}).status_code == 303
    assert not Authenticator.objects.filter(user=user).exists()


def test_makes_new_recovery_codes_after_a_proof(user, browser):
    with_app(user)
    address = "/settings/security/recovery-codes"
    assert browser.post(address, {"way": "SMS"}).status_code == 303
    assert browser.post(address, {"code": code_sent_to(str(user.phone))}).headers["Location"] == address
    assert "They are shown only now" in browser.get(address).content.decode()


def test_a_factor_of_another_is_not_there(browser):
    other = make_customer()
    with_app(other)
    factor = Authenticator.objects.get(user=other, type="totp")
    assert browser.get(f"/settings/security/{factor.pk}/remove").status_code == 404


def test_a_passkey_that_cannot_be_checked_is_not_kept(user, browser):
    prove_to_add(user, browser, "/settings/security/passkey")
    page = browser.get("/settings/security/passkey").content.decode()
    assert 'data-passkey="create"' in page
    answer = browser.post("/settings/security/passkey", {"credential": "{}", "name": "Phone"})
    assert answer.status_code == 422
    assert not Authenticator.objects.filter(user=user).exists()


def test_ends_one_stay_or_all_others(user, browser):
    phone, laptop = sign_in(user), sign_in(user)
    stay = phone.session["bank_session"]
    assert browser.post("/settings/devices/end", {"stay": stay}).status_code == 303
    assert phone.get("/money").status_code == 302
    assert laptop.get("/money").status_code == 200
    browser.post("/settings/devices/end", {"stay": "others"})
    assert laptop.get("/money").status_code == 302
    assert browser.get("/money").status_code == 200


def test_cannot_end_the_stay_of_another(browser):
    other = make_customer()
    theirs = sign_in(other)
    browser.post("/settings/devices/end", {"stay": theirs.session["bank_session"]})
    assert Session.objects.get(user=other).revoked_at is None


def test_keeps_choices_but_never_silences_money(user, browser):
    answer = browser.post("/settings/notices", {"SMS:SERVICE": "on", "quiet_from": "22:00", "quiet_to": "06:30"})
    assert answer.status_code == 303
    rows = {(row.channel, row.topic): row.is_allowed for row in CommunicationPreference.objects.filter(user=user)}
    assert rows["SMS", "SERVICE"] is True
    assert rows["SMS", "MARKETING"] is False
    assert ("SMS", "MONEY") not in rows
    assert browser.post("/settings/notices", {"quiet_from": "99:00", "quiet_to": "x"}).status_code == 422


def test_shows_limits_of_the_tier(browser):
    page = browser.get("/settings/limits").content.decode()
    assert "Tier 1" in page
    assert "Left to send today" in page


def test_writes_to_the_bank_and_reads_the_answer(user, browser):
    assert browser.post("/inbox/write", {"subject": "", "body": ""}).status_code == 422
    answer = browser.post("/inbox/write", {"subject": "Statement", "body": "<script>alert(1)</script>"})
    page = browser.get(answer.headers["Location"]).content.decode()
    assert "&lt;script&gt;" in page
    assert faults_of(page) == []
    assert browser.post(answer.headers["Location"], {"body": "And one more thing"}).status_code == 303
