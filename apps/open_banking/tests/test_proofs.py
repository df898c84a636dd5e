"""Beyond a secret: requests pushed ahead of the customer, assertions an app's key signs, certificates of its calls."""

import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from functools import lru_cache
from urllib.parse import quote, urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from jwcrypto import jwk, jwt

from apps.accounts.testing import make_account
from apps.kernel.clock import now
from apps.open_banking import credentials, operations
from apps.open_banking.errors import BadApp
from apps.open_banking.models import (
    AccessToken,
    AppSecret,
    Consent,
    PushedRequest,
    ThirdPartyApp,
    UsedAssertion,
    secret_print,
)
from apps.open_banking.oauth import assertions
from apps.open_banking.obp.words import word_of
from apps.open_banking.operations import AppTerms
from apps.open_banking.testing import RETURNS_TO, give, go_live, lodge, make_app, make_token
from apps.open_banking.tests.browser import answer_of, browser_of, let_in
from apps.open_banking.tests.paying import refusal
from apps.open_banking.tests.test_obp import V, direct
from apps.open_banking.tests.test_provider import ask, exchange, post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key")]
ROOT = "http://127.0.0.1:8000"
HEADER = "X-Client-Cert"


@lru_cache
def key(nth=0):
    return jwk.JWK.generate(kty="EC", crv="P-256", kid=f"k{nth}")


@lru_cache
def certificate(name="tpp.example", days=30):
    private, at = ec.generate_private_key(ec.SECP256R1()), now()
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(private.public_key())
    made = made.serial_number(7).not_valid_before(at - timedelta(days=60)).not_valid_after(at + timedelta(days=days))
    return made.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def key_set(*keys, private=False):
    return json.dumps({"keys": [json.loads(one.export(private_key=private)) for one in keys or (key(),)]})


def pushed(made, **asked):
    given = {"response_type": "code", "redirect_uri": RETURNS_TO, "scope": "openid", "state": "s1"}
    pkce = {"code_challenge": "x" * 43, "code_challenge_method": "S256"}
    return post("/oauth/par", made, **given | pkce | asked)


def at_the_page(made, answer, **more):
    named = {"client_id": made.app.client_id, "request_uri": answer.json()["request_uri"]} | more
    return f"/oauth/authorize?{urlencode(named)}"


def test_a_pushed_request_leads_to_a_code_once_and_the_browser_can_change_nothing():
    made, account = make_app(), make_account(balance="100")
    wanted = dict(pair.split("=") for pair in ask(made.app).split("?")[1].split("&"))
    scope = f"openid accounts consent:{lodge(made.app).public_id}"
    answer = pushed(made, scope=scope, code_challenge=wanted["code_challenge"], prompt="login")
    assert (answer.status_code, answer.json()["expires_in"]) == (201, 600)
    assert answer.json()["request_uri"] not in str(PushedRequest.objects.values_list())
    browser = browser_of(account.owner)
    path = at_the_page(made, answer, scope="openid email", redirect_uri="https://evil.example")
    again = browser.get(path)
    assert again["Location"].split("?")[0] == "/login"  # as the app pushed: once
    browser = browser_of(account.owner)
    given = answer_of(let_in(browser, path, account))
    assert given["iss"] == ROOT
    tokens = exchange(made, given["code"]).json()
    assert set(tokens["scope"].split()) == set(scope.split())
    assert not PushedRequest.objects.exists()
    assert browser.get(path).status_code == 400


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"), ({"code_challenge": None}, "invalid_request"),
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"), ({"scope": "accounts"}, "invalid_scope"),
        ({"response_type": "token"}, "unauthorized_client"), ({"request_uri": "urn:x"}, "invalid_request"),
        ({"client_secret": "wrong"}, "invalid_client"), ({"state": "x" * 8001}, "invalid_request"),
    ],
)  # fmt: skip
def test_what_could_not_be_asked_at_the_page_cannot_be_pushed(asked, error):
    answer = pushed(make_app(), **asked)
    assert (answer.status_code, answer.json()["error"]) == (401 if error == "invalid_client" else 400, error)
    assert not PushedRequest.objects.exists()


def test_a_name_of_another_app_or_out_of_time_leads_nowhere():
    made, other = make_app(), make_app()
    answer = pushed(made)
    browser = browser_of(make_account().owner)
    for path in (at_the_page(other, answer), at_the_page(made, answer, request_uri="urn:x")):
        assert browser.get(path).status_code == 400
    PushedRequest.objects.update(expires_at=now())
    assert browser.get(at_the_page(made, answer)).status_code == 400
    assert operations.forget_pushed(at=now()) == 1


