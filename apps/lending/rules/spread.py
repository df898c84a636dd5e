"""Flat interest by days: the interest of a whole term, worked out once and shared by its rows."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from apps.lending.rules.choices import REAL_DAYS
from apps.lending.rules.figures import ZERO, Ratio, rounded
from apps.lending.rules.interest import Period, Rates, Step
from apps.lending.rules.schedule import Spread


def spread_over(rates: Rates, steps: Sequence[Step], periods: Sequence[Period]) -> Spread:
    """What was lent x the rate of the term, rounded; divided by the periods and rounded. The last takes the difference.

    `steps` is what was lent from day to day in the first of the periods; the last of it stays lent to the end.
    """
    terms = rates.terms
    parts = tuple(part for part in _parts(rates, steps, periods) if part[0] > 0)
    total = rounded(sum((rate.of(base) for base, rate in parts), ZERO), terms.unit, terms.rounding)
    each = rounded(total / len(periods), terms.unit, terms.rounding)
    return Spread(parts, total, len(periods), each)


def _parts(rates: Rates, steps: Sequence[Step], periods: Sequence[Period]) -> list[tuple[Decimal, Ratio]]:
    first, end = periods[0], periods[-1].due
    found = [(base, rates.between(start, stop, first)) for (start, base), (stop, _) in pairwise(steps)]
    start, base = steps[-1]
    if rates.terms.day_count in REAL_DAYS:
        return [*found, (base, rates.between(start, end, Period(start, end)))]
    rate = rates.between(start, first.due, first)
    for period in periods[1:]:
        rate = rate.plus(rates.of(period))
    return [*found, (base, rate)]
