"""Penalties of days that are worked out once more: the rule of the end of the day, one loan, day by day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True)
class Late:
    """An instalment, and what of it bears penalties (minor units): everything unpaid but penalties themselves."""

    number: int
    due_on: date
    bears_minor: int


@dataclass(frozen=True, slots=True)
class Penalty:
    """A share a day after free days, and at most so much of all days together (minor units)."""

    rate: Decimal
    after_days: int
    most_minor: int


def nearest(exact: Decimal) -> int:
    """The nearest whole number, halves up."""
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def penalties(
    rows: Sequence[Late], rule: Penalty, days: Iterable[date], *, before_minor: int
) -> dict[tuple[int, date], int]:
    """What each day charges on each instalment, the oldest taking what is left under the cap first.

    `before_minor` is what was charged on the days before. Nothing is charged on a penalty, so a day does not change the
    next one's base.
    """
    found: dict[tuple[int, date], int] = {}
    room = rule.most_minor - before_minor
    for day in sorted(days):
        for row in sorted(rows, key=lambda one: one.number):
            if row.due_on + timedelta(days=rule.after_days) >= day:
                continue
            minor = min(nearest(row.bears_minor * rule.rate), room)
            if minor > 0:
                found[row.number, day] = minor
                room -= minor
    return found
