"""Rules over the audit trail: what staff do that stands out, raised once a day and closed by somebody else."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.audit_trail import operations as audit_trail
from apps.compliance import operations
from apps.compliance.detectors.staff import THRESHOLDS
from apps.compliance.models import StaffAlert, StaffRule
from apps.kernel.clock import day_start, local_date, now
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.testing import deliver_events
from apps.users import operations as users
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db
MANY = THRESHOLDS[StaffRule.LOOKS_WITHOUT_WORK]


@pytest.fixture
def today():
    return local_date(now())


@pytest.fixture
def noon(today):
    return day_start(today) + timedelta(hours=12)


@pytest.fixture
def teller():
    return make_staff("TELLER")


def looks(teller, customers, at):
    for person in customers:
        audit_trail.record("users.customer.viewed", on=person, by=teller, at=at, reason="At the counter")


def alerts(rule):
    return list(StaffAlert.objects.filter(rule=rule).values_list("staff_id", "count"))


def watch(today):
    return operations.watch_staff(day=today, at=now())


def test_many_looks_without_work_are_asked_about(teller, today, noon):
    looks(teller, [make_customer() for _ in range(MANY)], noon)
    watch(today)
    assert alerts(StaffRule.LOOKS_WITHOUT_WORK) == [(teller.pk, MANY)]


def test_one_look_fewer_is_not(teller, today, noon):
    looks(teller, [make_customer() for _ in range(MANY - 1)], noon)
    assert watch(today) == 0


def test_looks_that_went_with_work_are_not(teller, today, noon):
    people = [make_customer() for _ in range(MANY)]
    looks(teller, people, noon)
    audit_trail.record("accounts.cash.deposited", on=people[0], by=teller, at=noon)
    assert watch(today) == 0


def test_another_day_is_another_day(teller, today, noon):
    people = [make_customer() for _ in range(MANY)]
    looks(teller, people[1:], noon)
    looks(teller, people[:1], noon - timedelta(days=1))
    assert watch(today) == 0


def test_one_look_at_family_is_enough(teller, today, noon):
    cousin = make_customer()
    users.declare_connection(staff=teller, customer=cousin, kind="FAMILY", by=teller, at=noon - timedelta(hours=1))
    looks(teller, [cousin], noon)
    watch(today)
    assert alerts(StaffRule.CONNECTED) == [(teller.pk, 1)]


def test_a_look_before_they_were_connected_is_none(teller, today, noon):
    cousin = make_customer()
    looks(teller, [cousin], noon - timedelta(hours=1))
    users.declare_connection(staff=teller, customer=cousin, kind="FAMILY", by=teller, at=noon)
    assert watch(today) == 0


@pytest.mark.parametrize(("hour", "found"), [(6, True), (7, False), (19, False), (20, True)])
def test_exports_count_outside_working_hours(teller, hour, found):
    tuesday = local_date(now())
    while tuesday.weekday() != 1:
        tuesday -= timedelta(days=1)
    for _ in range(3):
        audit_trail.record("audit_trail.records.exported", on="audit_trail", by=teller,
                           at=day_start(tuesday) + timedelta(hours=hour, minutes=59))  # fmt: skip
    operations.watch_staff(day=tuesday, at=now())
    assert bool(alerts(StaffRule.EXPORTS_AT_NIGHT)) is found


def test_refusals_at_the_doors_add_up(client, teller, today):
    for _ in range(THRESHOLDS[StaffRule.REFUSALS]):
        assert client.get("/api/v1/admin/tier-limits/", headers=bearer(teller)).status_code == 403
    watch(today)
    assert alerts(StaffRule.REFUSALS) == [(teller.pk, 10)]


def test_customers_who_are_refused_are_not_watched(client, today):
    customer = make_customer()
    for _ in range(12):
        client.get("/api/v1/admin/tier-limits/", headers=bearer(customer))
    assert watch(today) == 0


def test_a_day_looked_through_again_raises_nothing_new(teller, today, noon):
    looks(teller, [make_customer() for _ in range(MANY)], noon)
    assert (watch(today), watch(today)) == (1, 0)
    looks(teller, [make_customer()], noon)
    assert watch(today) == 0
    assert alerts(StaffRule.LOOKS_WITHOUT_WORK) == [(teller.pk, MANY + 1)]


def test_broken_glass_is_an_alert_at_once_and_one_a_day(teller):
    for _ in range(2):
        users.break_glass(customer=make_customer(), reason="At the hospital without her phone", by=teller, at=now())
        deliver_events()
    assert alerts(StaffRule.BROKEN_GLASS) == [(teller.pk, 2)]


@pytest.fixture
def alert(teller, today):
    return StaffAlert.objects.create(
        rule="REFUSALS", staff=teller, day=today, count=10, threshold=10, records=[1], raised_at=now()
    )


def test_somebody_else_closes_it_once(alert):
    officer = make_staff("COMPLIANCE_OFFICER")
    operations.close_staff_alert(alert=alert, note="A wrong bookmark", by=officer, at=now())
    with pytest.raises(Conflict):
        operations.close_staff_alert(alert=alert, note="Again", by=officer, at=now())


def test_whom_it_is_about_finds_nothing(client, today):
    officer = make_staff("COMPLIANCE_OFFICER")
    about = StaffAlert.objects.create(rule="CONNECTED", staff=officer, day=today, count=1, threshold=1, raised_at=now())
    with pytest.raises(NotFound):
        operations.close_staff_alert(alert=about, note="It was nothing", by=officer, at=now())
    assert client.get("/api/v1/audit/staff-alerts/", headers=bearer(officer)).json()["results"] == []
    with pytest.raises(IntegrityError, match="another_person_closes"), transaction.atomic():
        StaffAlert.objects.update(closed_by=officer, closed_at=now(), note="fine")


def test_the_api_lists_and_closes(client, alert):
    headers = bearer(make_staff("COMPLIANCE_OFFICER"))
    assert [row["id"] for row in client.get("/api/v1/audit/staff-alerts/", headers=headers).json()["results"]] == [
        alert.pk
    ]
    address = f"/api/v1/audit/staff-alerts/{alert.pk}/close/"
    said = {"note": "She asked the wrong list"}
    assert client.post(address, said, content_type="application/json", headers=headers).json()["note"] == said["note"]
    assert client.get("/api/v1/audit/staff-alerts/", headers=bearer(make_staff("AUDITOR"))).status_code == 404
