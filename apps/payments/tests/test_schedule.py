"""When standing orders are due: month ends, leap years, ends of series, and what is too late, by property."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.payments.schedule import LATEST, BadSchedule, Schedule, in_month, is_too_late

STARTS = st.dates(date(2024, 1, 1), date(2090, 12, 31))
DAYS = st.integers(1, 31)


@given(STARTS, DAYS, st.integers(0, 400))
def test_a_monthly_date_is_its_day_or_the_last_of_a_shorter_month(start, day, nth):
    due = Schedule("MONTHLY", start, day).due_on(nth)
    last = calendar.monthrange(due.year, due.month)[1]
    assert due.day == min(day, last)
    assert due >= start


@given(STARTS, DAYS)
def test_every_month_from_the_start_has_exactly_one_date(start, day):
    dues = [Schedule("MONTHLY", start, day).due_on(nth) for nth in range(60)]
    months = [due.year * 12 + due.month for due in dues]
    assert months == list(range(months[0], months[0] + 60))
    assert (dues[0] - start).days < 31 + 31


@given(STARTS, DAYS, st.integers(0, 200))
def test_a_short_month_does_not_shorten_those_after_it(start, day, nth):
    schedule = Schedule("MONTHLY", start, day)
    due = schedule.due_on(nth)
    assert due == in_month(due.year, due.month, day), "computed from the day asked for, never from the date before"


@pytest.mark.parametrize(("year", "last"), [(2024, 29), (2025, 28), (2028, 29), (2100, 28)])
def test_the_31st_in_february_is_its_last_day(year, last):
    dues = [Schedule("MONTHLY", date(year, 1, 31), 31).due_on(nth) for nth in range(3)]
    assert dues == [date(year, 1, 31), date(year, 2, last), date(year, 3, 31)]


def test_a_day_that_is_past_in_the_first_month_begins_in_the_next():
    assert Schedule("MONTHLY", date(2026, 11, 21), 5).due_on(0) == date(2026, 12, 5)
    assert Schedule("MONTHLY", date(2026, 11, 21), 21).due_on(0) == date(2026, 11, 21)
    assert Schedule("MONTHLY", date(2026, 12, 31), 30).due_on(0) == date(2027, 1, 30)


@given(STARTS, st.sampled_from([("DAILY", 1), ("WEEKLY", 7)]), st.integers(0, 1000))
def test_days_and_weeks_are_evenly_apart(start, way, nth):
    cadence, apart = way
    assert Schedule(cadence, start).due_on(nth) == start + timedelta(days=apart * nth)


@given(STARTS, st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]), st.integers(1, 50))
def test_ends_after_so_many_times(start, cadence, times):
    schedule = Schedule(cadence, start, 15 if cadence == "MONTHLY" else None, times=times)
    assert schedule.due_on(times - 1) is not None
    assert schedule.due_on(times) is None


@given(STARTS, st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]), st.integers(0, 700))
def test_pays_nothing_after_its_last_date(start, cadence, span):
    until = start + timedelta(days=span)
    schedule = Schedule(cadence, start, 31 if cadence == "MONTHLY" else None, until=until)
    dues = [due for nth in range(800) if (due := schedule.due_on(nth))]
    assert all(start <= due <= until for due in dues)
    assert schedule.due_on(len(dues)) is None


@given(st.dates(), st.sampled_from(["ONCE", "DAILY", "WEEKLY", "MONTHLY"]), DAYS, st.integers(0, 10**6))
def test_no_date_lies_beyond_all_calendars_whatever_was_asked(start, cadence, day, nth):
    due = Schedule(cadence, start, day if cadence == "MONTHLY" else None).due_on(nth)
    assert due is None or start <= due <= LATEST


def test_once_is_once():
    once = Schedule("ONCE", date(2026, 12, 1))
    assert (once.due_on(0), once.due_on(1)) == (date(2026, 12, 1), None)


@pytest.mark.parametrize(
    "schedule",
    [
        Schedule("MONTHLY", date(2026, 1, 1), 0),
        Schedule("MONTHLY", date(2026, 1, 1), 32),
        Schedule("WEEKLY", date(2026, 1, 1), 3),
        Schedule("WEEKLY", date(2026, 1, 1), times=2, until=date(2026, 5, 1)),
        Schedule("ONCE", date(2026, 1, 1), times=2),
        Schedule("MONTHLY", date(2026, 1, 10), 5, until=date(2026, 1, 31)),
        Schedule("DAILY", date(2026, 1, 10), times=0),
    ],
)
def test_refuses_what_makes_no_schedule(schedule):
    with pytest.raises(BadSchedule):
        schedule.checked()


@given(STARTS, st.integers(0, 30))
def test_three_days_late_is_still_paid_and_four_is_not(day, late):
    assert is_too_late(pay_from=day, following=None, today=day + timedelta(days=late)) is (late > 3)


@given(STARTS, st.integers(0, 3))
def test_of_two_dates_that_have_come_only_the_later_is_paid(day, late):
    today = day + timedelta(days=late)
    assert is_too_late(pay_from=day, following=today, today=today)
    assert not is_too_late(pay_from=day, following=today + timedelta(days=1), today=today)
