"""What the provider refuses, one by one; and that reuse ends everything that came of it."""

import base64
import hashlib
import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from oauthlib.common import generate_token

from apps.accounts.testing import make_account
from apps.kernel.clock import now
from apps.open_banking import operations
from apps.open_banking.models import (
    AccessLog,
    AccessToken,
    AuthorisationCode,
    Consent,
    DeviceGrant,
    RefreshToken,
    SigningKey,
)
from apps.open_banking.oauth.validator import kept
from apps.open_banking.testing import RETURNS_TO, give, lodge, make_app, make_token
from apps.open_banking.tests.browser import answer_of, browser_of, let_in
from apps.users.queries import system_user
from apps.users.testing import make_customer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key")]
VERIFIER = "a-verifier-of-more-than-forty-three-characters-1234"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@pytest.fixture
def made():
    return make_app()


@pytest.fixture
def account():
    return make_account(balance="5000")


def ask(app, **changes):
    asked = {
        "client_id": app.client_id, "response_type": "code", "redirect_uri": RETURNS_TO, "scope": "openid",
        "state": "s1", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
    } | changes  # fmt: skip
    return "/oauth/authorize?" + urlencode({name: value for name, value in asked.items() if value is not None})


def post(path, made, **form):
    body = {"client_id": made.app.client_id, "client_secret": made.secret} | form
    return Client().post(path, urlencode({name: value for name, value in body.items() if value is not None}),
                         content_type="application/x-www-form-urlencoded")  # fmt: skip


def exchange(made, code, **changes):
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": RETURNS_TO, "code_verifier": VERIFIER}
    return post("/oauth/token", made, **form | changes)


def code_for(made, account):
    """A code as the page makes it; the page itself is asked by `test_pages` and by Authlib."""
    consent, code = give(lodge(made.app), [account]), generate_token(30)
    AuthorisationCode.objects.create(
        application=made.app, user=account.owner, consent=consent, code=kept(code), redirect_uri=RETURNS_TO,
        scope=f"openid accounts consent:{consent.public_id}", expires=now() + timedelta(seconds=60),
        code_challenge=CHALLENGE, code_challenge_method="S256",
    )  # fmt: skip
    return code


def renew(made, token, **changes):
    return post("/oauth/token", made, grant_type="refresh_token", refresh_token=token, **changes)


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"])
def test_discovery_lists_every_address_that_answers_and_nothing_else(path):
    found = Client().get(path).json()
    for name in ("authorization", "token", "userinfo", "revocation", "introspection", "end_session",
                 "device_authorization"):  # fmt: skip
        assert Client().get(found[f"{name}_endpoint"].removeprefix(found["issuer"])).status_code != 404
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["response_types_supported"] == ["code"]
    assert not {"password", "implicit"} & set(found["grant_types_supported"])
    assert found["id_token_signing_alg_values_supported"] == ["RS256"]


WRONG = [
    ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"response_type": "token"}, "unauthorized_client"),
    ({"response_type": "code id_token", "nonce": "n"}, "unauthorized_client"),
    ({"scope": "openid everything"}, "invalid_scope"),
    ({"scope": "openid accounts"}, "invalid_scope"),
    ({"scope": "openid accounts consent:not-an-id"}, "invalid_scope"),
    ({"prompt": "none"}, "login_required"),
]
FATAL = [
    {"redirect_uri": "https://evil.example/callback"}, {"redirect_uri": f"{RETURNS_TO}/more"},
    {"redirect_uri": f"{RETURNS_TO}?x=1"}, {"client_id": "nobody"}, {"client_id": None}, {"claims": "{no json"},
]  # fmt: skip


def test_says_a_wrong_request_to_the_app_and_asks_nobody(made):
    for changes, error in WRONG:
        back = answer_of(Client().get(ask(made.app, **changes)))
        assert (back["error"], back["state"], back["iss"]) == (error, "s1", "http://127.0.0.1:8000"), changes
    assert not AuthorisationCode.objects.exists()


def test_shows_an_address_that_was_not_registered_and_never_leads_there(made):
    for changes in FATAL:
        response = Client().get(ask(made.app, **changes))
        assert response.status_code == 400, changes
        assert "evil" not in response.content.decode()


def test_a_consent_of_another_app_is_not_possible(made):
    theirs = lodge(make_app().app)
    back = answer_of(Client().get(ask(made.app, scope=f"openid accounts consent:{theirs.public_id}")))
    assert back["error"] == "invalid_scope"


def test_a_consent_of_another_customer_is_not_there(made, account):
    consent = lodge(made.app)
    Consent.objects.filter(pk=consent.pk).update(user=make_customer())
    path = ask(made.app, scope=f"openid accounts consent:{consent.public_id}")
    assert browser_of(account.owner).get(path).status_code == 404


