"""Open banking, asked wrongly: one act a line, and the words it is refused with. Nothing leaves and nothing moves."""

import base64
import json
import threading
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from apps.accounts.models import Account
from apps.accounts.testing import balance_of, make_account
from apps.gateway import operations as webhooks
from apps.gateway.models import WebhookDelivery
from apps.gateway.testing import server_of_somebody
from apps.kernel import guarded, third_parties
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.open_banking.models import AccessLog, AccessToken, Consent, ThirdPartyApp
from apps.open_banking.names import account_name
from apps.open_banking.testing import give, lodge, make_app, make_key, make_token
from apps.open_banking.tests.browser import browser_of
from apps.open_banking.tests.paying import Pays
from apps.open_banking.tests.test_obp import BANK, Reader, V
from apps.open_banking.tests.test_proofs import Signs
from apps.open_banking.tests.test_provider import ask, code_for, exchange, renew

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _key(db):
    make_key()


class World:
    """An app with a customer, a token to read by, and another customer who let nobody in."""

    def __init__(self):
        self.reader = Reader()
        self.account, self.consent, self.app = self.reader.account, self.reader.consent, self.reader.consent.app
        self.stranger = make_account(balance="70")

    def code(self):
        made = make_app()
        return made, code_for(made, make_account(balance="5"))


def of_token(answer):
    """How the provider refuses an app."""
    assert "access_token" not in answer.json()
    return answer.status_code, answer.json()["error"]


def of_obp(answer):
    """How OBP's addresses refuse."""
    return answer.status_code, answer.json()["message"][:9]


def at_the_page(**changes):
    """What the customer's browser is told; an address that was not registered is shown and never led to."""
    app = make_app().app
    answer = browser_of(make_account().owner).get(ask(app, **changes))
    if answer.status_code != 303:
        return answer.status_code, "shown, not led to"
    return answer.status_code, parse_qs(urlsplit(answer["Location"]).query)["error"][0]


def reused_code(world):
    made, code = world.code()
    assert exchange(made, code).status_code == 200
    refused = of_token(exchange(made, code))
    assert not AccessToken.objects.filter(application=made.app).exists(), "the first one's tokens died with it"
    return refused


def other_redirect_at_the_page(world):
    return at_the_page(redirect_uri="https://evil.example")


def a_page_of(world, limit):
    return of_obp(world.reader.get(f"{world.reader.one}/transactions?limit={limit}"))


def other_redirect_with_the_code(world):
    made, code = world.code()
    return of_token(exchange(made, code, redirect_uri="https://bajeti.example/other"))


def no_verifier(world):
    made, code = world.code()
    return of_token(exchange(made, code, code_verifier=None))


def replayed_refresh_token(world):
    made, code = world.code()
    first = exchange(made, code).json()["refresh_token"]
    second = renew(made, first).json()
    refused = of_token(renew(made, first))
    assert renew(made, second["refresh_token"]).status_code == 400, "the family died with it"
    return refused


def expired_token(world):
    AccessToken.objects.update(expires=now())
    return of_obp(world.reader.get(f"{V}/my/accounts"))


def word_signed_by_nobody(world):
    ThirdPartyApp.objects.update(allows_direct_login=True)
    claims = {"jti": str(world.consent.public_id), "aud": world.app.client_id}
    parts = [{"alg": "none", "typ": "JWT"}, claims]
    head, body = (base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts)
    headers = {"Consent-JWT": f"{head}.{body}.", "Consumer-Key": world.app.client_id}
    return of_obp(Client().get(f"{V}/my/accounts", headers=headers))


def assertion_signed_by_nobody(world):
    one = Signs()
    _head, body, _signature = one.assertion().split(".")
    return of_token(one.token(f"eyJhbGciOiJub25lIn0.{body}."))


def assertion_for_another_bank(world):
    one = Signs()
    return of_token(one.token(one.assertion(aud="https://other.example")))


def identity_token_as_access(world):
    made, code = world.code()
    token = exchange(made, code).json().get("id_token") or "e30.e30.e30"
    return of_obp(Client().get(f"{V}/my/accounts", headers={"Authorization": f"Bearer {token}"}))


def consent_of_another_customer(world):
    path = ask(world.app, scope=f"openid accounts consent:{world.consent.public_id}")
    answer = browser_of(world.stranger.owner).get(path)
    return answer.status_code, parse_qs(urlsplit(answer["Location"]).query)["error"][0]


def account_outside_the_consent(world):
    other = account_name(world.stranger.pk)
    return of_obp(world.reader.get(f"{BANK}/accounts/{other}/balances"))


def expired_consent(world):
    begun = now() - timedelta(days=2)
    Consent.objects.filter(pk=world.consent.pk).update(valid_from=begun, valid_until=begun + timedelta(days=1))
    return of_obp(world.reader.get(f"{V}/my/accounts"))


def fifth_read_without_the_customer(world):
    alone = {"PSU-IP-Address": "", "x-fapi-customer-ip-address": ""}
    path = f"{world.reader.one}/balances"
    assert [world.reader.get(path, **alone).status_code for _nth in range(4)] == [200] * 4
    return of_obp(world.reader.get(path, **alone))


