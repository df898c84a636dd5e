"""The yearly price of a loan: US Regulation Z, Appendix J, and the EU's APRC. Different numbers: name the method.

Appendix J multiplies the rate of a unit-period (12 CFR 1026, Appendix J (b)); the EU method compounds (Directive
2008/48/EC, Annex I; 2014/17/EU, Annex I). A root is bracketed and halved, so the figure does not depend on a guess.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, DivisionByZero, Overflow, localcontext
from enum import StrEnum
from fractions import Fraction
from math import lcm

from apps.lending.rules.choices import Unit
from apps.lending.rules.errors import BadTerms
from apps.lending.rules.figures import ONE, ZERO
from apps.lending.rules.schedule import Schedule, Why
from apps.lending.rules.soundness import is_amount

DIGITS = 40  # of the search
TOLERANCE = Decimal("1e-26")
CLEAN = Decimal("1e-16")
FINEST = 100_000  # parts of a period that times are counted in
MOST_FLOWS = 20_000
LONGEST = 20_000  # periods


class AprMethod(StrEnum):
    """Which law's arithmetic."""

    REG_Z = "reg_z"
    EU = "eu"


@dataclass(frozen=True, slots=True)
class Flow:
    """Money on a moment: whole periods and an odd fraction of one. The EU method has only `time`, in years."""

    amount: Decimal
    time: Fraction
    odd: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Apr:
    """The rate in percent a year, with the method it must be shown with."""

    method: AprMethod
    apr_pct: Decimal


def annual_percentage_rate(
    advances: Sequence[Flow],
    payments: Sequence[Flow],
    *,
    method: AprMethod,
    unit_periods_per_year: Fraction = Fraction(1),
    decimals: int = 2,
) -> Apr:
    """The rate at which what was advanced is worth what is paid, in percent a year, half up.

    Regulation Z counts time in unit-periods and multiplies by `unit_periods_per_year`; the EU counts in years.
    Raises BadTerms when there is no such rate.
    """
    _check(advances, payments)
    with localcontext(prec=DIGITS):
        rate = _root(_worth(advances, payments))
        yearly = rate * unit_periods_per_year.numerator / unit_periods_per_year.denominator * 100
        exact = (yearly if method is AprMethod.REG_Z else rate * 100).quantize(CLEAN)  # a true half is seen as one
        return Apr(method, exact.quantize(ONE.scaleb(-decimals), rounding=ROUND_HALF_UP) + ZERO)


def effective_annual(schedule: Schedule, *, days_in_year: Fraction, decimals: int = 2) -> Apr:
    """The EU rate over a loan's own rows: days, or the length of its periods where the loan has no dates.

    Raises BadTerms when there is none.
    """
    first = schedule.disbursements[0].on
    advances = [Flow(one.amount, _days(first, one.on) / days_in_year) for one in schedule.disbursements]
    payments, k = [], 0
    for row in schedule.rows:
        k += row.why is not Why.DOWN_PAYMENT
        time = _days(first, row.due) / days_in_year if first else _undated(schedule, k, days_in_year)
        if row.total:
            payments.append(Flow(row.total, time))
    return annual_percentage_rate(advances, payments, method=AprMethod.EU, decimals=decimals)


def _days(first: date | None, day: date | None) -> Fraction:
    return Fraction((day - first).days) if first is not None and day is not None else Fraction(0)


def _undated(schedule: Schedule, k: int, days_in_year: Fraction) -> Fraction:
    every = schedule.terms.repay_every
    if every.unit in (Unit.DAY, Unit.WEEK):
        return k * every.n * (7 if every.unit is Unit.WEEK else 1) / days_in_year
    return Fraction(k * every.n, 12 if every.unit is Unit.MONTH else 1)


