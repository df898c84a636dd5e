"""The directory of billers at the desk: one asks, another allows."""

import re

import pytest

from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.payments.models import Biller
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
CHANGE = "/workbench/billers/change/"


def entry(**other):
    asked = {
        "code": "kisumu-academy",
        "name": "Kisumu Academy",
        "category": "SCHOOL",
        "paybill": "400111",
        "account_label": "Admission number",
        "account_label_sw": "Namba ya mwanafunzi",
        "account_pattern": "[0-9]{4}/[0-9]{2}",
        "example": "1204/26",
        "least": "100",
        "most": "250,000",
        "is_active": "on",
        "valid_from": local_date(now()).isoformat(),
        "reason": "Asked by the school",
    }
    return asked | other


def test_is_asked_by_one_and_allowed_by_another():
    maker = enter(make_staff("ADMIN"))
    answer = maker.post(CHANGE, entry())
    assert answer.status_code == 303, answer.content.decode()[:2000]
    assert not Biller.objects.filter(code="kisumu-academy").exists()
    approval = Approval.objects.get()
    address = f"/workbench/approvals/{approval.pk}/"
    maker.post(address, {"decision": "approve", "note": ""})
    assert not Biller.objects.filter(code="kisumu-academy").exists()
    page = enter(make_staff("ADMIN"))
    assert faults_of(page.get(address).content.decode()) == []
    page.post(address, {"decision": "approve", "note": ""})
    assert Biller.objects.get(code="kisumu-academy").takes("1204/26")
    assert "Kisumu Academy" in page.get("/workbench/billers/").content.decode()


@pytest.mark.parametrize(
    "other",
    [
        {"account_pattern": "([0-9]+)+"},
        {"account_pattern": "[0-9]*"},
        {"example": "x"},
        {"paybill": "12"},
        {"valid_from": "2020-01-01"},
        {"least": "500", "most": "100"},
        {"reason": ""},
    ],
)
def test_refuses_what_does_not_hold_together(other):
    answer = enter(make_staff("ADMIN")).post(CHANGE, entry(**other))
    assert answer.status_code == 422
    assert not Approval.objects.exists()


def test_shows_a_biller_as_it_stands():
    page = enter(make_staff("ADMIN")).get(f"{CHANGE}?code=kplc-prepaid").content.decode()
    assert faults_of(page) == []
    assert re.search(r'value="888880"', page)


def test_is_closed_to_those_without_the_right():
    assert enter(make_staff("TELLER")).get("/workbench/billers/").status_code == 403


def test_the_list_takes_few_queries(django_assert_max_num_queries):
    desk = enter(make_staff("ADMIN"))
    desk.get("/workbench/billers/")
    with django_assert_max_num_queries(16):
        desk.get("/workbench/billers/")