class Signs:
    """An app that proves itself by its key."""

    def __init__(self):
        self.made = make_app(public_keys=key_set())
        self.app = self.made.app

    def assertion(self, signer=None, alg="ES256", **changes):
        ends = int((now() + timedelta(minutes=2)).timestamp())
        claims = {
            "iss": self.app.client_id,
            "sub": self.app.client_id,
            "aud": ROOT,
            "jti": "one",
            "exp": ends,
        } | changes
        token = jwt.JWT(header={"alg": alg}, claims={name: one for name, one in claims.items() if one is not None})
        token.make_signed_token(signer or key())
        return token.serialize()

    def token(self, assertion, **more):
        form = {"client_assertion": assertion, "client_assertion_type": assertions.KIND}
        form |= {"grant_type": "client_credentials", "scope": "accounts"} | more
        return post("/oauth/token", self.made, client_secret=None, client_id=None, **form)


def test_an_assertion_is_good_once_and_no_secret_beside_it():
    one = Signs()
    assert (one.made.secret, AppSecret.objects.filter(app=one.app).exists()) == (None, False)
    first = one.assertion()
    assert one.token(first).json()["token_type"] == "Bearer"
    assert one.token(first).json()["error"] == "invalid_client"
    assert one.token(one.assertion(jti="two", aud=f"{ROOT}/oauth/token")).status_code == 200
    assert UsedAssertion.objects.count() == 2
    with pytest.raises(BadApp):
        operations.rotate_secret(app=one.app, by=one.app.developer.user, at=now())
    AppSecret.objects.create(app=one.app, secret_print=secret_print("x"), created_at=now())  # of before it had a key
    assert post("/oauth/token", one.made, client_secret="x", grant_type="client_credentials").status_code == 401
    assert one.token(one.assertion(jti="3"), client_assertion_type="urn:x").status_code == 401


OCT = jwk.JWK.generate(kty="oct", size=256)


@pytest.mark.parametrize(
    "changes",
    [
        {"signer": key(1)}, {"aud": "https://other.example"}, {"aud": [ROOT, "https://other.example"]},
        {"aud": None}, {"iss": "somebody"}, {"sub": "somebody"}, {"jti": None}, {"jti": ""}, {"jti": "x" * 201},
        {"exp": None}, {"exp": 1}, {"exp": 4_000_000_000}, {"exp": "soon"}, {"nbf": 4_000_000_000},
        {"signer": OCT, "alg": "HS256"},
    ],
    ids=lambda changes: ",".join(changes),  # names alone: keys are made anew in each worker
)  # fmt: skip
def test_believes_no_assertion_but_its_own_for_this_bank_and_now(changes):
    one = Signs()
    assert one.token(one.assertion(**changes)).json()["error"] == "invalid_client"


def test_an_assertion_signed_by_nobody_or_unreadable_proves_nothing():
    one = Signs()
    head, body, _signature = one.assertion().split(".")
    none = "eyJhbGciOiJub25lIn0"  # {"alg":"none"}
    for given in (f"{none}.{body}.", f"{head}.{body}.", "x.y.z", ""):
        assert one.token(given).json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"public_keys": "no"}, "public_keys"), ({"public_keys": '{"keys": []}'}, "public_keys"),
        ({"public_keys": key_set(private=True)}, "public_keys"),
        ({"public_keys": key_set(jwk.JWK.generate(kty="EC", crv="P-521"))}, "public_keys"),
        ({"public_keys": key_set(), "is_public": True}, "public_keys"), ({"certificate": "no"}, "certificate"),
    ],
    ids=["no JSON", "no key", "a private key", "a curve we do not take", "installed", "no certificate"],
)  # fmt: skip
def test_refuses_keys_and_certificates_that_prove_nothing(terms, field):
    with pytest.raises(BadApp) as no:
        make_app(**terms)
    assert set(no.value.facts["errors"]) == {field}


