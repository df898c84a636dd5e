"""Accounts at other banks by page and by API."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client

from apps.accounts.testing import make_account
from apps.kernel import breaker, http
from apps.open_banking.linked import wire
from apps.open_banking.models import LinkedAccount, LinkedBank
from apps.open_banking.tests.browser import browser_of
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