def _check(advances: Sequence[Flow], payments: Sequence[Flow]) -> None:
    if not advances or not payments:
        raise BadTerms("missing", "advances and payments: at least one of each.")
    if len(advances) + len(payments) > MOST_FLOWS:
        raise BadTerms("bad_count", f"More than {MOST_FLOWS} flows.")
    for flow in (*advances, *payments):
        if not is_amount(flow.amount) or not flow.amount:
            raise BadTerms("bad_number", f"An amount is above 0, not {flow.amount}.")
        if not 0 <= flow.time <= LONGEST or not 0 <= flow.odd <= 1:
            raise BadTerms("bad_number", f"A moment is 0 to {LONGEST} periods and an odd part of one.")


def _worth(advances: Sequence[Flow], payments: Sequence[Flow]) -> Callable[[Decimal], Decimal]:
    """What the payments are worth at a rate, less what the advances are.

    Flows of one moment are added first, and all times are counted in one small step, so that each takes one
    multiplication and no logarithm.
    """
    found: dict[tuple[Fraction, Fraction], Decimal] = {}
    for sign, flows in ((-1, advances), (1, payments)):
        for flow in flows:
            key = (flow.time, flow.odd)
            found[key] = found.get(key, ZERO) + sign * flow.amount
    step = lcm(*(time.denominator for time, _ in found))
    if step > FINEST:
        return _worth_apart(found)
    steps = sorted((int(time * step), odd, amount) for (time, odd), amount in found.items())
    root = ONE / step

    def worth(rate: Decimal) -> Decimal:
        one, factor, at, total = ONE / (ONE + rate) ** root if step > 1 else ONE / (ONE + rate), ONE, 0, ZERO
        for when, odd, amount in steps:
            if when != at:
                factor, at = factor * one ** (when - at), when
            total += amount * factor / (ONE + rate * odd.numerator / odd.denominator) if odd else amount * factor
        return total

    return worth


def _worth_apart(found: Mapping[tuple[Fraction, Fraction], Decimal]) -> Callable[[Decimal], Decimal]:
    """The same where moments share no step worth the name: a power for each."""

    def worth(rate: Decimal) -> Decimal:
        total = ZERO
        for (time, odd), amount in found.items():
            discount = (ONE + rate) ** (Decimal(time.numerator) / time.denominator)
            total += amount / discount / (ONE + rate * odd.numerator / odd.denominator)
        return total

    return worth


def _root(worth: Callable[[Decimal], Decimal]) -> Decimal:
    """The rate at which nothing is left: bracketed from 0 outwards, then narrowed. Raises BadTerms without one."""
    at_zero = worth(ZERO)
    if not at_zero:
        return ZERO
    up = [Decimal("0.01") * 2**n for n in range(20)] + [ONE.scaleb(n) for n in range(4, 19)]
    down = [ONE / 2**n - ONE for n in range(1, 60)]
    for outward in (up, down) if at_zero > 0 else (down, up):
        low, before = ZERO, at_zero
        for high in outward:
            try:
                after = worth(high)
            except (Overflow, DivisionByZero):
                break
            if (after < 0) != (before < 0):
                return _narrowed(worth, low, high, before, after)
            low, before = high, after
    raise BadTerms("no_rate", "No yearly rate makes the payments worth what was advanced.")


def _narrowed(
    worth: Callable[[Decimal], Decimal], low: Decimal, high: Decimal, at_low: Decimal, at_high: Decimal
) -> Decimal:
    """Illinois' false position, halving every third step so that it cannot stall."""
    for nth in range(400):
        if abs(high - low) <= TOLERANCE * max(ONE, abs(high)):
            break
        halving = nth % 3 == 2
        middle = (low + high) / 2 if halving else (low * at_high - high * at_low) / (at_high - at_low)
        at_middle = worth(middle)
        if not at_middle:
            return middle
        if (at_middle < 0) != (at_high < 0):
            low, at_low = high, at_high
        else:
            at_low /= 2
        high, at_high = middle, at_middle
    return high
