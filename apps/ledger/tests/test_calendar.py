"""The bank's calendar: the law's holidays against known dates, gazetted days by staff, working days by property."""

from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit_trail.models import AuditLog
from apps.kernel.clock import local_date, now
from apps.kernel.errors import NotAllowed, NotFound
from apps.kernel.testing import at_once, refusals
from apps.ledger import operations, queries
from apps.ledger.errors import HolidayKnown, HolidayOver
from apps.ledger.models import Holiday
from apps.ledger.rules import calendar
from apps.users.testing import bearer, make_customer, make_staff

# Published tables: https://www.census.gov/data/software/x13as/genhol/easter-dates.html and the Kenya Gazette.
EASTER = {
    1961: (4, 2), 1981: (4, 19), 2000: (4, 23), 2008: (3, 23), 2011: (4, 24), 2016: (3, 27), 2019: (4, 21),
    2020: (4, 12), 2021: (4, 4), 2022: (4, 17), 2023: (4, 9), 2024: (3, 31), 2025: (4, 20), 2026: (4, 5),
    2027: (3, 28), 2028: (4, 16), 2029: (4, 1), 2030: (4, 21), 2038: (4, 25), 2049: (4, 18), 2076: (4, 19),
}  # fmt: skip
DAYS = st.dates(date(2024, 1, 1), date(2199, 12, 31))


@pytest.mark.parametrize(("year", "day"), EASTER.items())
def test_easter_falls_where_the_tables_say(year, day):
    assert calendar.easter(year) == date(year, *day)


@given(st.integers(1583, 4099))
def test_easter_is_a_sunday_between_22_march_and_25_april(year):
    found = calendar.easter(year)
    assert found.weekday() == 6
    assert date(year, 3, 22) <= found <= date(year, 4, 25)


def test_the_holidays_of_2026_are_those_of_the_gazette():
    assert sorted(calendar.public_holidays(2026)) == [
        date(2026, 1, 1),
        date(2026, 4, 3),
        date(2026, 4, 6),
        date(2026, 5, 1),
        date(2026, 6, 1),
        date(2026, 10, 10),
        date(2026, 10, 20),
        date(2026, 12, 12),
        date(2026, 12, 25),
        date(2026, 12, 26),
    ]


@pytest.mark.parametrize(
    ("sunday", "observed"),
    [
        (date(2025, 6, 1), date(2025, 6, 2)),  # Madaraka Day
        (date(2024, 10, 20), date(2024, 10, 21)),  # Mashujaa Day
        (date(2027, 12, 26), date(2027, 12, 27)),  # Boxing Day
        (date(2033, 12, 25), date(2033, 12, 27)),  # Christmas, the Monday being Boxing Day
    ],
)
def test_a_holiday_on_a_sunday_is_kept_on_the_next_day_that_is_none(sunday, observed):
    assert observed in calendar.public_holidays(sunday.year)
    assert not calendar.is_working_day(observed)


@given(DAYS, st.sets(DAYS, max_size=5))
def test_the_working_day_from_a_day_is_the_first_one(day, gazetted):
    found = calendar.working_day_from(day, gazetted)
    assert calendar.is_working_day(found, gazetted)
    between = [day + timedelta(days=ahead) for ahead in range((found - day).days)]
    assert not any(calendar.is_working_day(one, gazetted) for one in between)
    assert (found == day) is calendar.is_working_day(day, gazetted)


def test_easter_with_a_gazetted_tuesday_moves_to_wednesday():
    assert calendar.working_day_from(date(2026, 4, 3)) == date(2026, 4, 7)
    assert calendar.working_day_from(date(2026, 4, 3), {date(2026, 4, 7)}) == date(2026, 4, 8)


def a_free_day(ahead=40):
    day = local_date(now()) + timedelta(days=ahead)
    return calendar.working_day_from(day)


@pytest.mark.django_db
def test_staff_write_a_gazetted_day_down_and_take_it_back():
    manager, on = make_staff("ADMIN"), a_free_day()
    row = operations.add_holiday(on=on, name="Idd-ul-Fitr", notice="GN 3206", by=manager, at=now())
    assert not queries.calendar_of(on, on).is_working_day(on)
    assert ("Idd-ul-Fitr", row.pk) in {(one.name, one.id) for one in queries.holidays(on.year)}
    with pytest.raises(HolidayKnown):
        operations.add_holiday(on=on, name="Again", notice="GN 1", by=manager, at=now())
    operations.withdraw_holiday(holiday_id=row.pk, reason="Wrong year", by=manager, at=now())
    assert queries.calendar_of(on, on).is_working_day(on)
    with pytest.raises(NotFound):
        operations.withdraw_holiday(holiday_id=row.pk, reason="Twice", by=manager, at=now())
    assert AuditLog.objects.filter(action__startswith="ledger.holiday.").count() == 2


@pytest.mark.django_db
def test_refuses_those_without_the_right_days_that_have_begun_and_days_of_the_law():
    manager, today = make_staff("ADMIN"), local_date(now())
    law = next(day for day in sorted(calendar.public_holidays(today.year + 1)))
    for by in (make_staff("TELLER"), make_customer()):
        with pytest.raises(NotAllowed):
            operations.add_holiday(on=a_free_day(), name="Mine", notice="GN 1", by=by, at=now())
    with pytest.raises(HolidayOver):
        operations.add_holiday(on=today, name="Late", notice="GN 1", by=manager, at=now())
    with pytest.raises(HolidayOver):
        operations.add_holiday(on=today + timedelta(days=900), name="Far", notice="GN 1", by=manager, at=now())
    with pytest.raises(HolidayKnown):
        operations.add_holiday(on=law, name="Law", notice="GN 1", by=manager, at=now())
    assert not Holiday.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_write_a_day_down_once():
    manager, on = make_staff("ADMIN"), a_free_day()
    add = partial(operations.add_holiday, on=on, name="Idd", notice="GN 1", by=manager, at=now())
    results = at_once(add, add, add)
    assert len(refusals(results)) == 2
    assert all(isinstance(no, HolidayKnown) for no in refusals(results))
    assert Holiday.objects.count() == 1


@pytest.mark.django_db
def test_everyone_reads_the_calendar_and_staff_write_it_by_api(client):
    on = a_free_day()
    body = {"on": str(on), "name": "Idd", "notice": "GN 9"}
    customer, manager = bearer(make_customer()), bearer(make_staff("ADMIN"))
    assert client.get("/api/v1/holidays/").status_code == 401
    refused = client.post("/api/v1/holidays/", body, content_type="application/json", headers=customer)
    assert refused.status_code == 403
    made = client.post("/api/v1/holidays/", body, content_type="application/json", headers=manager)
    assert made.status_code == 201
    year = client.get(f"/api/v1/holidays/?year={on.year}", headers=customer).json()
    assert {"id": made.json()["id"], "on": str(on), "name": "Idd", "notice": "GN 9"} in year
    assert client.get("/api/v1/holidays/?year=1066", headers=customer).status_code == 400
    path = f"/api/v1/holidays/{made.json()['id']}/withdraw/"
    gone = client.post(path, {"reason": "Wrong"}, content_type="application/json", headers=manager)
    assert gone.status_code == 200
