"""The front door by API: join, sign in, be locked out, stay oneself."""

from urllib.parse import urlencode

import pytest

from apps.notifications.testing import code_sent_to
from apps.users.testing import PASSWORD, bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db


def post(client, path, body, headers=None):
    return client.post(f"/api/v1/{path}", body, content_type="application/json", headers=headers or {})


@pytest.mark.parametrize("phone", ["0712 345 908", "0733 000 001"])
def test_asking_for_a_code_answers_alike_whether_or_not_the_number_is_known(client, phone):
    make_customer(phone="+254712345908")
    answer = post(client, "auth/otp/send/", {"phone": phone, "purpose": "JOIN"})
    assert (answer.status_code, sorted(answer.json())) == (
        201,
        ["call_after_seconds", "challenge", "expires_at", "resend_after_seconds"],
    )


@pytest.mark.parametrize("phone", ["0712 345 908", "0733 000 001"])
def test_a_mailbox_is_not_confirmed_by_phone(client, phone):
    make_customer(phone="+254712345908")
    assert post(client, "auth/otp/send/", {"phone": phone, "purpose": "CONFIRM_EMAIL"}).status_code == 400


def test_an_oauth2_password_form_signs_in_too(client):
    make_customer(phone="+254712345908")
    body = urlencode({"grant_type": "password", "username": "0712345908", "password": PASSWORD})
    answer = client.post("/api/v1/token", body, content_type="application/x-www-form-urlencoded")
    assert answer.json()["token_type"] == "Bearer"


def test_five_wrong_passwords_lock_the_door_in_plain_words(client):
    make_customer(phone="+254712345908")
    body = {"login": "0712345908", "password": "wrong"}
    answers = [post(client, "auth/login/", body) for _try in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 4 + [403] * 2
    assert answers[-1].json()["code"] == "account_locked"
    assert answers[-1].headers["Content-Type"] == "application/problem+json"
    assert "locked_until" in answers[-1].json()


def test_staff_prove_a_second_factor_and_then_hold_tokens(client):
    teller = make_staff("TELLER", phone="+254711000001")
    asked = post(client, "auth/login/", {"login": "0711000001", "password": PASSWORD}).json()
    assert asked["mfa_required"]
    body = {"challenge": asked["challenge"], "code": code_sent_to("+254711000001")}
    tokens = post(client, "auth/mfa/verify/", body).json()
    assert (
        client.get("/api/v1/users/me/", headers={"Authorization": f"Bearer {tokens['access']}"}).json()["id"]
        == teller.pk
    )


def test_refresh_rotates_and_its_reuse_ends_the_stay(client):
    make_customer(phone="+254712345908")
    first = post(client, "auth/login/", {"login": "0712345908", "password": PASSWORD}).json()
    second = post(client, "auth/refresh/", {"refresh": first["refresh"]}).json()
    assert post(client, "auth/refresh/", {"refresh": first["refresh"]}).status_code == 401
    assert client.get("/api/v1/users/me/", headers={"Authorization": f"Bearer {second['access']}"}).status_code == 401


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"login": "a\\u0000b", "password": "x"}', "application/json", 400),
        (b"[]", "application/json", 400),
        (b"<xml/>", "application/xml", 415),
        (b'{"login": "x", "password": "x", "admin": true}', "application/json", 400),
    ],
)
def test_what_cannot_be_read_is_said_so(client, body, content_type, status):
    answer = client.post("/api/v1/auth/login/", body, content_type=content_type)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"]


def test_a_body_of_fifty_megabytes_is_turned_away_unread(client):
    answer = client.generic(
        "POST", "/api/v1/auth/login/", b"x", content_type="application/json", CONTENT_LENGTH="50000000"
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_nul_bytes_in_addresses_are_turned_away(client):
    assert client.get("/api/v1/transactions/?search=%00", headers=bearer(make_customer())).status_code == 400


def test_changes_email_and_language_and_nothing_else(client):
    user = make_customer()
    body = {"email": "New@Example.com", "language": "sw", "full_name": "Somebody Else", "kyc_tier": "TIER_3"}
    answer = client.patch("/api/v1/users/me/", body, content_type="application/json", headers=bearer(user))
    shown = answer.json()
    assert (shown["email"], shown["language"], shown["full_name"], shown["kyc_tier"]) == (
        "new@example.com",
        "sw",
        user.full_name,
        "TIER_1",
    )


def test_another_persons_session_cannot_be_ended(client):
    user, other = make_customer(), make_customer()
    bearer(other)
    stay = other.bank_sessions.get()
    assert client.delete(f"/api/v1/auth/sessions/{stay.pk}/", headers=bearer(user)).status_code == 404
    stay.refresh_from_db()
    assert stay.revoked_at is None


def test_limits_say_how_often_and_when_to_come_back(client, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "default": "3/min"}
    headers = bearer(make_customer())
    answers = [client.get("/api/v1/users/me/", headers=headers) for _time in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["RateLimit-Remaining"] == "2"
    assert int(answers[3].headers["Retry-After"]) > 0


@pytest.mark.parametrize("factor", [-1, 0, 2**63, 10**200])
def test_a_factor_that_no_row_can_have_is_refused_in_words(client, factor):
    body = {"operation": "users.factor.remove", "factor": factor}
    answer = client.post(
        "/api/v1/auth/step-up/", body, content_type="application/json", headers=bearer(make_customer())
    )
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["factor"])


def test_clients_behind_one_proxy_are_counted_and_kept_apart(client, settings):
    settings.TRUSTED_PROXIES = 1
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "auth": "2/min"}
    user = make_customer()
    body = {"login": str(user.phone), "password": PASSWORD}

    def sign_in(client_address):
        through = {"X-Forwarded-For": f"192.0.2.1, {client_address}"}
        return client.post(
            "/api/v1/auth/login/", body, content_type="application/json", REMOTE_ADDR="10.0.0.2", headers=through
        ).status_code

    assert [sign_in("197.232.7.9") for _try in range(3)] == [200, 200, 429]
    assert sign_in("105.160.3.4") == 200
    assert {stay.ip_address for stay in user.bank_sessions.all()} == {"197.232.7.9", "105.160.3.4"}