def test_an_app_with_a_certificate_is_answered_from_behind_it_alone(settings):
    settings.CLIENT_CERTIFICATE_HEADER = HEADER
    made, account = make_app(certificate=certificate()), make_account(balance="5")
    token = f"Bearer {make_token(made.app, give(lodge(made.app), [account]))}"

    def read(**headers):
        return Client().get(f"{V}/my/accounts", headers={"Authorization": token} | headers)

    def own(**headers):
        body = urlencode({"client_id": made.app.client_id, "client_secret": made.secret} | {
            "grant_type": "client_credentials", "scope": "accounts"})  # fmt: skip
        return Client().post("/oauth/token", body, content_type="application/x-www-form-urlencoded", headers=headers)

    mine = {HEADER: quote(certificate())}
    assert (read(**mine).status_code, own(**mine).status_code) == (200, 200)
    assert read(**{HEADER: certificate().replace("\n", " ")}).status_code == 200
    for wrong in (
        {},
        {HEADER: quote(certificate("evil.example"))},
        {HEADER: "junk"},
        {"PSD2-CERT": quote(certificate())},
    ):
        assert refusal(read(**wrong)) == (400, "20210")
        assert own(**wrong).json()["error"] == "invalid_client"
    other = {HEADER: quote(certificate("evil.example"))}
    app_own = f"Bearer {make_token(made.app, scope='accounts')}"
    for path, given in (("/oauth/userinfo", token), ("/api/v1/consents/", app_own)):
        codes = [Client().get(path, headers={"Authorization": given} | more).status_code for more in (mine, other)]
        assert codes == [200, 401]
    ThirdPartyApp.objects.update(allows_direct_login=True)
    assert direct(made.app).json()["message"][:9] == "OBP-20210"
    word = word_of(Consent.objects.select_related("app", "user").get())
    held = {"Consent-JWT": word, "Consumer-Key": made.app.client_id}
    codes = [Client().get(f"{V}/my/accounts", headers=held | more).status_code for more in (mine, other)]
    assert codes == [200, 400]
    settings.CLIENT_CERTIFICATE_HEADER = ""  # no proxy says so: nobody is believed
    assert refusal(read(**mine))[1] == "20210"
    settings.CLIENT_CERTIFICATE_HEADER = HEADER
    over = certificate("tpp.example", -1)
    known = credentials.certificate(over)
    ThirdPartyApp.objects.update(certificate_pem=known.pem, certificate_thumbprint=known.thumbprint)
    assert refusal(read(**{HEADER: quote(over)}))[1] == "20210"


def test_a_token_is_bound_to_the_certificate_it_was_given_behind(settings):
    settings.CLIENT_CERTIFICATE_HEADER = HEADER
    made, account = make_app(certificate=certificate()), make_account(balance="5")
    first, second = {HEADER: quote(certificate())}, {HEADER: quote(certificate("next.example"))}
    own = {"client_id": made.app.client_id, "client_secret": made.secret}
    form = "application/x-www-form-urlencoded"

    def ask(path, behind, **given):
        return Client().post(path, urlencode(own | given), content_type=form, headers=behind).json()

    lodge(made.app)
    given = ask("/oauth/token", first, grant_type="client_credentials", scope="accounts")["access_token"]
    row = AccessToken.objects.get()
    print_of = x509.load_pem_x509_certificate(certificate().encode()).fingerprint(hashes.SHA256())
    assert row.certificate_thumbprint == print_of.hex()
    told = ask("/oauth/introspect", first, token=given)
    assert told["cnf"] == {"x5t#S256": urlsafe_b64encode(print_of).decode().rstrip("=")}
    ThirdPartyApp.objects.update(allows_direct_login=True)
    password = direct(made.app, login=account.owner, **first).json()["token"]
    consent = give(lodge(made.app), [account])
    bound = make_token(made.app, consent)
    AccessToken.objects.filter(consent=consent).update(certificate_thumbprint=row.certificate_thumbprint)
    doors = (
        ("/api/v1/consents/", f"Bearer {given}"), (f"{V}/my/accounts", f"DirectLogin token={password}"),
        (f"{V}/my/accounts", f"Bearer {bound}"), ("/oauth/userinfo", f"Bearer {bound}"),
    )  # fmt: skip

    def statuses(behind):
        return [Client().get(path, headers={"Authorization": word} | behind).status_code for path, word in doors]

    assert statuses(first) == [200] * 4
    known = credentials.certificate(certificate("next.example"))
    ThirdPartyApp.objects.update(certificate_pem=known.pem, certificate_thumbprint=known.thumbprint)
    assert statuses(second) == [401, 400, 400, 401]  # the app's, and not the one the token was given behind
    ThirdPartyApp.objects.update(certificate_pem="", certificate_thumbprint="")
    assert statuses({}) == statuses(second) == [401, 400, 400, 401]
    free = ask("/oauth/token", second, grant_type="client_credentials", scope="accounts")["access_token"]
    assert "cnf" not in ask("/oauth/introspect", {}, token=free)
    assert Client().get("/.well-known/openid-configuration").json()["tls_client_certificate_bound_access_tokens"]


def test_a_live_app_without_its_certificate_is_looked_at_again():
    made = make_app(live=False, certificate=certificate())
    go_live(made.app)
    terms = AppTerms(name="Bajeti", redirect_uris=[RETURNS_TO], scopes=made.app.allowed_scopes, certificate="")
    row = operations.change_app(app=made.app, terms=terms, by=made.app.developer.user, at=now())
    assert (row.status, row.is_sandbox, row.certificate_thumbprint) == ("PENDING", True, "")
