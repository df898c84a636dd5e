"""Fixed deposits: the rate an amount gets for a term, when the term ends, and what breaking it early leaves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

LONGEST = 120  # months
MISSES = 2  # instalments one may miss and keep the agreed rate
GRACE = timedelta(days=3)  # how long an instalment that lacked money is tried again


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a rate chart: from an amount (minor units) on, for a term in months."""

    months: int
    from_minor: int
    rate: Decimal


class BadChart(ValueError):
    """Rates that make no chart; says which of them."""


def check_chart(chart: Sequence[Cell], premature: Decimal) -> None:
    """Raises BadChart unless it offers something, each amount and term once, and breaking a deposit never pays more."""
    if not chart:
        raise BadChart("there is at least one rate")
    if len({(cell.months, cell.from_minor) for cell in chart}) != len(chart):
        raise BadChart("each amount and term stands once")
    for cell in chart:
        if not 1 <= cell.months <= LONGEST or cell.from_minor <= 0:
            raise BadChart(f"a term is from 1 to {LONGEST} months, an amount more than nothing")
        if not 0 < cell.rate < 1 or cell.rate != round(cell.rate, 5):
            raise BadChart("a rate is above 0 and below 100 % with at most three decimals")
    if not 0 <= premature <= min(cell.rate for cell in chart) or premature != round(premature, 5):
        raise BadChart("the rate of a deposit that is broken is not above the lowest of the others")


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
