"""Consents by OBP's own door, held by apps as a signed word in a header."""

import base64
import json
from datetime import timedelta

import pytest
from django.test import Client

from apps.kernel.clock import now
from apps.open_banking import operations
from apps.open_banking.models import Consent, ThirdPartyApp
from apps.open_banking.testing import give, lodge, make_app, make_token
from apps.open_banking.tests.paying import Pays, refusal
from apps.open_banking.tests.test_obp import BANK, V

pytestmark = pytest.mark.django_db


@pytest.fixture
def one():
    return Pays(consents=False)


def asked(one, view="ReadBalances", **changes):
    views = [{"bank_id": "kitbank.ke", "account_id": one.id, "view_id": view}]
    return {"everything": False, "views": views, "entitlements": []} | changes


def given(one, **changes):
    made = one.post(f"{BANK}/my/consents/SMS", asked(one, **changes)).json()
    return one.post(f"{BANK}/consents/{made['consent_id']}/challenge", {"answer": one.code}).json()


def by_word(one, word, path=f"{V}/my/accounts", name="Consent-JWT", key=None):
    return Client().get(path, headers={name: word, "Consumer-Key": key or one.made.app.client_id})


def test_the_customer_lets_an_app_in_by_a_code_and_it_reads_by_its_word(one):
    made = one.post(f"{BANK}/my/consents/SMS", asked(one))
    assert (made.status_code, made.json()["status"]) == (201, "INITIATED")
    assert refusal(by_word(one, made.json()["jwt"])) == (401, "35005")
    there = f"{BANK}/consents/{made.json()['consent_id']}/challenge"
    wrong = str((int(one.code) + 1) % 1_000_000).zfill(6)
    assert refusal(one.post(there, {"answer": wrong})) == (400, "40016")
    done = one.post(there, {"answer": one.code})
    assert (done.status_code, done.json()["status"]) == (201, "ACCEPTED")
    word = done.json()["jwt"]
    assert by_word(one, word).json()["accounts"][0]["id"] == one.id
    assert by_word(one, word, f"{one.one}/balances", name="Consent-Id").status_code == 200
    assert refusal(by_word(one, word, f"{one.one}/transactions")) == (403, "20017")
    assert refusal(one.post(f"{V}/my/accounts", {}))[0] == 405
    told = one.get(f"{V}/my/consents").json()["consents"]
    assert [row["status"] for row in told] == ["ACCEPTED"]
    assert told[0]["jwt"] == word
    assert one.get(f"{BANK}/my/consent-infos").json()["consents"][0]["jwt"] == ""
    name = done.json()["consent_id"]
    assert one.get(f"{V}/user/current/consents/{name}").json()["consumer_id"] == one.made.app.client_id
    assert one.get(f"{BANK}/my/consents/{name}/revoke").json()["status"] == "REVOKED"
    assert refusal(by_word(one, word)) == (401, "35005")
    assert one.post(there, {"answer": "1"}).json()["status"] == "REVOKED"


def test_an_app_asks_first_and_the_customer_makes_it_once(one):
    itself = f"Bearer {make_token(one.made.app, scope='accounts')}"
    routing = {"scheme": "AccountNumber", "address": one.account.number}
    wish = {"everything": False, "account_access": [{"account_routing": routing, "view_id": "owner"}]}
    headers = {"Authorization": itself}
    made = Client().post(f"{V}/consumer/consent-requests", json.dumps(wish), content_type="text/plain", headers=headers)
    assert (made.status_code, made.json()["payload"]) == (201, wish)
    there = f"{V}/consumer/consent-requests/{made.json()['consent_request_id']}"
    assert one.get(there, itself).json() == made.json()
    assert refusal(one.get(f"{there}/consents", itself)) == (404, "35001")
    begun = one.post(f"{there}/IMPLICIT/consents", {})
    assert (begun.status_code, begun.json()["status"]) == (201, "INITIATED")
    assert refusal(one.post(f"{there}/IMPLICIT/consents", {})) == (400, "35029")
    one.post(f"{BANK}/consents/{begun.json()['consent_id']}/challenge", {"answer": one.code})
    fetched = one.get(f"{there}/consents", itself).json()
    assert (fetched["status"], fetched["consent_request_id"]) == ("ACCEPTED", made.json()["consent_request_id"])
    assert by_word(one, fetched["jwt"], f"{one.one}/owner/transactions").status_code == 200
    for path in ("consumer/current/consents", "consumer/consents"):
        assert one.get(f"{V}/{path}/{fetched['consent_id']}", itself).json()["status"] == "ACCEPTED"
    other = f"Bearer {make_token(make_app().app, scope='accounts')}"
    assert refusal(one.get(there, other)) == (400, "35028")
    assert refusal(one.get(f"{V}/consumer/consents/{fetched['consent_id']}", other)) == (404, "35001")


