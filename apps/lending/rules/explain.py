"""Why a figure of a schedule is what it is: a stable code, and the numbers it was worked out from.

The numbers are the true ones: working them out again gives the cell, which a property test does for every method
and day count. `apps.lending.wording` turns them into a sentence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from enum import StrEnum

from apps.lending.rules.calendar import BASES, days_by_year
from apps.lending.rules.choices import REAL_DAYS, DayCount, Unit
from apps.lending.rules.figures import PRECISION, ZERO, Rounding
from apps.lending.rules.interest import A_YEAR, DAYS, Segment
from apps.lending.rules.schedule import Bears, Lent, Row, Schedule, Why
from apps.lending.rules.terms import LoanTerms

Number = Decimal | int | date | Rounding | None
NO_AMOUNTS = frozenset({"percent", "rate_pct", "unit"})


class Cell(StrEnum):
    """A column of a schedule."""

    DAYS = "days"
    PRINCIPAL = "principal"
    INTEREST = "interest"
    TOTAL = "total"
    BALANCE = "balance"


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one figure came about; `parts` are figures it is made of. `value` is the figure itself."""

    code: str
    value: Decimal | int | None
    numbers: Mapping[str, Number]
    parts: tuple["Explanation", ...] = ()


def explain(schedule: Schedule, n: int, cell: Cell) -> Explanation:
    """How a cell of row `n` (from 1) came about. Raises IndexError when there is no such row."""
    if not 1 <= n <= len(schedule.rows):
        raise IndexError(f"there is no row {n}")
    with localcontext(prec=PRECISION):
        return _at_places(CELLS[cell](schedule, schedule.rows[n - 1]), schedule.terms.cent)


def _at_places(told: Explanation, cent: Decimal) -> Explanation:
    """The same numbers, amounts written with the currency's places."""
    numbers = {
        name: value.quantize(cent) if isinstance(value, Decimal) and name not in NO_AMOUNTS else value
        for name, value in told.numbers.items()
    }
    value = told.value.quantize(cent) if isinstance(told.value, Decimal) else told.value
    return Explanation(told.code, value, numbers, tuple(_at_places(part, cent) for part in told.parts))


def _days(schedule: Schedule, row: Row) -> Explanation:
    if row.start is None or row.due is None:
        return Explanation("days.undated", None, {})
    return Explanation("days.between", row.days, {"start": row.start, "due": row.due})


def _total(schedule: Schedule, row: Row) -> Explanation:
    numbers = {"principal": row.principal, "interest": row.interest, "fees": row.fees}
    return Explanation("total.sum", row.total, numbers)


def _balance(schedule: Schedule, row: Row) -> Explanation:
    numbers: dict[str, Number] = {"opening": row.opening, "principal": row.principal}
    if row.drawn or row.drawn_at_due:
        numbers |= {"drawn": row.drawn + row.drawn_at_due}
        return Explanation("balance.drawn", row.balance, numbers)
    return Explanation("balance.left", row.balance, numbers)


# ---- principal ----


def _principal(schedule: Schedule, row: Row) -> Explanation:
    terms = schedule.terms
    rounding: dict[str, Number] = {"unit": terms.unit, "rounding": terms.rounding}
    reasons: Mapping[Why, dict[str, Number]] = {
        Why.DOWN_PAYMENT: {"percent": terms.down_payment_pct, "lent": row.base, **rounding},
        Why.GRACE: {},
        Why.PUT_OFF: {},
        Why.INSTALMENT: {"instalment": row.planned + row.accrued, "accrued": row.accrued},
        Why.SHARE: {"owed": row.base, "rows": row.rows_left, **rounding},
        Why.PERCENT: {"percent": terms.principal_pct_per_period, "lent": row.base, **rounding},
        Why.LAST: {"owed": row.opening + row.drawn},
        Why.AHEAD: {"early": row.early, "planned": row.planned},
        Why.BEYOND: {"owed": row.principal - row.beyond, "beyond": row.beyond},
        Why.SETTLED: {"instalment": row.planned},
        Why.CLEARED: {"owed": row.opening + row.drawn},
        Why.COVERED: {"accrued": row.accrued},
    }
    return Explanation(f"principal.{row.why}", row.principal, reasons[row.why])


# ---- interest ----


def _interest(schedule: Schedule, row: Row) -> Explanation:
    own = _accrued(schedule.terms, row)
    if row.carried:
        return Explanation("interest.put_off", row.interest, {"accrued": row.accrued}, (own,))
    if row.brought:
        numbers = {"accrued": row.accrued, "brought": row.brought}
        return Explanation("interest.with_put_off", row.interest, numbers, (own,))
    return own


