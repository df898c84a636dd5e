"""Which terms of a loan can be computed: everything else is refused here, before a figure exists."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from apps.lending.rules.choices import REAL_DAYS, Amortisation, DayCount, Sizing
from apps.lending.rules.errors import BadTerms

if TYPE_CHECKING:  # the terms import this module
    from apps.lending.rules.terms import LoanTerms

MOST_ROWS = 4_000  # ten years of days; a century and more of months
LARGEST = Decimal("1e15")  # whole units of a currency, far past any loan and well within the precision
HIGHEST_RATE = Decimal("1e6")  # percent; beyond it a figure was typed wrong
MOST_DECIMALS = 18
Said = Iterator[tuple[bool, str, str]]  # what is wrong when true, its code, its words


def check(terms: "LoanTerms") -> None:
    """Raises BadTerms for the first thing that is impossible, contradicts itself or has no meaning together."""
    for rules in (_figures, _amounts, _rates, _length, _days, _draws, _shares, _instalment):
        for wrong, code, detail in rules(terms):
            if wrong:
                raise BadTerms(code, detail)


def check_decimals(decimals: int) -> None:
    """Raises BadTerms unless a currency can have so many places."""
    if not _count(decimals) or decimals > MOST_DECIMALS:
        raise BadTerms("bad_count", f"decimals: a whole number from 0 to {MOST_DECIMALS}.")


def is_amount(value: object, *, least: Decimal = Decimal(0)) -> bool:
    """A finite Decimal from `least` to the largest loan."""
    return isinstance(value, Decimal) and value.is_finite() and least <= value <= LARGEST


def has_places(value: Decimal, decimals: int) -> bool:
    """No digit stands behind the currency's last place."""
    exponent = value.normalize().as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -decimals


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _figures(terms: "LoanTerms") -> Said:
    """Every number is a finite Decimal or a true count, before anything compares it."""
    for name in ("principal", "amount_multiple_of", "annual_rate_pct", "period_rate_pct", "principal_pct_per_period"):
        yield _not_decimal(terms, name)
    for name in ("fixed_instalment", "instalment_multiple_of", "down_payment_pct"):
        yield _not_decimal(terms, name)
    grace = terms.grace
    counts = {
        "periods": terms.periods or 0,
        "report_decimals": terms.report_decimals or 0,
        "repay_every.n": terms.repay_every.n,
        "grace.principal_periods": grace.principal_periods,
        "grace.interest_deferred_periods": grace.interest_deferred_periods,
        "grace.interest_free_periods": grace.interest_free_periods,
    }
    for name, value in counts.items():
        yield not _count(value), "bad_count", f"{name}: a whole number, not {value!r}."
    yield (terms.report_decimals or 0) > MOST_DECIMALS, "bad_count", f"report_decimals: at most {MOST_DECIMALS}."
    yield not 1 <= terms.repay_every.n <= MOST_ROWS, "bad_count", "repay_every.n: at least 1."


def _not_decimal(terms: "LoanTerms", name: str) -> tuple[bool, str, str]:
    value = getattr(terms, name)
    return value is not None and not is_amount(value), "bad_number", f"{name}: a number from 0, not {value}."


def _amounts(terms: "LoanTerms") -> Said:
    given = terms.principal is not None
    yield given and bool(terms.tranches), "contradiction", "principal: absent when tranches are given."
    yield not given and not terms.tranches, "missing", "principal or tranches: one of them is needed."
    for draw in terms.draws:
        amount = draw.amount
        yield not is_amount(amount) or not amount, "bad_number", f"An amount lent is above 0, not {amount}."
        yield not has_places(amount, terms.decimals), "too_fine", f"{amount} has more places than the currency."
    for name in ("amount_multiple_of", "instalment_multiple_of", "fixed_instalment"):
        value = getattr(terms, name)
        yield value is not None and not value, "bad_number", f"{name}: above 0."
        fine = value is not None and not has_places(value, terms.decimals)
        yield fine, "too_fine", f"{name}: {value} has more places than the currency."