def test_an_app_that_is_not_approved_asks_no_customer(account):
    made = make_app(live=False)
    consent = lodge(made.app)
    path = ask(made.app, scope=f"openid accounts consent:{consent.public_id}")
    assert Client().get(path)["Location"].startswith("/login")
    for do in ("refuse", "allow", ""):
        answer = browser_of(account.owner).post(path, {"do": do, "account": account.pk, "code": "123456"})
        assert answer.status_code == 403
    assert (Consent.objects.get().user, Consent.objects.get().status) == (None, "RECEIVED")


def test_a_customer_who_refuses_is_believed(made, account):
    consent = lodge(made.app)
    path = ask(made.app, scope=f"openid accounts consent:{consent.public_id}")
    back = answer_of(browser_of(account.owner).post(path, {"do": "refuse"}))
    assert (back["error"], Consent.objects.get().status) == ("access_denied", "REJECTED")


def test_names_the_consent_in_claims_as_uk_clients_do(made, account):
    consent = lodge(made.app)
    claims = json.dumps({"id_token": {"openbanking_intent_id": {"value": str(consent.public_id), "essential": True}}})
    back = answer_of(let_in(browser_of(account.owner), ask(made.app, scope="openid accounts", claims=claims), account))
    assert exchange(made, back["code"]).json()["scope"].split()[-1] == f"consent:{consent.public_id}"


def test_a_code_is_good_once_and_its_second_use_ends_what_the_first_gave(made, account):
    code = code_for(made, account)
    first = exchange(made, code)
    assert first.status_code == 200
    again = exchange(made, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert not AccessToken.objects.exists()
    assert renew(made, first.json()["refresh_token"]).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"code_verifier": None}, 400, "invalid_request"),
        ({"code_verifier": "another-verifier-of-more-than-forty-three-chars"}, 400, "invalid_grant"),
        ({"redirect_uri": "https://bajeti.example/other"}, 400, "invalid_request"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"code": "made-up"}, 400, "invalid_grant"),
    ],
)
def test_a_code_opens_nothing_without_its_verifier_its_address_and_its_app(made, account, changes, status, error):
    response = exchange(made, changes.pop("code", None) or code_for(made, account), **changes)
    assert (response.status_code, response.json()["error"]) == (status, error)
    assert not AccessToken.objects.exists()


def test_a_code_of_another_app_or_out_of_time_opens_nothing(made, account):
    code = code_for(made, account)
    assert exchange(make_app(), code).json()["error"] == "invalid_grant"
    AuthorisationCode.objects.update(expires=now() - timedelta(seconds=1))
    assert exchange(made, code).json()["error"] == "invalid_grant"


def test_a_refresh_token_used_twice_ends_its_family(made, account):
    first = exchange(made, code_for(made, account)).json()["refresh_token"]
    second = renew(made, first).json()
    assert renew(made, first).json()["error"] == "invalid_grant"
    assert not AccessToken.objects.exists()
    assert renew(made, second["refresh_token"]).json()["error"] == "invalid_grant"
    assert not RefreshToken.objects.filter(revoked=None).exists()


def test_a_refresh_gives_no_more_than_was_given_and_nothing_once_the_consent_ended(made, account):
    token = exchange(made, code_for(made, account)).json()["refresh_token"]
    assert renew(made, token, scope="openid payments").json()["error"] == "invalid_scope"
    operations.revoke(consent=Consent.objects.get(), by=account.owner, at=now())
    assert renew(made, token).json()["error"] == "invalid_grant"


def test_no_password_opens_anything_and_no_client_gets_a_customers_scope(made):
    wrong = post("/oauth/token", made, grant_type="password", username="a", password="b", scope="openid")
    assert wrong.json()["error"] in {"unsupported_grant_type", "unauthorized_client", "invalid_grant"}
    assert (
        post("/oauth/token", made, grant_type="client_credentials", scope="openid").json()["error"] == "invalid_scope"
    )
    assert post("/oauth/token", made, grant_type="client_credentials").json()["error"] == "invalid_scope"
    assert not AccessToken.objects.exists()


def test_a_token_of_a_consent_never_outlives_it(made, account):
    code = code_for(made, account)
    Consent.objects.update(valid_until=now() + timedelta(seconds=90))
    assert exchange(made, code).json()["expires_in"] <= 90


def test_both_live_secrets_open_and_a_third_does_not(made):
    operations.rotate_secret(app=made.app, by=made.app.developer.user, at=now())
    assert post("/oauth/token", made, grant_type="client_credentials", scope="accounts").status_code == 200
    operations.rotate_secret(app=made.app, by=made.app.developer.user, at=now())
    assert post("/oauth/token", made, grant_type="client_credentials", scope="accounts").status_code == 401