def test_three_wrong_answers_are_all(one):
    made = one.post(f"{V}/my/consents/SMS", asked(one)).json()
    there, wrong = f"{BANK}/consents/{made['consent_id']}/challenge", str((int(one.code) + 1) % 1_000_000).zfill(6)
    assert [refusal(one.post(there, {"answer": wrong}))[1] for _ in range(3)] == ["40016"] * 3
    assert one.post(there, {"answer": wrong}).json()["status"] == "REJECTED"
    assert one.post(there, {"answer": one.code}).json()["status"] == "REJECTED"


def test_says_what_is_wrong_with_a_wish(one):
    wrong = {
        "35014": [asked(one, view="firehose"), asked(one, views=[{"bank_id": "kitbank.ke", "account_id": "x"}])],
        "35013": [asked(one, entitlements=[{"role_name": "CanGetUser", "bank_id": ""}])],
        "35020": [asked(one, time_to_live=91 * 86_400)],
        "20024": [asked(one, consumer_id="nobody")],
        "10001": [{"for": "x", "view": "y", "email": "z"}, asked(one, views=[]), asked(one, time_to_live=-1),
                  asked(one, phone_number="+254722999999")],
    }  # fmt: skip
    for number, bodies in wrong.items():
        for body in bodies:
            assert refusal(one.post(f"{V}/my/consents/SMS", body))[1] == number, body
    assert refusal(one.post(f"{V}/my/consents/EMAIL", asked(one))) == (400, "35009")
    ThirdPartyApp.objects.filter(pk=make_app().app.pk).update(client_id="plain")
    assert refusal(one.post(f"{V}/my/consents/SMS", asked(one, consumer_id="plain"))) == (400, "20058")
    assert not Consent.objects.exists()


def test_a_consent_lets_nobody_else_in(one):
    token = make_token(one.made.app, give(lodge(one.made.app), [one.account]))
    one.token = f"Bearer {token}"
    for response in (one.post(f"{V}/my/consents/SMS", asked(one)), one.get(f"{V}/my/consents")):
        assert refusal(response) == (403, "20017")
    stopped = Client().delete(f"{V}/my/consent/current", headers={"Authorization": one.token})
    assert stopped.json()["status"] == "REVOKED"
    assert Consent.objects.get().status == "TERMINATED_BY_TPP"


def test_a_word_that_is_not_the_banks_or_not_for_this_app_opens_nothing(one):
    word = given(one)["jwt"]
    head, claims, sign = word.split(".")

    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    body = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert refusal(by_word(one, f"{part({'alg': 'none'})}.{claims}.")) in {(400, "35004"), (400, "35032")}
    assert refusal(by_word(one, f"{head}.{part(body | {'exp': 9_999_999_999})}.{sign}")) == (400, "35004")
    assert refusal(by_word(one, Consent.objects.get().public_id.hex)) == (400, "35032")
    assert refusal(by_word(one, "a.b.c")) == (400, "35032")
    assert refusal(by_word(one, word, key=make_app().app.client_id)) == (400, "35015")
    assert refusal(Client().get(f"{V}/my/accounts", headers={"Consent-JWT": word})) == (400, "35016")
    Consent.objects.update(valid_from=now() - timedelta(days=2), valid_until=now() - timedelta(days=1))
    assert refusal(by_word(one, word)) == (400, "35003")
    ThirdPartyApp.objects.update(allows_direct_login=False)
    assert refusal(by_word(one, word)) == (401, "35007")


def test_a_payment_is_never_made_by_a_word(one):
    word = given(one, view="owner")["jwt"]
    place = f"{one.one}/owner/transaction-request-types/ACCOUNT/transaction-requests"
    headers = {"Consent-JWT": word, "Consumer-Key": one.made.app.client_id}
    answer = Client().post(place, json.dumps(one.body()), content_type="application/json", headers=headers)
    assert refusal(answer) == (400, "40002")


def test_the_customer_stops_one_by_its_own_address(one):
    name = given(one)["consent_id"]
    assert (
        Client().delete(f"{V}/my/consents/{name}", headers={"Authorization": one.token}).json()["status"] == "REVOKED"
    )
    stranger = Pays(consents=False)
    assert refusal(stranger.get(f"{V}/my/consents/{name}")) == (404, "35001")
    assert operations.revoke(consent=Consent.objects.get(), by=one.account.owner, at=now()).status == "REVOKED_BY_PSU"
