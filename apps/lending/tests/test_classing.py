"""Days and rates by which loans are classed: dated rows, changed by two people, by page and API."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.kernel import approvals
from apps.kernel.clock import local_date, now
from apps.kernel.errors import NotAllowed
from apps.lending import operations
from apps.lending.errors import BadProduct
from apps.lending.models import AgeingRule, LossBand
from apps.lending.queries import ageing_rule, bands_in_force
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db
DAYS = {"stage_2_after": 15, "non_performing_after": 60, "cure_days": 90}
DATED = {"source": "CBK/PG/04, 2027", "reason": "New guideline"}


def tomorrow():
    return local_date(now()) + timedelta(days=1)


def watch():
    return bands_in_force(local_date(now())).get(table__code="CBK_BANK", code="WATCH")


def ask_rate(rate="0.05", **changes):
    asked = {"band": watch(), "rate": Decimal(rate), "valid_from": tomorrow(), "by": make_staff("ADMIN")} | DATED
    return operations.ask_loss_rate(**asked | {"at": now()} | changes)


def ask_days(**changes):
    asked = {"days": DAYS, "valid_from": tomorrow(), "by": make_staff("ADMIN")} | DATED
    return operations.ask_ageing(**asked | {"at": now()} | changes)


def test_a_class_is_provided_for_by_its_new_rate_from_its_day_on():
    asked = ask_rate()
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=asked.maker, at=now())
    approvals.approve(approval=asked, by=make_staff("ADMIN"), at=now())
    assert watch().rate == Decimal("0.03000")
    new = bands_in_force(tomorrow()).get(table__code="CBK_BANK", code="WATCH")
    assert (new.rate, new.from_days, new.source) == (Decimal("0.05000"), 31, "CBK/PG/04, 2027")
    assert bands_in_force(tomorrow()).count() == bands_in_force(local_date(now())).count()


def test_other_days_hold_from_their_day_on():
    approvals.approve(approval=ask_days(), by=make_staff("ADMIN"), at=now())
    assert ageing_rule(local_date(now())).non_performing_after == 90
    assert {name: getattr(ageing_rule(tomorrow()), name) for name in DAYS} == DAYS


def test_a_day_has_one_row():
    first, second = ask_days(), ask_days()
    approvals.approve(approval=first, by=make_staff("ADMIN"), at=now())
    with pytest.raises(BadProduct, match="already"):
        approvals.approve(approval=second, by=make_staff("ADMIN"), at=now())
    first, second = ask_rate(), ask_rate("0.06")
    approvals.approve(approval=first, by=make_staff("ADMIN"), at=now())
    with pytest.raises(BadProduct, match="already"):
        approvals.approve(approval=second, by=make_staff("ADMIN"), at=now())


def test_what_is_allowed_after_its_day_changes_nothing():
    asked = ask_days(valid_from=local_date(now()))
    with pytest.raises(BadProduct, match="ended"):
        approvals.approve(approval=asked, by=make_staff("ADMIN"), at=now() + timedelta(days=1))
    assert AgeingRule.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"days": DAYS | {"non_performing_after": 15}},
        {"days": DAYS | {"cure_days": 1001}},
        {"days": DAYS | {"stage_2_after": -1}},
        {"source": " "},
        {"source": "x" * 201},
    ],
)
def test_refuses_days_that_class_nothing(changes):
    with pytest.raises(BadProduct):
        ask_days(**changes)


@pytest.mark.parametrize("rate", ["-0.01", "1.01", "0.0000001", "NaN"])
def test_refuses_rates_that_are_no_share(rate):
    with pytest.raises(BadProduct):
        ask_rate(rate)


def test_a_day_that_has_ended_is_not_classed_again():
    with pytest.raises(BadProduct, match="ended"):
        ask_rate(valid_from=local_date(now()) - timedelta(days=1))
    with pytest.raises(NotAllowed):
        ask_days(by=make_customer())


def test_shows_and_asks_by_api(client):
    maker = make_staff("ADMIN")
    shown = client.get("/api/v1/admin/loans/classes/", headers=bearer(maker)).json()
    assert shown["ageing"]["cure_days"] == 180
    assert [one["rate"] for one in shown["classes"] if one["table"] == "CBK_BANK"][:2] == ["0.01000", "0.03000"]
    dated = {"valid_from": tomorrow().isoformat(), "published_in": "Board", "reason": "Caution"}
    said = client.post(
        "/api/v1/admin/loans/classes/ageing/", DAYS | dated, content_type="application/json", headers=bearer(maker)
    )
    assert said.status_code == 202
    there = f"/api/v1/admin/loans/classes/{watch().pk}/rate/"
    said = client.post(there, {"rate": "0.04"} | dated, content_type="application/json", headers=bearer(maker))
    assert said.status_code == 202
    said = client.post(there, {"rate": "2"} | dated, content_type="application/json", headers=bearer(maker))
    assert said.status_code == 400
    nobody = client.get("/api/v1/admin/loans/classes/", headers=bearer(make_customer()))
    assert nobody.status_code in {403, 404}
    assert LossBand.objects.filter(valid_from=tomorrow()).count() == 0