def _accrued(terms: LoanTerms, row: Row) -> Explanation:
    """The interest of the period itself."""
    if row.spread is not None and row.bears in (Bears.SPREAD, Bears.SPREAD_LAST, Bears.SPREAD_PART):
        return _shared(terms, row)
    if row.bears is Bears.SEGMENTS and row.segments:
        parts = tuple(_segment(terms, segment) for segment in row.segments)
        return parts[0] if len(parts) == 1 else Explanation("interest.segments", row.accrued, {}, parts)
    if row.bears is Bears.FREE:
        return Explanation("interest.free", row.accrued, {})
    if row.why is Why.DOWN_PAYMENT:
        return Explanation("interest.down_payment", row.accrued, {})
    return Explanation("interest.nothing_owed", row.accrued, {})


def _segment(terms: LoanTerms, segment: Segment) -> Explanation:
    """A balance, a rate in percent, a share of the rate's time, rounded."""
    code, numbers = _time(terms, segment)
    numbers |= {"balance": segment.balance, "unit": terms.unit, "rounding": terms.rounding}
    numbers |= {"start": segment.start, "end": segment.end}
    return Explanation(f"interest.{code}", segment.interest, numbers)


def _time(terms: LoanTerms, piece: Segment | Lent) -> tuple[str, dict[str, Number]]:
    """The nominal rate, and `times / of` of it; inside a period also `part_days / part_of` days of that."""
    whole = (piece.whole if isinstance(piece, Segment) else False) or piece.start is None
    by_period = piece.annual_pct is None
    rate = piece.period_pct if by_period else piece.annual_pct
    numbers: dict[str, Number] = {"rate_pct": rate if rate is not None else ZERO}
    every, by_days = terms.repay_every, terms.day_count in REAL_DAYS and (terms.daily or not whole)
    if by_period and (by_days or terms.daily):  # a period's rate, multiplied up to a year's
        numbers |= {"rate_times": A_YEAR.get(every.unit, 365), "rate_of": every.n}
    if by_days:
        return _real_days(terms, piece, numbers)
    if by_period and not terms.daily:
        times, of = 1, 1
    elif terms.daily:
        times, of = DAYS[every.unit] * every.n, 360
    else:
        base = BASES.get(terms.day_count, 365) if terms.day_count is not None else 365
        times, of = every.n, base if every.unit is Unit.DAY else A_YEAR[every.unit]
    numbers |= {"times": times, "of": of}
    if whole:
        return "period", numbers
    return "part", numbers | {"part_days": piece.days, "part_of": piece.of_days}


def _real_days(terms: LoanTerms, piece: Segment | Lent, numbers: dict[str, Number]) -> tuple[str, dict[str, Number]]:
    if piece.start is None or piece.end is None or terms.day_count is None:
        raise ValueError("real days need dates")
    if terms.day_count is not DayCount.ACTUAL_ACTUAL:
        return "days", numbers | {"times": piece.days, "of": BASES[terms.day_count]}
    common, leap = days_by_year(piece.start, piece.end)
    numbers |= {"days_of_365": common, "days_of_366": leap}
    return "years", numbers | {"times": common * 366 + leap * 365, "of": 365 * 366}


def _shared(terms: LoanTerms, row: Row) -> Explanation:
    """Flat by days: the term's interest, and this row's share of it."""
    spread = row.spread
    if spread is None:
        raise ValueError("nothing is shared")
    parts = tuple(_lent(terms, part) for part in spread.parts)
    numbers: dict[str, Number] = {"total": spread.total, "rows": spread.rows, "unit": terms.unit}
    numbers["rounding"] = terms.rounding
    if row.bears is Bears.SPREAD:
        code = "interest.share" if spread.each <= row.spread_left else "interest.share_left"
    elif row.bears is Bears.SPREAD_LAST:
        code = "interest.share_left"
    else:
        code = "interest.share_part"
        amount = row.spread_left if row.why is Why.LAST else min(spread.each, row.spread_left)
        numbers |= {"amount": amount, "part_days": row.part_days, "part_of": row.days}
    if code == "interest.share_left":
        numbers |= {"before": spread.total - row.spread_left}
    return Explanation(code, row.accrued, numbers, parts)


def _lent(terms: LoanTerms, part: Lent) -> Explanation:
    """A stretch of the term; its interest is not rounded by itself, so it has no value of its own."""
    code, numbers = _time(terms, part)
    numbers |= {"balance": part.balance, "start": part.start, "end": part.end, "more_periods": part.more_periods}
    return Explanation(f"lent.{code}", None, numbers)


CELLS: Mapping[Cell, Callable[[Schedule, Row], Explanation]] = {
    Cell.DAYS: _days,
    Cell.PRINCIPAL: _principal,
    Cell.INTEREST: _interest,
    Cell.TOTAL: _total,
    Cell.BALANCE: _balance,
}
