"""Flat interest by days: the interest of a whole term, worked out once and shared by its rows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from apps.lending.rules.choices import REAL_DAYS
from apps.lending.rules.figures import ZERO, Ratio, rounded
from apps.lending.rules.interest import Period, Rates, Step
from apps.lending.rules.schedule import Lent, Spread


def spread_over(rates: Rates, steps: Sequence[Step], periods: Sequence[Period]) -> Spread:
    """What was lent x the rate of the term, rounded; divided by the periods and rounded. The last takes the difference.

    `steps` is what was lent from day to day in the first of the periods; the last of it stays lent to the end.
    """
    terms = rates.terms
    parts = tuple(part for part in _parts(rates, steps, periods) if part.balance > 0)
    total = rounded(sum((part.rate.of(part.balance) for part in parts), ZERO), terms.unit, terms.rounding)
    each = rounded(total / len(periods), terms.unit, terms.rounding)
    return Spread(parts, total, len(periods), each)


def _parts(rates: Rates, steps: Sequence[Step], periods: Sequence[Period]) -> list[Lent]:
    first, end = periods[0], periods[-1].due
    found = [
        _lent(rates, step, stop, first, rates.between(step[0], stop, first)) for step, (stop, _) in pairwise(steps)
    ]
    last = steps[-1]
    if rates.terms.day_count in REAL_DAYS:
        rate = rates.between(last[0], end, Period(last[0], end))
        return [*found, _lent(rates, last, end, Period(last[0], end), rate)]
    rate = rates.between(last[0], first.due, first)
    for period in periods[1:]:
        rate = rate.plus(rates.of(period))
    return [*found, replace(_lent(rates, last, first.due, first, rate), end=end, more_periods=len(periods) - 1)]


def _lent(rates: Rates, step: Step, end: date | None, period: Period, rate: Ratio) -> Lent:
    start, balance = step
    days = Period(start, end).days
    return Lent(balance, start, end, days, period.days, 0, rate, rates.annual_pct, rates.period_pct)
