"""What strangers and sloppy programs send: NUL, halves of characters, endless brackets, shapes nobody meant. It is
refused like anything else that is wrong, and is never a fault of ours.
"""

import base64
import json
from urllib.parse import urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.test import Client
from jwcrypto import jwk

from apps.accounts.testing import make_account
from apps.kernel.clock import now
from apps.open_banking import credentials, operations
from apps.open_banking.errors import BadApp
from apps.open_banking.models import Consent, ConsentRequest
from apps.open_banking.oauth.assertions import KIND
from apps.open_banking.operations import AppTerms
from apps.open_banking.operations.lodge import claim
from apps.open_banking.testing import RETURNS_TO, lodge, make_app, make_developer, make_token
from apps.open_banking.tests.browser import browser_of
from apps.open_banking.tests.paying import Pays, refusal
from apps.open_banking.tests.test_obp import BANK, V
from apps.open_banking.tests.test_pages import request_of
from apps.open_banking.tests.test_proofs import certificate
from apps.open_banking.tests.test_provider import ask, post
from apps.users.testing import bearer, make_customer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key")]
FORM = "application/x-www-form-urlencoded"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
FORMS = [
    ("token", {"grant_type": "client_credentials", "client_id": "a\0b"}),
    ("token", {"grant_type": "authorization_code", "code": "a\0b", "redirect_uri": RETURNS_TO}),
    ("token", {"grant_type": DEVICE, "device_code": "a\0"}),
    ("revoke", {"token": "a\0b"}),
    ("introspect", {"token": "a\0b"}),
    ("par", {"response_type": "code", "redirect_uri": RETURNS_TO, "scope": "openid", "state": "a\0b",
             "code_challenge": "x" * 43, "code_challenge_method": "S256"}),
    ("par", {"response_type": "code", "a\0b": "x"}),
    ("device-authorization", {"scope": "openid\0"}),
]  # fmt: skip


def sealed(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def signed(header, payload="{}"):
    """As a token is written; nobody signed it."""
    return f"{sealed(header)}.{sealed(payload)}.{sealed('x')}"


def test_the_doors_of_the_provider_take_no_nul():
    made = make_app(uses_devices=True)
    for door, form in FORMS:
        answer = post(f"/oauth/{door}", made, **form)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), (door, form)
    header = base64.b64encode(b"a\0b:c").decode()
    answer = Client().post(
        "/oauth/token", "grant_type=client_credentials", content_type=FORM, headers={"Authorization": f"Basic {header}"}
    )
    assert answer.status_code == 401


@pytest.mark.parametrize("payload", ['{"sub": "a\\u0000"}', '{"sub": "\\ud800"}', "[" * 5000, '{"sub":' * 900])
def test_an_assertion_of_nobody_is_refused(payload):
    form = {"grant_type": "client_credentials", "client_assertion_type": KIND,
            "client_assertion": signed('{"alg":"RS256"}', payload)}  # fmt: skip
    assert Client().post("/oauth/token", urlencode(form), content_type=FORM).status_code == 401


def test_signing_out_reads_no_hint_that_is_none_of_ours():
    many = {"payload": sealed("{}"), "signatures": [{"protected": sealed('{"alg":"RS256"}'), "signature": "eA"}] * 2}
    kids = ('"a\\u0000"', '"\\ud800"', '{"a": 1}', "7")
    for hint in (*(signed(f'{{"alg":"RS256","kid":{kid}}}') for kid in kids), json.dumps(many), signed("[" * 3000)):
        assert Client().get("/oauth/logout", {"id_token_hint": hint})["Location"] == "/", hint


@pytest.mark.parametrize("payload", ["[" * 5000, '{"jti":"\\ud800"}'])
def test_a_word_that_is_none_is_refused(payload):
    headers = {"Consent-JWT": signed('{"alg":"HS256"}', payload)}
    assert refusal(Client().get(f"{V}/my/accounts", headers=headers)) == (400, "35032")


def point(**more):
    return json.loads(jwk.JWK.generate(kty="EC", crv="P-256").export_public()) | more


