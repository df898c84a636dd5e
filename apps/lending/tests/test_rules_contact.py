"""When people may be reached, and who pays what of a debt several stand for: tables and properties."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.lending.rules.contact import Hours, may_reach
from apps.lending.rules.shares import shares

EAT = ZoneInfo("Africa/Nairobi")
CALLS = Hours(8, 18, on_sundays=False, on_holidays=False, most_a_day=2, most_a_week=3)
JAMHURI = date(2026, 12, 12)  # a Saturday


def ask(moment, attempts=(), hours=CALLS):
    at = datetime.fromisoformat(moment).replace(tzinfo=EAT)
    found = may_reach(
        hours, at=at, is_holiday={JAMHURI}.__contains__, attempts=[date.fromisoformat(a) for a in attempts]
    )
    return found.because, f"{found.again_at:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("moment", "attempts", "because", "again"),
    [
        ("2026-11-20 08:00", [], None, "2026-11-20 08:00"),
        ("2026-11-20 17:59", [], None, "2026-11-20 17:59"),
        ("2026-11-20 07:59", [], "TOO_EARLY", "2026-11-20 08:00"),
        ("2026-11-20 18:00", [], "TOO_LATE", "2026-11-21 08:00"),
        ("2026-11-21 18:00", [], "TOO_LATE", "2026-11-23 08:00"),  # a Saturday: Sunday is passed over
        ("2026-11-22 12:00", [], "SUNDAY", "2026-11-23 08:00"),
        ("2026-12-12 12:00", [], "HOLIDAY", "2026-12-14 08:00"),  # Saturday, then a Sunday
        ("2026-12-11 20:00", [], "TOO_LATE", "2026-12-14 08:00"),
        ("2026-11-20 12:00", ["2026-11-20"], None, "2026-11-20 12:00"),
        ("2026-11-20 12:00", ["2026-11-20"] * 2, "TODAY_ENOUGH", "2026-11-21 08:00"),
        ("2026-11-20 12:00", ["2026-11-14", "2026-11-16", "2026-11-18"], "WEEK_ENOUGH", "2026-11-21 08:00"),
        ("2026-11-20 12:00", ["2026-11-13", "2026-11-16", "2026-11-18"], None, "2026-11-20 12:00"),
        ("2026-11-20 07:00", ["2026-11-16", "2026-11-18", "2026-11-19"], "TOO_EARLY", "2026-11-23 08:00"),
    ],
)
def test_says_when_and_why_not(moment, attempts, because, again):
    assert ask(moment, attempts) == (because, again)


_DAYS = st.integers(0, 6).map(lambda n: date(2026, 11, 20) - timedelta(days=n))


_MOMENTS = st.integers(0, 40 * 24 * 60).map(lambda n: datetime(2026, 11, 20, tzinfo=EAT) + timedelta(minutes=n))


@given(_MOMENTS, st.lists(_DAYS, max_size=9))
def test_what_it_names_as_the_next_moment_is_allowed_and_not_past(at, attempts):
    found = may_reach(CALLS, at=at, is_holiday={JAMHURI}.__contains__, attempts=attempts)
    assert found.again_at >= at
    again = may_reach(CALLS, at=found.again_at, is_holiday={JAMHURI}.__contains__, attempts=attempts)
    assert again.is_allowed
    assert found.is_allowed == (found.again_at == at)


def test_a_calendar_without_a_free_day_is_wrong():
    at = datetime(2026, 11, 20, 12, tzinfo=EAT)
    with pytest.raises(ValueError, match="nobody may be reached"):
        may_reach(CALLS, at=at, is_holiday=lambda day: True, attempts=())


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**10), max_size=8))
def test_shares_add_up_and_never_pass_what_is_held(owed, held):
    parts = shares(owed, held)
    assert sum(parts) == min(owed, sum(held))
    assert all(0 <= part <= most for part, most in zip(parts, held, strict=True))
    for part, most in zip(parts, held, strict=True):
        assert abs(part * max(sum(held), 1) - min(owed, sum(held)) * most) < max(sum(held), 1)


def test_shares_by_hand():
    assert shares(100, [300, 300, 300]) == [34, 33, 33]
    assert shares(1000, [300, 200]) == [300, 200]
    assert shares(50, [90, 10]) == [45, 5]
    assert shares(0, [5]) == [0]
    with pytest.raises(ValueError, match="negative"):
        shares(-1, [5])
