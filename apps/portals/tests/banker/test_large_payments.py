"""From which amount on a payment or a sale is large, at the desk: seen, asked for by one, allowed by another."""

from datetime import timedelta

import pytest

from apps.accounts import queries
from apps.accounts.testing import kes
from apps.kernel import approvals
from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.payments import queries as payments
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
PLACE = "/workbench/large-payments/"


def words(answer):
    page = answer.content.decode()
    assert faults_of(page) == []
    return page


def test_another_amount_is_asked_for_and_begins_on_its_day():
    maker, begins = make_staff("ADMIN"), local_date(now()) + timedelta(days=3)
    desk = enter(maker)
    assert "KES 50,000.00" in words(desk.get(PLACE))
    assert PLACE in words(desk.get("/workbench/")), "the menu leads to it"
    answer = desk.post(PLACE, {"amount": "80,000", "valid_from": begins.isoformat(), "reason": "Prices rose"})
    asked = Approval.objects.get()
    assert answer.headers["Location"] == f"/workbench/approvals/{asked.pk}/"
    second = make_staff("SUPER_ADMIN")
    decides = words(enter(second).get(f"/workbench/approvals/{asked.pk}/"))
    for said in ("KES 50,000.00", "KES 80,000.00", "Prices rose"):
        assert said in decides
    waiting = words(desk.get(PLACE))
    assert f"/workbench/approvals/{asked.pk}/" in waiting
    approvals.approve(approval=asked, by=second, at=now())
    assert queries.large_payment(begins) == kes("80000")
    shown = words(desk.get(PLACE))
    assert shown.index("Allowed, and coming") < shown.index("KES 80,000.00")


def test_so_is_another_amount_of_sales_which_shops_then_read():
    maker, begins = make_staff("ADMIN"), local_date(now()) + timedelta(days=3)
    desk = enter(maker)
    assert "KES 500.00" in words(desk.get(PLACE))
    given = {"sale-amount": "800", "sale-valid_from": begins.isoformat(), "sale-reason": "Too many texts"}
    answer = desk.post(PLACE, given)
    asked = Approval.objects.get()
    assert answer.headers["Location"] == f"/workbench/approvals/{asked.pk}/"
    second = make_staff("SUPER_ADMIN")
    decides = words(enter(second).get(f"/workbench/approvals/{asked.pk}/"))
    for said in ("From which amount on a sale is large", "KES 500.00", "KES 800.00", "Too many texts"):
        assert said in decides
    assert f"/workbench/approvals/{asked.pk}/" in words(desk.get(PLACE))
    approvals.approve(approval=asked, by=second, at=now())
    assert payments.large_sale("KES", now() + timedelta(days=3)) == kes("800")
    shown = words(desk.get(PLACE)).split("Large sales</h2>")[1]
    assert shown.index("Allowed, and coming") < shown.index("KES 800.00")


@pytest.mark.parametrize(
    "typed",
    [
        {"amount": ""},
        {"amount": "0"},
        {"amount": "9" * 25},
        {"valid_from": "2020-01-01"},
        {"valid_from": "soon"},
        {"reason": ""},
    ],
)
def test_a_slip_of_the_hand_is_told_and_asks_nobody(typed):
    begins = local_date(now()) + timedelta(days=3)
    asked = {"amount": "80000", "valid_from": begins.isoformat(), "reason": "Prices rose"} | typed
    answer = enter(make_staff("ADMIN")).post(PLACE, asked)
    assert answer.status_code == 422
    assert 'role="alert"' in words(answer) or "aria-invalid" in words(answer)
    assert not Approval.objects.exists()
    answer = enter(make_staff("ADMIN")).post(PLACE, {f"sale-{name}": value for name, value in asked.items()})
    assert answer.status_code == 422
    assert words(answer).count('role="alert"') == 1
    assert not Approval.objects.exists()


@pytest.mark.parametrize("role", ["TELLER", "BRANCH_MANAGER", "AUDITOR"])
def test_others_do_not_see_it(role):
    desk = enter(make_staff(role))
    assert (desk.get(PLACE).status_code, desk.post(PLACE, {"amount": "1"}).status_code) == (403, 403)


def test_it_speaks_kiswahili():
    page = words(enter(make_staff("ADMIN", language="sw")).get(PLACE))
    for said in ("Malipo makubwa", "Mauzo makubwa", "Kinachotumika", "Kuanzia kiasi hiki"):
        assert said in page
