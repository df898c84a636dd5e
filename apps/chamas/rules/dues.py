"""When contributions fall due, and what money that comes in pays first."""

from calendar import monthrange
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar

from apps.chamas.rules.constitution import Constitution

Key = TypeVar("Key", bound=Hashable)

# Within one due date: what helps others first, one's own savings after, fines last.
TURN = {"WELFARE": 0, "ROTATION": 1, "SAVINGS": 2, "FINES": 3}


@dataclass(frozen=True, slots=True)
class Period:
    """The days of one contribution, both ends included, and the day on which it is due."""

    starts_on: date
    ends_on: date
    due_on: date


def period_from(terms: Constitution, *, began_on: date, day: date) -> Period:
    """The first period whose due date is `day` or later: who begins after this month's date starts with the next.

    Months are of the calendar, weeks begin on Monday, fortnights count from the week in which the group began.
    """
    period = _period_of(terms, began_on, day)
    return period if period.due_on >= day else _period_of(terms, began_on, period.ends_on + timedelta(days=1))


def _period_of(terms: Constitution, began_on: date, day: date) -> Period:
    if terms.frequency == "MONTHLY":
        last = monthrange(day.year, day.month)[1]
        return Period(day.replace(day=1), day.replace(day=last), day.replace(day=min(terms.due_day, last)))
    days = 7 if terms.frequency == "WEEKLY" else 14
    anchor = began_on - timedelta(days=began_on.weekday())
    start = day - timedelta(days=(day - anchor).days % days)
    # The due weekday is that of the period's last week, so that a fortnight has one due date.
    return Period(start, start + timedelta(days=days - 1), start + timedelta(days=days - 8 + terms.due_day))


@dataclass(frozen=True, slots=True)
class Owed(Generic[Key]):
    """Something a member has to pay into one fund (minor units); `key` says what it is of."""

    due_on: date
    fund: str
    minor: int
    key: Key


@dataclass(frozen=True, slots=True)
class Part(Generic[Key]):
    """So much of a payment for one thing owed."""

    fund: str
    minor: int
    key: Key


def allocate(minor: int, owed: Sequence[Owed[Key]]) -> tuple[list[Part[Key]], int]:
    """What a payment pays, and what is left of it: the oldest due date first, in it by `TURN`, in equals as given."""
    parts, left = [], minor
    for one in sorted(owed, key=lambda one: (one.due_on, TURN[one.fund])):
        used = min(left, one.minor)
        if used > 0:
            parts.append(Part(one.fund, used, one.key))
            left -= used
    return parts, left