def test_tells_an_app_of_its_own_tokens_alone(made, account):
    token = make_token(made.app, give(lodge(made.app), [account]))
    assert post("/oauth/introspect", made, token=token).json()["active"] is True
    assert post("/oauth/introspect", make_app(), token=token).json() == {"active": False}
    assert post("/oauth/introspect", made, token=token, client_secret="wrong").status_code == 401
    public = make_app(is_public=True)
    assert post("/oauth/introspect", public, token=token).status_code == 401
    post("/oauth/revoke", make_app(), token=token)
    assert AccessToken.objects.exists()
    post("/oauth/revoke", made, token=token)
    assert not AccessToken.objects.exists()


def _forged(alg, claims):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': alg, 'kid': SigningKey.objects.current().kid})}.{part(claims)}."


def test_a_token_signed_by_nobody_says_nothing(made, account):
    forged = _forged("none", {"sub": str(account.owner.public_id), "aud": made.app.client_id, "jti": "x"})
    answer = Client().get("/oauth/userinfo", headers={"Authorization": f"Bearer {forged}"})
    assert answer.status_code == 401
    back = {"id_token_hint": forged, "post_logout_redirect_uri": RETURNS_TO}
    assert Client().get("/oauth/logout?" + urlencode(back)).status_code == 400


def test_a_rotated_key_signs_no_more_and_is_still_published(made):
    old = SigningKey.objects.current()
    new = operations.rotate_key(by=system_user(), at=now())
    found = [one["kid"] for one in Client().get("/oauth/jwks").json()["keys"]]
    assert found == [new.kid, old.kid]
    assert all("d" not in one for one in Client().get("/oauth/jwks").json()["keys"])
    assert SigningKey.objects.current() == new
    assert SigningKey.objects.published(now() + timedelta(days=8)).count() == 1


def test_signing_out_asks_first_and_leads_only_where_the_app_said(account):
    made = make_app(post_logout_redirect_uris=["https://bajeti.example/bye"])
    browser = browser_of(account.owner)
    asked = {"client_id": made.app.client_id, "post_logout_redirect_uri": "https://bajeti.example/bye", "state": "z"}
    assert browser.get("/oauth/logout?" + urlencode(asked)).status_code == 200
    assert "_auth_user_id" in browser.session
    assert browser.post("/oauth/logout", asked)["Location"] == "https://bajeti.example/bye?state=z"
    assert "_auth_user_id" not in browser.session
    wrong = asked | {"post_logout_redirect_uri": "https://evil.example"}
    assert browser.get("/oauth/logout?" + urlencode(wrong)).status_code == 400


def test_a_device_is_let_in_from_elsewhere_once(account):
    made = make_app(uses_devices=True)
    consent = lodge(made.app)
    begun = post("/oauth/device-authorization", made, scope=f"accounts consent:{consent.public_id}").json()
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": begun["device_code"]}
    DeviceGrant.objects.update(last_checked=now() - timedelta(seconds=9))
    assert post("/oauth/token", made, **grant).json()["error"] == "authorization_pending"
    assert post("/oauth/token", made, **grant).json()["error"] == "slow_down"
    page = let_in(browser_of(account.owner), f"/oauth/device?user_code={begun['user_code']}", account)
    assert page.status_code == 200
    assert post("/oauth/token", make_app(uses_devices=True), **grant).json()["error"] == "invalid_grant"
    token = post("/oauth/token", made, **grant)
    assert token.status_code == 200
    assert renew(made, token.json()["refresh_token"]).status_code == 200
    assert post("/oauth/token", made, **grant).json()["error"] == "invalid_grant"


def test_short_codes_are_not_to_be_guessed(account, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "otp": "2/min"}
    browser = browser_of(account.owner)
    answers = [browser.post(f"/oauth/device?user_code=BCDF-GHJ{last}").status_code for last in "KLM"]
    assert answers == [422, 422, 429]


def test_begins_no_device_for_an_app_without_any(made):
    assert post("/oauth/device-authorization", made, scope="openid").json()["error"] == "unauthorized_client"


@pytest.mark.parametrize("header", ["Bearer  {}", "Bearer\t{}", "bearer {}", None])
def test_who_a_customer_is_leaves_written_down_however_the_token_came(made, account, header):
    token = make_token(made.app, give(lodge(made.app), [account]), scope="openid profile accounts")
    if header is None:
        answer = Client().post("/oauth/userinfo", urlencode({"access_token": token}),
                               content_type="application/x-www-form-urlencoded")  # fmt: skip
    else:
        answer = Client().get("/oauth/userinfo", headers={"Authorization": header.format(token)})
    assert (answer.status_code, answer.json()["name"]) == (200, account.owner.full_name)
    assert AccessLog.objects.get().resource == "IDENTITY"


def test_a_token_in_an_address_opens_nothing(made, account):
    token = make_token(made.app, give(lodge(made.app), [account]), scope="openid profile accounts")
    assert Client().get("/oauth/userinfo", {"access_token": token}).status_code == 400
    assert not AccessLog.objects.exists()
