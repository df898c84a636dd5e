"""Accounts at other banks by page and by API."""

import re
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.test import Client

from apps.accounts.testing import make_account
from apps.kernel import breaker, http
from apps.kernel.clock import now
from apps.kernel.testing import at_once
from apps.open_banking.linked import wire
from apps.open_banking.models import LinkedAccount, LinkedBank
from apps.open_banking.tests.browser import browser_of
from apps.open_banking.tests.linked.linking import link
from apps.open_banking.tests.stand_in import balance
from apps.users.testing import bearer, make_customer

pytestmark = pytest.mark.django_db


def words(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.mark.parametrize("language", ["en", "sw"])
def test_is_linked_on_pages_without_javascript(bank, there, language):
    user = make_account(balance="100").owner
    browser = browser_of(user)
    browser.cookies["kitbank_language"] = language
    chosen = browser.post("/accounts/linked/add", {"bank": bank.public_id})
    assert chosen.status_code == 303, words(chosen)
    go = browser.get(chosen["Location"])
    address = re.search(r'href="(http://127[^"]+)"', go.content.decode())[1].replace("&amp;", "&")
    back = there.allow(address)
    answer = browser.get("/accounts/linked/back", {"state": back["state"], "code": back["code"], "iss": back["issuer"]})
    assert (answer.status_code, answer["Location"]) == (303, "/accounts/linked")
    link = LinkedBank.objects.get()
    held = LinkedAccount.objects.get()
    pages = {path: browser.get(path) for path in (
        "/accounts/linked", f"/accounts/linked/account/{held.public_id}", "/accounts/linked/add",
        f"/accounts/linked/{link.public_id}/unlink", "/money",
    )}  # fmt: skip
    for path, page in {**pages, "go": go}.items():
        source = page.content.decode()
        assert page.status_code == 200, path
        assert len(re.findall(r"<h1", source)) == 1, path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script>", source), path
    money = words(pages["/money"])
    assert "2,500.50" in money
    assert ("not in the sum above" in money) == (language == "en")
    assert ("Katika benki nyingine" in money) == (language == "sw")
    assert "Duka la Amani" in words(pages[f"/accounts/linked/account/{held.public_id}"])
    assert browser.post(f"/accounts/linked/{link.public_id}/read")["Location"] == "/accounts/linked"
    other = browser_of(make_customer())
    for path in (f"/accounts/linked/account/{held.public_id}", f"/accounts/linked/{link.public_id}/unlink"):
        assert other.get(path).status_code == 404
    assert browser.post(f"/accounts/linked/{link.public_id}/unlink").status_code == 303
    assert "2,500.50" not in words(browser.get("/money"))


def test_is_linked_by_api(bank, there, user, django_assert_max_num_queries):
    client = Client(headers=bearer(user))
    kind = {"content_type": "application/json"}
    [choice] = client.get("/api/v1/linked-banks/choices/").json()["results"]
    begun = client.post("/api/v1/linked-banks/", {"bank": choice["id"]}, **kind).json()
    back = there.allow(begun["authorize_url"])
    back["iss"] = back.pop("issuer")
    made = client.post("/api/v1/linked-banks/finish/", back, **kind).json()
    assert (made["status"], made["accounts"][0]["balance"]) == ("ACTIVE", {"amount": "2500.50", "currency": "KES"})
    assert client.post("/api/v1/linked-banks/finish/", back, **kind).json()["code"] == "link_over"
    place = f"/api/v1/linked-banks/{made['id']}/"
    assert client.post(f"{place}refresh/").json()["code"] == "read_just_now"
    lines = client.get(f"/api/v1/linked-banks/accounts/{made['accounts'][0]['id']}/lines/").json()["results"]
    assert [one["description"] for one in lines] == ["Line 2", "Line 1", "Line 0"]
    other = Client(headers=bearer(make_customer()))
    assert other.get(place).status_code == other.delete(place).status_code == 404
    with django_assert_max_num_queries(6):
        assert len(client.get("/api/v1/linked-banks/").json()["results"]) == 1
    assert client.delete(place).status_code == 204
    assert client.get(place).status_code == 404


def test_a_bank_that_does_not_answer_is_left_alone_and_every_try_is_noted(bank, there, monkeypatch):
    seen = []
    monkeypatch.setattr(http, "_watchers", [seen.append])
    there.lies = {"/broken": (503, {})}
    for _nth in range(breaker.FAILURES + 2):
        with pytest.raises(wire.Troubled) as no:
            wire.call("GET", f"{bank.address}/broken")
        assert no.value.trouble == "SILENT"
    assert len([1 for _method, path, _headers in there.asked if path == "/broken"]) == breaker.FAILURES
    assert [(call.provider, call.status) for call in seen] == [(f"bank {urlsplit(bank.address).netloc}", 503)] * 5


def test_is_linked_and_refreshed_beside_own_accounts_by_the_api_of_accounts(bank, there):
    own = make_account(balance="100")
    headers, stranger = bearer(own.owner), bearer(make_customer())
    ask = partial(Client().post, content_type="application/json")
    refused = ask("/api/v1/accounts/link/", {"bank": str(uuid4())}, headers=headers)
    assert (refused.status_code, there.asked) == (404, [])
    begun = ask("/api/v1/accounts/link/", {"bank": str(bank.public_id)}, headers=headers)
    assert begun.status_code == 201
    back = there.allow(begun.json()["authorize_url"])
    back["iss"] = back.pop("issuer")
    made = ask(begun.json()["finish_url"], back, headers=headers).json()
    assert made["id"] == begun.json()["id"]
    held = LinkedAccount.objects.get()
    place = f"/api/v1/accounts/{held.public_id}/refresh/"
    assert ask(place, headers=headers).json()["code"] == "read_just_now"
    LinkedBank.objects.update(tried_at=now() - timedelta(minutes=2))
    there.balances = [balance(amount="7.25")]
    told = ask(place, headers=headers)
    assert (told.status_code, told.json()["balance"]) == (200, {"amount": "7.25", "currency": "KES"})
    assert (told.json()["id"], told.json()["bank"], told.json()["is_stale"]) == (str(held.public_id), bank.name, False)
    asked = len(there.asked)
    for account, who, status, code in (
        (own.pk, headers, 409, "account_not_linked"),
        (own.pk, stranger, 404, "not_found"),
        (held.public_id, stranger, 404, "not_found"),
        (uuid4(), headers, 404, "not_found"),
        ("9" * 40, headers, 404, "not_found"),
        ("mine", headers, 404, "not_found"),
    ):
        answer = ask(f"/api/v1/accounts/{account}/refresh/", headers=who)
        assert (answer.status_code, answer.json()["code"]) == (status, code), account
    assert len(there.asked) == asked
    LinkedBank.objects.update(tried_at=now() - timedelta(minutes=2))
    there.lies = {"/oauth/token": (400, {"error": "invalid_grant"})}
    ended = ask(place, headers=headers)
    assert (ended.status_code, ended.json()["trouble"]) == (503, "CONSENT_ENDED")
    assert ask(place, headers=headers).json()["code"] == "link_over"
    assert str(LinkedAccount.objects.get().balance) == "KES 7.25"


@pytest.mark.django_db(transaction=True)
def test_of_two_that_ask_for_the_newest_at_once_one_asks_the_other_bank(bank, there, user):
    link(bank, there, user)
    LinkedBank.objects.update(tried_at=now() - timedelta(minutes=2))
    there.wait = 0.1
    place = f"/api/v1/accounts/{LinkedAccount.objects.get().public_id}/refresh/"
    act = partial(Client(headers=bearer(user)).post, place)
    assert sorted(answer.status_code for answer in at_once(act, act)) == [200, 429]
    assert there.refreshes == 2