def _rates(terms: "LoanTerms") -> Said:
    both = terms.annual_rate_pct is not None and terms.period_rate_pct is not None
    none = terms.annual_rate_pct is None and terms.period_rate_pct is None
    yield both, "contradiction", "annual_rate_pct and period_rate_pct: only one of them."
    yield none, "missing", "annual_rate_pct or period_rate_pct: one of them is needed."
    for name in ("annual_rate_pct", "period_rate_pct"):
        rate = getattr(terms, name)
        yield rate is not None and rate > HIGHEST_RATE, "bad_number", f"{name}: {rate} % is no rate."
    yield terms.daily and terms.day_count is None, "missing", "day_count: needed with interest by days."
    no_sense = terms.day_count in (None, DayCount.THIRTY_360, DayCount.ACTUAL_ACTUAL) or not terms.daily
    month_30 = terms.instalment_sizing is Sizing.MONTH_30
    yield month_30 and no_sense, "contradiction", "month_30: only with daily interest by actual/360, /364 or /365."


def _length(terms: "LoanTerms") -> Said:
    fixed = terms.fixed_instalment is not None
    rows, grace = terms.periods, terms.grace
    yield fixed and rows is not None, "contradiction", "periods: absent with fixed_instalment, which decides them."
    yield not fixed and rows is None, "missing", "periods: how many instalments?"
    if rows is not None:
        yield not 1 <= rows <= MOST_ROWS, "bad_count", f"periods: from 1 to {MOST_ROWS}."
        longest = max(grace.principal_periods, grace.interest_deferred_periods)
        yield longest >= rows, "contradiction", "grace: the last instalment cannot be put off."
        yield grace.interest_free_periods > rows, "contradiction", "grace: more interest-free periods than periods."
    wrong = terms.amortisation is not Amortisation.EQUAL_INSTALMENTS
    yield fixed and wrong, "contradiction", "fixed_instalment: only with equal_instalments."
    spread = terms.flat and terms.daily
    yield fixed and spread, "contradiction", "fixed_instalment: flat interest by days needs the number of periods."
    yield fixed and terms.smoothing, "contradiction", "smoothing: a given instalment is not changed."


def _days(terms: "LoanTerms") -> Said:
    first = terms.draws[0].on
    mismatch = bool(terms.tranches) and terms.disbursed not in (None, first)
    yield mismatch, "contradiction", "disbursed: the first tranche starts the loan."
    undated = terms.daily or terms.schedule_start is not None or terms.first_due is not None or len(terms.draws) > 1
    yield first is None and undated, "missing", "disbursed: figures of this loan depend on dates."
    if first is None or terms.start is None:
        return
    yield terms.start > first, "contradiction", "schedule_start: not after the money went out."
    early = terms.first_due is not None and terms.first_due <= terms.start
    yield early, "contradiction", "first_due: after the start."


def _draws(terms: "LoanTerms") -> Said:
    for before, after in zip(terms.draws, terms.draws[1:], strict=False):
        disorder = before.on is None or after.on is None or after.on < before.on
        yield disorder, "contradiction", "tranches: in the order of their dates."


def _shares(terms: "LoanTerms") -> Said:
    by_percent = terms.amortisation is Amortisation.FIXED_PRINCIPAL_PCT
    share, down = terms.principal_pct_per_period, terms.down_payment_pct
    yield by_percent and share is None, "missing", "principal_pct_per_period: needed with fixed_principal_pct."
    yield not by_percent and share is not None, "contradiction", "principal_pct_per_period: with fixed_principal_pct."
    yield down >= 100, "bad_number", "down_payment_pct: below 100."
    rows = (terms.periods or 1) - 1 - terms.grace.principal_periods
    too_much = share is not None and share * rows + down > 100
    yield too_much, "contradiction", "principal_pct_per_period: more than the principal would come back."


def _instalment(terms: "LoanTerms") -> Said:
    sized = terms.amortisation is Amortisation.EQUAL_INSTALMENTS and not terms.flat
    yield terms.smoothing and not sized, "contradiction", "smoothing: only of equal instalments, declining balance."
    yield terms.smoothing not in (True, False), "bad_value", "smoothing: true or false."
    real = terms.day_count is None or terms.day_count in REAL_DAYS or terms.day_count is DayCount.THIRTY_360
    yield not real, "bad_value", "day_count: unknown."
