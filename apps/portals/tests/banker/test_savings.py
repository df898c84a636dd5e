"""Interest on savings and sleeping accounts at the desk: asked by one, decided by another."""

from datetime import timedelta

import pytest

from apps.accounts.models import InterestTerms, SleepingAccount
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