def from_a_frozen_account(world):
    one = Pays()
    Account.objects.filter(pk=one.account.pk).update(status="FROZEN")
    answer = one.pay()
    assert "account_not_active" in answer.json()["message"]
    assert balance_of(one.payee) == "0.00"
    return of_obp(answer)


def fourth_answer_to_a_challenge(world):
    one = Pays(consents=False)
    made, wrong = one.pay().json(), "000000"
    wrong = "111111" if one.code == wrong else wrong
    for _nth in range(3):
        assert of_obp(one.answer(made, wrong)) == (400, "OBP-40016")
    refused = of_obp(one.answer(made, one.code))
    assert balance_of(one.payee) == "0.00"
    return refused


def logo_with_a_script(world):
    try:
        make_app(logo_url="https://bajeti.example/logo.svg?<script>alert(1)</script>")
    except DomainError as no:
        return no.status, ",".join(no.facts["errors"])
    return 200, "taken"


TABLE = {
    "a code used twice": (reused_code, (400, "invalid_grant")),
    "another redirect at the page": (other_redirect_at_the_page, (400, "shown, not led to")),
    "another redirect with the code": (other_redirect_with_the_code, (400, "invalid_request")),
    "no PKCE": (lambda _w: at_the_page(code_challenge=None, code_challenge_method=None), (303, "invalid_request")),
    "plain PKCE": (lambda _w: at_the_page(code_challenge_method="plain"), (303, "invalid_request")),
    "no verifier for the code": (no_verifier, (400, "invalid_request")),
    "alg none for a consent": (word_signed_by_nobody, (400, "OBP-35004")),
    "alg none for an app": (assertion_signed_by_nobody, (401, "invalid_client")),
    "the wrong audience": (assertion_for_another_bank, (401, "invalid_client")),
    "an identity token for access": (identity_token_as_access, (401, "OBP-20003")),
    "an expired token": (expired_token, (401, "OBP-20003")),
    "a refresh token used twice": (replayed_refresh_token, (400, "invalid_grant")),
    "a consent of another customer": (consent_of_another_customer, (303, "invalid_scope")),
    "an account outside the consent": (account_outside_the_consent, (404, "OBP-30018")),
    "an expired consent": (expired_consent, (401, "OBP-35005")),
    "a fifth read without the customer": (fifth_read_without_the_customer, (429, "OBP-10018")),
    "a page of -1": (lambda world: a_page_of(world, -1), (400, "OBP-10016")),
    "a page of 10⁹": (lambda world: a_page_of(world, 10**9), (400, "OBP-10016")),
    "an unknown version": (lambda w: of_obp(w.reader.get("/obp/v9.9.9/my/accounts")), (404, "OBP-10404")),
    "a payment from a frozen account": (from_a_frozen_account, (400, "OBP-50200")),
    "a challenge answered four times": (fourth_answer_to_a_challenge, (400, "OBP-40014")),
    "a logo with a script": (logo_with_a_script, (400, "logo_url")),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_is_refused_in_its_own_words(name):
    act, said = TABLE[name]
    world = World()
    assert act(world) == said
    if name != "a fifth read without the customer":
        assert not AccessLog.objects.filter(app=world.app).exists(), "nothing left"


def _visited(url):
    """What became of the first message to an app's server."""
    made = make_app()
    events = [one.name for one in third_parties.choices()]
    owner = made.app.developer.user
    endpoint = webhooks.register(client=made.app.public_id, url=url, events=events, by=owner, at=now()).endpoint
    webhooks.send_test(endpoint=endpoint, by=owner, at=now())
    assert webhooks.visit_next(at=now())
    return WebhookDelivery.objects.get(endpoint=endpoint)


def test_a_webhook_that_hangs_holds_nobody(monkeypatch):
    monkeypatch.setattr(guarded, "READ", 0.2)
    with server_of_somebody() as server:
        server.wait = threading.Event()
        row = _visited(server.url)
    assert (row.status, row.response_status) == ("PENDING", None)


@pytest.mark.parametrize("to", ["http://127.0.0.1:1/", "http://169.254.169.254/latest/", "http://[::1]/"])
def test_a_webhook_that_leads_inside_is_not_followed(to):
    with server_of_somebody() as server:
        server.status, server.headers = 302, {"Location": to}
        row = _visited(server.url)
        assert (row.status, row.response_status, len(server.got)) == ("PENDING", 302, 1)


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "https://127.0.0.1/", "https://10.0.0.7/", "https://bank.local/"])
def test_a_webhook_to_the_inside_is_not_registered(settings, url):
    settings.WEBHOOKS_TO_LOOPBACK = False
    made = make_app()
    with pytest.raises(DomainError) as no:
        webhooks.register(
            client=made.app.public_id, url=url, events=["payment.status"], by=made.app.developer.user, at=now()
        )
    assert no.value.code == "webhook_address_not_possible"


def test_a_good_read_passes_all_of_it():
    world = World()
    token = make_token(world.app, give(lodge(world.app, is_recurring=False, frequency_per_day=1), [world.account]))
    answer = Client().get(f"{V}/my/accounts", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
