"""A business asks to be paid on the pages and by API: who signs for it chooses its account, and keeps its requests."""

import re

import pytest

from apps.accounts.testing import business_account, make_account
from apps.payments.models import PaymentRequest
from apps.portals.testing import faults_of, sign_in
from apps.users.testing import bearer, make_business, make_customer, make_member

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def firm():
    return make_business(make_customer(kyc_tier="TIER_2"))


@pytest.fixture
def account(firm):
    return business_account(firm, balance="5000")


def words(answer):
    return answer.content.decode()


def test_its_page_leads_to_asking_into_its_account_and_the_request_says_for_whom(firm, account):
    make_account(firm.created_by)
    browser = sign_in(firm.created_by)
    assert f"/pay/requests/new?into={account.pk}" in words(browser.get(f"/settings/businesses/{firm.pk}/money"))
    page = words(browser.get(f"/pay/requests/new?into={account.pk}"))
    assert re.search(rf'value="{account.pk}"\s+selected', page)
    assert faults_of(page) == []
    asked = make_account(make_customer(phone="+254722000114"))
    sent = {"phone": "0722 000 114", "amount": "350", "into_account": account.pk, "idempotency_key": "ab" * 16}
    one = browser.post("/pay/requests/new", sent).headers["Location"]
    shown = words(browser.get(one))
    assert "Welders Ltd" in shown
    assert faults_of(shown) == []
    second, maker = make_member(firm, "SIGNATORY"), firm.created_by.full_name
    for kept in (one, "/pay/requests"):
        page = words(sign_in(second).get(kept))
        assert "Welders Ltd" in page
        assert maker in page.partition("<main")[2], "another who signs sees who asked"
    theirs = words(sign_in(asked.owner).get(one))
    assert "Welders Ltd asks you" in theirs
    assert maker not in theirs, "who is asked reads the name of the business alone"
    assert sign_in(make_member(firm, "VIEWER")).get(one).status_code == 404
    assert sign_in(second).post(f"{one}/cancel").status_code == 303
    assert PaymentRequest.objects.get().status == "CANCELLED"


def test_its_qr_code_is_shown_to_who_signs_and_asks_for_no_account_of_a_stranger(firm, account):
    make_account(firm.created_by)
    page = words(sign_in(firm.created_by).get(f"/pay/qr?account={account.pk}"))
    assert 'id="code-text"' in page
    assert "Welders Ltd" in page
    stranger = make_account()
    page = words(sign_in(stranger.owner).get(f"/pay/qr?account={account.pk}"))
    assert "Welders Ltd" not in page
    assert 'id="code-text"' not in page


def test_does_the_same_by_api(client, firm, account):
    second, stranger = make_member(firm, "SIGNATORY"), make_account()
    body = {"phone": "0722 000 114", "amount": {"amount": "350.00", "currency": "KES"}, "into_account": account.pk}

    def send(path, by, data=None):
        return client.post(f"/api/v1/{path}", data or {}, content_type=JSON, headers=bearer(by))

    assert send("payment-requests/", stranger.owner, body).status_code == 404
    made = send("payment-requests/", second, body)
    assert (made.status_code, made.json()["asker"], made.json()["is_mine"]) == (201, "Welders Ltd", True)
    listed = client.get("/api/v1/payment-requests/?side=made", headers=bearer(firm.created_by)).json()["results"]
    assert [(one["id"], one["made_by"]) for one in listed] == [(made.json()["id"], second.full_name)]
    received = make_customer(phone="+254722000114")
    PaymentRequest.objects.update(asked=received)
    listed = client.get("/api/v1/payment-requests/", headers=bearer(received)).json()["results"]
    assert [(one["asker"], one["made_by"]) for one in listed] == [("Welders Ltd", "")]
    code = send("qr-codes/", second, {"account": account.pk, "amount": {"amount": "40.00", "currency": "KES"}})
    assert code.status_code == 201
    assert client.get(f"/api/v1/qr-codes/{code.json()['id']}/", headers=bearer(firm.created_by)).status_code == 200
    assert client.get(f"/api/v1/qr-codes/{code.json()['id']}/", headers=bearer(stranger.owner)).status_code == 404
    assert send("qr-codes/", stranger.owner, {"account": account.pk, "amount": None}).status_code == 404
