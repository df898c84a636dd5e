"""Fixed deposits: the rate an amount gets for a term, when the term ends, and what breaking it early leaves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

MISSES = 2  # instalments one may miss and keep the agreed rate
GRACE = timedelta(days=3)  # how long an instalment that lacked money is tried again


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a rate chart: from an amount (minor units) on, for a term in months."""

    months: int
    from_minor: int
    rate: Decimal


def rate_for(chart: Iterable[Cell], minor: int, months: int) -> Decimal | None:
    """The yearly rate for an amount and a term; None when that is not offered."""
    fits = [cell for cell in chart if cell.months == months and cell.from_minor <= minor]
    return max(fits, key=lambda cell: cell.from_minor).rate if fits else None


def after_months(start: date, months: int) -> date:
    """The same day so many months later, or the month's last day when it is shorter."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=start.day - 1), following - timedelta(days=1))


def broken_parts(parts: int, rate: Decimal, premature: Decimal) -> int:
    """What of the parts earned at `rate` is left at the rate of an early end; never more than was earned."""
    if rate <= premature or not rate:
        return parts
    return int(parts * premature / rate)
