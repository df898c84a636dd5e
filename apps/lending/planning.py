"""From the bank's rows to the schedule engine and back: terms in the engine's words, its rows in minor units."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from apps.kernel.money import Money, decimals
from apps.lending.models import Amortisation, InterestMethod, ProductTerms, RatePer

_A_YEAR = {RatePer.WEEK: 52, RatePer.MONTH: 12, RatePer.YEAR: 1}


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One instalment as planned (minor units)."""

    number: int
    starts_on: date
    due_on: date
    principal_minor: int
    interest_minor: int
    earned_minor: int
    balance_minor: int

    @property
    def total_minor(self) -> int:
        """Principal and interest."""
        return self.principal_minor + self.interest_minor


@dataclass(frozen=True, slots=True)
class Plan:
    """A schedule, and the words it was made from: `inputs` in the format of `manage.py loan_schedule`."""

    inputs: dict[str, Any]
    rows: tuple[PlannedRow, ...]
    currency: str

    @property
    def interest(self) -> Money:
        """All of it."""
        return Money(sum(row.interest_minor for row in self.rows), self.currency)

    @property
    def principal(self) -> Money:
        """All of it."""
        return Money(sum(row.principal_minor for row in self.rows), self.currency)

    @property
    def total(self) -> Money:
        """Everything the rows ask for."""
        return self.principal + self.interest


def inputs_of(
    terms: ProductTerms,
    *,
    principal: Money,
    periods: int,
    rate: Decimal,
    disbursed: date,
    first_due: date | None = None,
    is_rest: bool = False,
) -> dict[str, Any]:
    """A loan in the engine's words. `is_rest`: what is left of a running loan, so without grace and down payment."""
    inputs: dict[str, Any] = {
        "kind": "schedule",
        "principal": f"{principal.amount:f}",
        "decimals": decimals(principal.currency),
        "disbursed": disbursed.isoformat(),
        "periods": periods,
        "repay_every": {"n": terms.every, "unit": terms.unit.lower()},
        "interest_method": "flat" if terms.interest_method == InterestMethod.FLAT else "declining_balance",
        "interest_calculation": "daily" if terms.is_daily else "same_as_period",
        "amortisation": terms.amortisation.lower(),
        "rounding": "half_even",
    }
    inputs |= _rate(terms, rate, periods)
    if terms.is_daily or terms.unit == "DAY" or first_due:
        inputs["day_count"] = terms.day_count
    if first_due:
        inputs["first_due"] = first_due.isoformat()
    if terms.instalment_multiple_minor:
        inputs["instalment_multiple_of"] = f"{Money(terms.instalment_multiple_minor, principal.currency).amount:f}"
    if terms.amortisation == Amortisation.FIXED_PRINCIPAL_PCT:
        inputs["principal_pct_per_period"] = f"{terms.principal_pct:f}"
    if terms.smoothing:
        inputs["smoothing"] = True
    return inputs if is_rest else inputs | _first(terms)


def _first(terms: ProductTerms) -> dict[str, Any]:
    more: dict[str, Any] = {}
    grace = {
        "principal_periods": terms.principal_grace,
        "interest_deferred_periods": terms.interest_deferred,
        "interest_free_periods": terms.interest_free,
    }
    if any(grace.values()):
        more["grace"] = {name: count for name, count in grace.items() if count}
    if terms.down_payment_pct:
        more["down_payment_pct"] = f"{terms.down_payment_pct:f}"
    return more


def _rate(terms: ProductTerms, rate: Decimal, periods: int) -> dict[str, str]:
    """The rate of one period where the product speaks of periods; a rate a year where days or other units count."""
    percent = rate * 100
    if terms.rate_per == RatePer.TERM:
        return {"period_rate_pct": _plain(percent / periods)}
    if terms.rate_per == terms.unit and not terms.is_daily:
        return {"period_rate_pct": _plain(percent * terms.every)}
    return {"annual_rate_pct": _plain(percent * _A_YEAR[RatePer(terms.rate_per)])}


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