def test_keys_that_cannot_sign_are_said_to_be_wrong():
    by = make_developer().user
    some = [point(use="enc"), point(key_ops=["encrypt"]), point(x="AAAA"), point(kid="a\0b"), [],
            {"kty": "RSA", "n": "AQAB", "e": "AQAB"}]  # fmt: skip
    for text in (*(json.dumps({"keys": [one]}) for one in some), "[" * 12_000):
        terms = AppTerms(name="B", redirect_uris=[RETURNS_TO], scopes=["accounts"], public_keys=text)
        with pytest.raises(BadApp) as no:
            operations.register_app(by=by, terms=terms, at=now())
        assert "public_keys" in no.value.facts["errors"], text


def test_a_certificate_whose_names_are_no_text_is_said_to_be_wrong():
    good = x509.load_pem_x509_certificate(certificate().encode()).public_bytes(serialization.Encoding.DER)
    body = base64.encodebytes(good.replace(b"tpp.example", b"tpp\xff\xfe\xfdmple!")).decode()
    with pytest.raises(credentials.Unreadable):
        credentials.certificate(f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----")


def test_a_payment_whose_words_no_book_can_keep_is_refused():
    one = Pays()
    for body in (one.body(description="a\0b"), one.body(to={"bank_id": "kitbank.ke", "account_id": "a\0"})):
        assert refusal(one.pay(body=body)) == (400, "10001")
    assert not one.moved
    assert one.pay().status_code == 201


def asks(one, kind, text):
    itself = {"Authorization": f"Bearer {make_token(one.made.app, scope='accounts payments')}"}
    return Client().post(f"{V}/consumer/{kind}", text, content_type="text/plain", headers=itself)


def test_what_an_app_will_ask_for_is_written_down_with_its_decimals_as_text():
    one, limit = Pays(consents=False), {"currency": "KES", "max_single_amount": 10.5, "max_monthly_amount": 100}
    limit |= {"max_yearly_amount": 500, "max_number_of_monthly_transactions": 3, "max_number_of_yearly_transactions": 9}
    made = asks(one, "vrp-consent-requests", json.dumps({"from_account": {}, "to_account": {"limit": limit}}))
    assert made.status_code == 201
    assert made.json()["payload"] == ConsentRequest.objects.get().payload
    assert made.json()["payload"]["to_account"]["limit"]["max_single_amount"] == "10.5"
    wish = '{"everything": false, "account_access": [{"x": 1.5}], "to_account": 5}'
    made = asks(one, "consent-requests", wish)
    assert made.json()["payload"] == {"everything": False, "account_access": [{"x": "1.5"}]}
    there = f"{V}/consumer/consent-requests/{made.json()['consent_request_id']}/SMS/consents"
    assert refusal(one.post(there, {})) == (400, "35014")


def test_a_consent_of_the_banks_page_is_not_answered_at_another_door():
    one = Pays(consents=False)
    row = lodge(one.made.app)
    claim(consent=row, by=one.account.owner, at=now())
    assert refusal(one.post(f"{BANK}/consents/{row.public_id}/challenge", {"answer": "1"})) == (404, "35001")


def test_a_firm_with_a_long_name_becomes_a_developer():
    body = json.dumps({"app_name": "x", "redirect_url": RETURNS_TO, "company": "c" * 300})
    who = bearer(make_customer())
    made = Client().post(f"{V}/management/consumers", body, content_type="application/json", headers=who)
    assert (made.status_code, made.json()["company"]) == (201, "c" * 100)


def test_a_choice_of_accounts_in_endless_figures_is_refused():
    account = make_account()
    consent, path = request_of(make_app().app, account)
    answer = browser_of(account.owner).post(path, {"do": "choose", "account": ["9" * 5000]})
    assert answer.status_code == 422
    assert Consent.objects.get(pk=consent.pk).status == "RECEIVED"


def test_a_certificate_of_a_version_that_is_none_is_said_to_be_wrong():
    good = x509.load_pem_x509_certificate(certificate().encode()).public_bytes(serialization.Encoding.DER)
    body = base64.encodebytes(good.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07", 1)).decode()
    with pytest.raises(credentials.Unreadable):
        credentials.certificate(f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----")


def test_an_intent_that_names_no_consent_is_no_fault_of_ours():
    account, app = make_account(), make_app().app
    for value in ("x", "a\0b", 7, ["a"], "1" * 9000):
        claims = json.dumps({"id_token": {"openbanking_intent_id": {"value": value}}})
        answer = browser_of(account.owner).get(ask(app, scope="openid accounts", claims=claims))
        assert answer.status_code in {302, 303, 400}, value
