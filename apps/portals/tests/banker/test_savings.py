"""Interest on savings and sleeping accounts at the desk: asked by one, decided by another."""

from datetime import timedelta

import pytest

from apps.accounts import deposits
from apps.accounts.errors import BadInterest
from apps.accounts.models import DepositChart, InterestTerms, SleepingAccount
from apps.accounts.testing import balance_of, make_account
from apps.kernel import approvals
from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import enter
from apps.users.models import StaffMember
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db


def test_other_interest_is_asked_for_and_begins_on_its_day():
    maker, checker = make_staff("ADMIN"), make_staff("SUPER_ADMIN")
    desk = enter(maker)
    page = desk.get("/workbench/savings/").content.decode()
    assert ("7.5% a year" in page, faults_of(page)) == (True, [])
    assert faults_of(desk.get("/workbench/savings/SAVINGS/").content.decode()) == []
    begins = local_date(now()) + timedelta(days=3)
    asked = {"basis": "DAILY", "valid_from": begins.isoformat(), "reason": "Policy rate", "form-TOTAL_FORMS": "3",
             "form-INITIAL_FORMS": "0", "form-0-begins": "0", "form-0-rate": "6", "form-1-begins": "50000",
             "form-1-rate": "7.25", "form-2-begins": "", "form-2-rate": ""}  # fmt: skip
    assert desk.post("/workbench/savings/SAVINGS/", asked | {"form-0-begins": "5"}).status_code == 422
    answer = desk.post("/workbench/savings/SAVINGS/", asked)
    assert answer.status_code == 303
    approvals.approve(approval=Approval.objects.get(), by=checker, at=now())
    terms = InterestTerms.objects.get(valid_from=begins)
    assert [(row.from_minor, str(row.rate)) for row in terms.tiers.order_by("from_minor")] == [
        (0, "0.06000"),
        (50_000_00, "0.07250"),
    ]
    assert "7.25%" in desk.get("/workbench/savings/").content.decode()


def test_tellers_change_no_interest():
    desk = enter(make_staff("TELLER"))
    assert desk.get("/workbench/savings/").status_code == 403
    assert desk.get("/workbench/savings/SAVINGS/").status_code == 403
    assert desk.get("/workbench/savings/deposits/change/").status_code == 403


def _chart(**changed):
    begins = local_date(now()) + timedelta(days=3)
    rows = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-begins": "10000", "form-0-m3": "8.5",
            "form-0-m12": "10.125", "form-1-begins": "", "premature": "4", "reason": "Policy rate",
            "valid_from": begins.isoformat()}  # fmt: skip
    return rows | changed


def test_other_deposit_rates_hold_from_their_day_for_what_begins_then():
    maker, checker = make_staff("ADMIN"), make_staff("SUPER_ADMIN")
    desk, today = enter(maker), local_date(now())
    for path in ("/workbench/savings/deposits/", "/workbench/savings/deposits/change/"):
        assert faults_of(desk.get(path).content.decode()) == []
    assert desk.post("/workbench/savings/deposits/change/", _chart()).status_code == 303
    assert deposits.chart("KES", today + timedelta(days=3)) == deposits.chart("KES", today)
    approvals.approve(approval=Approval.objects.get(), by=checker, at=now())
    begun = deposits.chart("KES", today + timedelta(days=3))
    assert {(cell.months, cell.from_minor, str(cell.rate)) for cell in begun.cells} == {
        (3, 10_000_00, "0.08500"),
        (12, 10_000_00, "0.10125"),
    }
    assert deposits.chart("KES", today + timedelta(days=2)) == deposits.chart("KES", today)
    assert "10.125%" in desk.get("/workbench/savings/deposits/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"form-0-m3": "", "form-0-m12": ""},
        {"form-0-m3": "100"},
        {"form-0-m3": "-1"},
        {"form-0-begins": ""},
        {"form-1-begins": "10000", "form-1-m3": "9"},
        {"premature": "9"},
        {"valid_from": local_date(now()).isoformat()},
        {"reason": ""},
    ],
    ids=["nothing", "all of it", "below nothing", "no amount", "twice", "more for who breaks", "today", "no reason"],
)
def test_rates_that_make_no_chart_are_refused(wrong):
    desk = enter(make_staff("ADMIN"))
    assert desk.post("/workbench/savings/deposits/change/", _chart(**wrong)).status_code == 422
    assert not Approval.objects.exists()


def test_two_charts_do_not_begin_on_one_day():
    maker, checker = make_staff("ADMIN"), make_staff("SUPER_ADMIN")
    desk = enter(maker)
    for _ in range(2):
        desk.post("/workbench/savings/deposits/change/", _chart())
    first, second = Approval.objects.order_by("pk")
    approvals.approve(approval=first, by=checker, at=now())
    with pytest.raises(BadInterest):
        approvals.approve(approval=second, by=checker, at=now())
    assert DepositChart.objects.filter(valid_from__gt=local_date(now())).count() == 1


def test_what_slept_for_five_years_is_handed_over_by_two():
    account = make_account(balance="1000", at=now() - timedelta(days=3000))
    type(account).objects.filter(pk=account.pk).update(status="DORMANT")
    day = local_date(now())
    row = SleepingAccount.objects.create(
        account=account, last_act_on=day - timedelta(days=2000), asleep_since=day - timedelta(days=1600),
        status="NOTICED", noticed_at=now() - timedelta(days=900), currency="KES",
    )  # fmt: skip
    maker, checker = make_staff("BRANCH_MANAGER"), make_staff("BRANCH_MANAGER")
    StaffMember.objects.update(approval_limit_minor=10**9)
    desk = enter(maker)
    page = desk.get("/workbench/dormant/?status=NOTICED").content.decode()
    assert ("Hand over" in page, faults_of(page)) == (True, [])
    assert faults_of(desk.get(f"/workbench/dormant/{row.pk}/").content.decode()) == []
    assert desk.post(f"/workbench/dormant/{row.pk}/", {"reason": ""}).status_code == 422
    assert desk.post(f"/workbench/dormant/{row.pk}/", {"reason": "Five years"}).status_code == 303
    approvals.approve(approval=Approval.objects.get(), by=checker, at=now())
    assert balance_of(account) == "0.00"
    assert "Give back" in desk.get("/workbench/dormant/").content.decode()
