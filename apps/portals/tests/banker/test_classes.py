"""Classes and provisions at the desk: what holds, what is to come, and asking a second person for other figures."""

from datetime import timedelta

import pytest

from apps.kernel import approvals
from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.lending.models import AgeingRule, LossBand
from apps.lending.queries import bands_in_force
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
PAGE = "/workbench/products/classes/"


def tomorrow():
    return str(local_date(now()) + timedelta(days=1))


def test_asks_for_other_days_and_shows_them_to_come():
    client = enter(make_staff("ADMIN"))
    page = client.get(PAGE)
    assert faults_of(page.content.decode()) == []
    assert "later than 90 days" in page.content.decode()
    assert "Choose one" in page.content.decode()
    sent = {"stage_2_after": 20, "non_performing_after": 80, "cure_days": 100, "valid_from": tomorrow()}
    wrong = client.post(PAGE, sent | {"stage_2_after": 80, "source": "Board", "reason": "Caution"})
    assert wrong.status_code == 422
    assert "A loan is non-performing later than it is watched." in wrong.content.decode()
    assert client.post(PAGE, sent | {"source": "Board", "reason": "Caution"}).status_code == 303
    approvals.approve(approval=Approval.objects.get(), by=make_staff("ADMIN"), at=now())
    assert "20 · 80 · 100" in client.get(PAGE).content.decode()
    assert AgeingRule.objects.count() == 2


def test_asks_for_another_rate_of_a_class():
    client = enter(make_staff("ADMIN"))
    loss = bands_in_force(local_date(now())).get(table__code="CBK_BANK", code="SUBSTANDARD")
    sent = {"rate-band": loss.pk, "rate-rate": "25", "rate-valid_from": tomorrow(), "rate-source": "CBK"}
    assert client.post(PAGE, sent).status_code == 422
    assert client.post(PAGE, sent | {"rate-reason": "New", "rate-rate": "101"}).status_code == 422
    assert client.post(PAGE, sent | {"rate-reason": "New"}).status_code == 303
    approvals.approve(approval=Approval.objects.get(), by=make_staff("ADMIN"), at=now())
    assert LossBand.objects.filter(code="SUBSTANDARD", rate="0.25", table=loss.table).count() == 1
    assert "to come" in client.get(PAGE).content.decode()


def test_is_for_those_who_manage_products():
    client = enter(make_staff("TELLER"))
    assert client.get(PAGE).status_code in {403, 404}
