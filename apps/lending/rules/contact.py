"""When somebody who is late may be reached: hours, days and attempts; local moments in, a code and a moment out.

The law read for this (Digital Credit Providers Regulations, Legal Notice 46 of 2022; reference/lending-and-kenya.md)
forbids shaming and reaching people of a borrower's contact list; it names no hours. The hours and counts are the
bank's own dated rows (`ContactRule`), each with its source.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

WEEK = 7
LOOK_AHEAD = 60  # days; a calendar without one free day in them is wrong


@dataclass(frozen=True, slots=True)
class Hours:
    """From `from_hour` to before `until_hour`, on which days, and how many attempts a day and in any seven days."""

    from_hour: int
    until_hour: int
    on_sundays: bool
    on_holidays: bool
    most_a_day: int
    most_a_week: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether somebody may be reached at a moment; when not, why, and from when on."""

    because: str | None
    again_at: datetime

    @property
    def is_allowed(self) -> bool:
        """Now."""
        return self.because is None


def may_reach(hours: Hours, *, at: datetime, is_holiday: Callable[[date], bool], attempts: Sequence[date]) -> Answer:
    """Look at the moment `at` (of the bank's own clock), with the local days of earlier attempts.

    The reasons, in the order in which they are told: SUNDAY, HOLIDAY, TOO_EARLY, TOO_LATE, TODAY_ENOUGH, WEEK_ENOUGH.
    """
    because = _day(hours, at.date(), is_holiday) or _hour(hours, at) or _count(hours, at.date(), attempts)
    return Answer(because, at if because is None else _again(hours, at, is_holiday, attempts))


def _day(hours: Hours, day: date, is_holiday: Callable[[date], bool]) -> str | None:
    if day.weekday() == 6 and not hours.on_sundays:
        return "SUNDAY"
    return "HOLIDAY" if is_holiday(day) and not hours.on_holidays else None


def _hour(hours: Hours, at: datetime) -> str | None:
    if at.hour < hours.from_hour:
        return "TOO_EARLY"
    return "TOO_LATE" if at.hour >= hours.until_hour else None


def _count(hours: Hours, day: date, attempts: Sequence[date]) -> str | None:
    if sum(one == day for one in attempts) >= hours.most_a_day:
        return "TODAY_ENOUGH"
    since = day - timedelta(days=WEEK - 1)
    return "WEEK_ENOUGH" if sum(since <= one <= day for one in attempts) >= hours.most_a_week else None


def _again(hours: Hours, at: datetime, is_holiday: Callable[[date], bool], attempts: Sequence[date]) -> datetime:
    for ahead in range(LOOK_AHEAD):
        day = at.date() + timedelta(days=ahead)
        opens = datetime.combine(day, time(hours.from_hour), tzinfo=at.tzinfo)
        if opens <= at or _day(hours, day, is_holiday) or _count(hours, day, attempts):
            continue
        return opens
    raise ValueError(f"nobody may be reached within {LOOK_AHEAD} days of {at.date()}")
