"""Products, limits, collateral and bad times by API: the same operations, rights and refusals as at the desk."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.lending.models import ProductTerms, StressRun
from apps.lending.testing import ask, make_borrower, make_officer
from apps.lending.tests.test_api import Door, money
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db
PRODUCTS, TESTS = "/api/v1/admin/loans/products/", "/api/v1/analytics/stress-tests/"


@pytest.fixture
def boss(client):
    return Door(client, make_staff("ADMIN"))


@pytest.fixture
def account():
    return make_borrower(deposits="100000", kyc_tier="TIER_2")


def later(days=30):
    return str(local_date(now()) + timedelta(days=days))


def test_shows_products_and_asks_for_terms(boss):
    shown = {one["code"]: one for one in boss.get(PRODUCTS).json()}
    assert (shown["INSTANT"]["in_force"], shown["INSTANT"]["versions"][0]["terms"]["rate"]) == (1, "0.05")
    body = {"rate": "0.06", "valid_from": later(), "reason": "Funds cost more"}
    answer = boss.post(f"{PRODUCTS}INSTANT/terms/", body)
    assert (answer.status_code, answer.json()["kind"]) == (202, "lending.change_terms")
    assert ProductTerms.objects.filter(product__code="INSTANT").count() == 1
    wrong = boss.post(f"{PRODUCTS}INSTANT/terms/", body | {"most": money("1.00")})
    assert (wrong.status_code, "most_minor" in wrong.json()["errors"]) == (422, True)
    assert boss.post(f"{PRODUCTS}NONE/terms/", body).status_code == 404
    assert boss.post(f"{PRODUCTS}INSTANT/terms/", body | {"colour": "red"}).status_code == 400
    assert Approval.objects.count() == 1


def test_previews_without_keeping(boss):
    body = {"product": "INSTANT", "rate": "0.06", "amount": money("5000.00")}
    shown = boss.post(f"{PRODUCTS}preview/", body).json()
    assert shown["offer"]["cost"] == money("300.00")
    assert shown["rows"][0]["why"]["interest"]
    fees = [{"kind": "ARRANGEMENT", "flat": money("100.00")}]
    dearer = boss.post(f"{PRODUCTS}preview/", body | {"fees": fees}).json()
    assert dearer["offer"]["cost"] != money("300.00")
    assert not Approval.objects.exists()


@pytest.mark.parametrize("path", [PRODUCTS, TESTS])
def test_is_closed_to_those_without_the_right(client, path):
    for who in (make_customer(), make_staff("TELLER")):
        assert Door(client, who).get(path).status_code == 403


def test_sets_a_limit_by_two(client, account):
    officer = Door(client, make_officer())
    path = f"/api/v1/admin/users/{account.owner_id}/credit-limit/"
    body = {"product": "BUSINESS", "amount": money("90000.00"), "until": later(), "reason": "You showed us contracts."}
    assert officer.put(path, body).status_code == 202
    assert officer.put(path, body).status_code == 409
    approve = f"/api/v1/admin/approvals/{Approval.objects.get().pk}/approve/"
    assert officer.post(approve).status_code == 403
    assert Door(client, make_officer()).post(approve).status_code == 200
    found = {one["product"]: one for one in officer.get(path).json()}["BUSINESS"]
    assert (found["amount"], found["reasons"][0]["code"]) == (money("90000.00"), "STAFF")
    mine = Door(client, account.owner).get("/api/v1/loans/limit/").json()
    assert {one["product"]: one["amount"] for one in mine}["BUSINESS"] == money("90000.00")
    assert Door(client, account.owner).get(path).status_code == 403


def test_pledges_a_thing_and_the_borrower_reads_it(client, account):
    loan = ask(account, "60000", code="BUSINESS")
    officer = Door(client, make_officer())
    path = f"/api/v1/admin/loans/{loan.public_id}/collateral/"
    body = {"kind": "LAND", "described": "Plot at Juja", "number": "JUJA/1/44", "value": money("200000.00")}
    body |= {"valued_on": later(0), "valued_by": "Knight Frank"}
    made = officer.post(path, body)
    assert (made.status_code, made.json()["ltv"], made.json()["things"][0]["number"]) == (201, "0.3000", "••• /44")
    thing = made.json()["things"][0]["id"]
    file = SimpleUploadedFile("deed.pdf", b"%PDF-1.7", content_type="application/pdf")
    kept = client.post(f"{path}{thing}/papers/", {"file": file}, headers=officer.headers)
    assert (kept.status_code, kept.json()["content_type"]) == (201, "application/pdf")
    own = f"/api/v1/loans/{loan.public_id}/collateral/"
    assert Door(client, account.owner).get(own).json()["things"][0]["papers"] == 1
    assert Door(client, make_customer()).get(own).status_code == 404
    assert Door(client, account.owner).post(path, body).status_code == 403
    assert officer.post(f"{path}{thing}/release/", {"reason": "Sold"}).status_code == 202
    assert officer.post(f"{path}{thing}/release/", {"reason": "Sold"}).status_code == 409


def test_runs_and_reads_bad_times(client):
    analyst = Door(client, make_staff("ANALYST"))
    made = analyst.post(TESTS, {"scenario": "SEVERE"})
    assert (made.status_code, made.json()["scenario"]) == (201, "SEVERE")
    assert analyst.get(f"{TESTS}{made.json()['id']}/").json() == made.json()
    assert analyst.get(TESTS).json()["results"][0]["id"] == made.json()["id"]
    own = analyst.post(TESTS, {"scenario": "OWN", "product": "INSTANT", "pd_factor": "4"}).json()
    assert (own["product"], own["inputs"]["pd_factor"]) == ("INSTANT", "4")
    assert analyst.post(TESTS, {"scenario": "NONE"}).status_code == 404
    assert analyst.post(TESTS, {"scenario": "OWN", "pd_factor": "101"}).status_code == 400
    assert StressRun.objects.count() == 2


def test_asks_for_products_offers_and_references_as_the_desk_does(boss):
    body = {"code": "BODA", "like": "BUSINESS", "name": "Boda loan", "name_sw": "Mkopo wa boda", "about": "A boda"}
    body |= {"about_sw": "Boda", "purposes": ["ASSET"], "loss_table": "CBK_BANK", "loss_given_default": "0.4"}
    body |= {"loan_to_value": "0.8", "valid_from": later(0), "reason": "Riders ask for it"}
    assert boss.post(PRODUCTS, body).status_code == 202
    assert boss.post(PRODUCTS, body | {"code": "INSTANT"}).status_code == 422
    assert boss.post(f"{PRODUCTS}INSTANT/offered/", {"on": False, "reason": "Too many fail"}).status_code == 202
    assert boss.post(f"{PRODUCTS}INSTANT/offered/", {"on": True, "reason": "It is"}).status_code == 422
    rate = {"code": "CBR", "rate": "0.0975", "valid_from": later(0), "published_in": "CBK", "reason": "New"}
    assert boss.post("/api/v1/admin/loans/references/", rate).status_code == 202
    assert boss.post("/api/v1/admin/loans/references/", rate | {"valid_from": later(-1)}).status_code == 422
    assert Approval.objects.count() == 3


def test_shows_what_an_absurd_loan_would_cost(boss):
    body = {"product": "BUSINESS", "unit": "WEEK", "rate_per": "YEAR", "amount": money("350.00")}
    answer = boss.post(f"{PRODUCTS}preview/", body)
    assert answer.status_code == 200
    assert len(answer.json()["offer"]["apr_pct"]) > 9
