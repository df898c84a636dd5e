"""Taxes in the console: from a draft to a payment by its forms, to read for auditors, nothing for the rest."""

from datetime import timedelta

import pytest

from apps.compliance.models import TaxReturn
from apps.compliance.operations import taxes
from apps.compliance.testing import allow, make_tax
from apps.kernel.clock import day_start, local_date, now
from apps.kernel.models import Approval
from apps.portals.testing import faults_of, sign_in
from apps.portals.tests.banker.desk import enter
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db
API = "/api/v1/admin/compliance/tax-returns/"


@pytest.fixture
def last_month():
    return local_date(now()).replace(day=1) - timedelta(days=1)


@pytest.fixture
def row(last_month):
    make_tax("187.50", at=day_start(last_month) + timedelta(hours=12))
    taxes.draft_due(at=now())
    found: TaxReturn = TaxReturn.objects.get()
    return found


@pytest.fixture
def officer():
    return make_staff("COMPLIANCE_OFFICER")


@pytest.mark.parametrize("language", ["en", "sw"])
def test_pages_are_strict_in_both_languages_at_each_step(row, officer, language):
    client = enter(officer)
    client.cookies["kitbank_language"] = language
    address = f"/compliance/taxes/{row.pk}"
    slip = {"act": "pay", "prn": "P1", "bank_reference": "R1", "paid_on": str(local_date(now())), "reason": "Sent"}
    for act in ({}, {"act": "file", "acknowledgement": f"KRA-{language}"}, slip):
        if act:
            assert client.post(address, act).status_code == 303, act
        for page in ("/compliance/taxes", address):
            answer = client.get(page)
            assert answer.status_code == 200
            assert faults_of(answer.content.decode()) == [], page
    assert "187.50" in answer.content.decode()


def test_goes_from_a_month_to_a_payment(row, officer):
    client, second, address = enter(officer), make_staff("ADMIN"), f"/compliance/taxes/{row.pk}"
    assert client.post(address, {"act": "compute"}).status_code == 303
    assert client.post(address, {"act": "file", "acknowledgement": "KRA-1"}).status_code == 422  # one's own figures
    other = enter(second)
    assert other.post(address, {"act": "file", "acknowledgement": ""}).status_code == 422
    assert other.post(address, {"act": "file", "acknowledgement": "KRA-1"}).status_code == 303
    slip = {"act": "pay", "prn": "P1", "bank_reference": "R1", "paid_on": "2020-01-01", "reason": "Sent"}
    assert client.post(address, slip).status_code == 422
    assert client.post(address, slip | {"paid_on": str(local_date(now()))}).status_code == 303
    assert client.post(address, slip | {"paid_on": str(local_date(now()))}).status_code == 409
    allow(Approval.objects.get(), second)
    words = client.get(address).content.decode()
    assert "KRA-1" in words
    assert "P1" in words
    rows = client.get(f"{address}?export=csv").content.decode().splitlines()
    assert rows[1].startswith("ACCRUED,P2P_TRANSFER,,1,187.50,KES,")
    assert TaxReturn.objects.get().status == "PAID"
    assert client.post("/compliance/taxes", {"kind": "EXCISE", "month": str(row.first_on)}).status_code == 409


def test_the_api_does_the_same(client, row, officer):
    second = make_staff("ADMIN")

    def door(user, method, path="", body=None):
        return getattr(client, method)(f"{API}{path}", body or {}, "application/json", headers=bearer(user))

    assert [one["reference"] for one in client.get(API, headers=bearer(officer)).json()["results"]] == [row.reference]
    assert door(officer, "post", f"{row.pk}/compute/").json()["figures"]["number"] == 2
    assert door(officer, "post", f"{row.pk}/file/", {"acknowledgement": "KRA-1"}).json()["code"] == "not_allowed"
    filed = door(second, "post", f"{row.pk}/file/", {"acknowledgement": "KRA-1"}).json()
    assert (filed["status"], filed["payable"]) == ("FILED", {"amount": "187.50", "currency": "KES"})
    assert filed["lines"][0] | {"first_on": "", "last_on": ""} == {
        "part": "ACCRUED", "source": "P2P_TRANSFER", "product": "", "entries": 1,
        "amount": {"amount": "187.50", "currency": "KES"}, "first_on": "", "last_on": "",
    }  # fmt: skip
    slip = {"prn": "P1", "bank_reference": "R1", "paid_on": str(row.first_on - timedelta(days=1)), "reason": "Sent"}
    assert door(officer, "post", f"{row.pk}/pay/", slip).json()["code"] == "tax_return_incomplete"
    asked = door(officer, "post", f"{row.pk}/pay/", slip | {"paid_on": str(local_date(now()))})
    assert asked.status_code == 202
    allow(Approval.objects.get(pk=asked.json()["approval"]), second)
    assert client.get(f"{API}{row.pk}/", headers=bearer(officer)).json()["status"] == "PAID"
    made = door(officer, "post", "", {"kind": "EXCISE", "month": str(local_date(now()))})
    assert (made.status_code, made.json()["code"]) == (409, "out_of_turn")


def test_books_a_payment_on_account(client, row, officer):
    make_tax("48.50", at=now(), kind="INTEREST", purpose="tax:withholding")
    slip = {"act": "on_account", "kind": "WITHHOLDING", "amount": "48.51", "prn": "P9", "bank_reference": "R9",
            "paid_on": str(local_date(now())), "reason": "Sent"}  # fmt: skip
    desk = enter(officer)
    assert desk.post("/compliance/taxes", slip).status_code == 422
    assert desk.post("/compliance/taxes", slip | {"amount": "40"}).status_code == 303
    assert client.get(f"{API}open/", headers=bearer(officer)).json()[0]["amount"]["amount"] == "48.50"
    body = slip | {"amount": {"amount": "8.50", "currency": "KES"}, "prn": "P10"}
    del body["act"]
    assert client.post(f"{API}on-account/", body, "application/json", headers=bearer(officer)).status_code == 409
    allow(Approval.objects.get(), make_staff("ADMIN"))
    assert client.post(f"{API}on-account/", body, "application/json", headers=bearer(officer)).status_code == 202


def test_auditors_read_and_nobody_else_knows(client, row, officer):
    auditor = make_staff("AUDITOR")
    desk, others = enter(auditor), (enter(make_staff("BRANCH_MANAGER")), sign_in(make_customer()))
    for address in ("/compliance/taxes", f"/compliance/taxes/{row.pk}", f"/compliance/taxes/{row.pk}?export=csv"):
        assert desk.get(address).status_code == 200
        assert [other.get(address).status_code for other in others] == [404, 404]
    assert 'name="act"' not in desk.get(f"/compliance/taxes/{row.pk}").content.decode()
    assert desk.post(f"/compliance/taxes/{row.pk}", {"act": "file", "acknowledgement": "x"}).status_code == 403
    assert client.post(f"{API}{row.pk}/compute/", headers=bearer(auditor)).status_code == 403
    assert client.get(API, headers=bearer(make_staff("TELLER"))).status_code == 404
    row.refresh_from_db()
    assert row.status == "DRAFT"


def test_the_list_asks_as_often_for_many_as_for_one(row, officer, django_assert_max_num_queries):
    client = enter(officer)
    client.get("/compliance/taxes")
    with django_assert_max_num_queries(12):
        assert client.get("/compliance/taxes").status_code == 200
