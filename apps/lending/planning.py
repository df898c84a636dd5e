"""From the bank's rows to the schedule engine and back: terms in the engine's words, its rows in minor units."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from apps.kernel.money import Money, decimals
from apps.lending.errors import BadTerm
from apps.lending.models import Amortisation, InterestMethod, Loan, ProductTerms, RatePer, Unit
from apps.lending.rules.apr import AprMethod, Flow, annual_percentage_rate
from apps.lending.rules.calendar import later
from apps.lending.rules.choices import Unit as EngineUnit
from apps.lending.rules.errors import BadTerms
from apps.lending.rules.payments import plan
from apps.lending.rules.reading import Fields
from apps.lending.rules.schedule import Row
from apps.lending.rules.terms import Every
from apps.lending.rules.wire import read_terms

DAYS_IN_YEAR = 365
LAST_DAY = 28  # of a month, on which a loan can be due
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

    @property
    def is_down_payment(self) -> bool:
        """Whether it is due on the day the money goes out."""
        return self.starts_on == self.due_on


@dataclass(frozen=True, slots=True)
class Drawn:
    """A part of a loan on the day it goes out."""

    on: date
    amount: Money


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


def solve(inputs: dict[str, Any], currency: str) -> Plan:
    """The schedule of a loan as agreed. Raises BadTerm for what cannot be lent."""
    fields = Fields({name: value for name, value in inputs.items() if name != "kind"}, "inputs")
    try:
        terms = read_terms(fields)
        fields.done()
        rows = plan(terms).rows
    except BadTerms as no:
        raise BadTerm(
            _("A loan cannot be worked out from these figures. Nothing was asked for. Change the amount or the term."),
            because=str(no),
        ) from no
    return Plan(inputs, tuple(_planned(row, currency) for row in rows), currency)


def _planned(row: Row, currency: str) -> PlannedRow:
    if row.start is None or row.due is None:
        raise ValueError("a loan of the bank has dates")
    minor = [Money.of(part, currency).minor for part in (row.principal, row.interest, row.accrued, row.balance)]
    return PlannedRow(row.n, row.start, row.due, *minor)


def apr_pct(*, received: Money, plan: Plan, disbursed: date, later: Sequence["Drawn"] = ()) -> Decimal:
    """The annual percentage rate of charge by the EU method (2008/48/EC, Annex I), in percent, two places.

    `received` is what the borrower keeps of the loan on the day it is paid out: charges of that day are counted. Parts
    paid out on days after it are `later`.
    """
    flows = [
        Flow(Money(row.total_minor, plan.currency).amount, Fraction((row.due_on - disbursed).days, DAYS_IN_YEAR))
        for row in plan.rows
        if row.total_minor
    ]
    advances = [Flow(received.amount, Fraction(0))]
    advances += [Flow(one.amount.amount, Fraction((one.on - disbursed).days, DAYS_IN_YEAR)) for one in later]
    return annual_percentage_rate(advances, flows, method=AprMethod.EU).apr_pct


def next_due(terms: ProductTerms, day: date) -> date:
    """One repayment period after a day."""
    return later(day, Every(terms.every, EngineUnit(terms.unit.lower())), 1)


def period_start(loan: Loan, due_on: date) -> date:
    """When the period that ends on a due date began: one period before, and never before the money went out."""
    before = later(due_on, Every(loan.terms.every, EngineUnit(loan.terms.unit.lower())), -1)
    return max(before, loan.disbursed_on or before)


def rest_of(
    loan: Loan,
    *,
    principal: Money,
    dates: Sequence[date],
    on: date,
    running_since: date,
    passed: int,
    rate: Decimal | None = None,
    pause: int = 0,
) -> Plan:
    """What is left of a running loan, planned from `on` over the dates that were agreed, `passed` rows being over.

    `running_since` is the start of the period that `on` lies in: only what is left of it bears interest anew.
    """
    inputs = inputs_of(
        loan.terms,
        principal=principal,
        periods=len(dates),
        rate=loan.rate if rate is None else rate,
        disbursed=on,
        first_due=dates[0],
        passed=passed,
        pause=pause,
        agreed_periods=loan.periods,
    )
    if running_since < on:
        inputs["schedule_start"] = running_since.isoformat()
    rest = solve(inputs, loan.currency)
    first = replace(rest.rows[0], starts_on=max(rest.rows[0].starts_on, on))  # what it bears is earned from that day
    return replace(rest, rows=(first, *rest.rows[1:]))


def drawn_again(
    loan: Loan, *, owed: Money, since: date, more: Money, dates: Sequence[date], on: date, passed: int
) -> Plan:
    """What is left of a running loan once `more` goes out on `on`; `owed` bears interest from `since` on already."""
    inputs = inputs_of(
        loan.terms,
        principal=owed + more,
        periods=len(dates),
        rate=loan.rate,
        disbursed=since,
        first_due=dates[0],
        passed=passed,
        agreed_periods=loan.periods,
    )
    begun = period_start(loan, dates[0])
    if begun < since:
        inputs["schedule_start"] = begun.isoformat()
    if since < on:
        _in_parts(inputs, [Drawn(since, owed), Drawn(on, more)])
    return solve(inputs, loan.currency)


def after(plan: Plan, *, on: date, earned_minor: int, paid_minor: int) -> Plan:
    """The plan from `on` on: what its first row earned and was paid before is left out."""
    row, *others = plan.rows
    first = replace(
        row,
        starts_on=max(row.starts_on, on),
        earned_minor=max(row.earned_minor - earned_minor, 0),
        interest_minor=max(row.interest_minor - paid_minor, 0),
    )
    return replace(plan, rows=(first, *others))


def _in_parts(inputs: dict[str, Any], parts: Sequence[Drawn]) -> None:
    del inputs["principal"]
    inputs["tranches"] = [{"on": one.on.isoformat(), "amount": f"{one.amount.amount:f}"} for one in parts]


def spread_flat(loan: Loan, *, principal: Money, interest: int, starts: date, dates: Sequence[date]) -> Plan:
    """Flat interest was agreed in full: what is left of it and of the principal is shared over the dates, no more."""
    parts = zip(principal.split(len(dates)), Money(interest, loan.currency).split(len(dates)), dates, strict=True)
    rows, before, left = [], starts, principal.minor
    for number, (back, bears, due_on) in enumerate(parts, start=1):
        left -= back.minor
        rows.append(PlannedRow(number, before, due_on, back.minor, bears.minor, bears.minor, left))
        before = due_on
    inputs = {"kind": "spread", "principal": f"{principal.amount:f}", "dates": [day.isoformat() for day in dates]}
    return Plan(inputs, tuple(rows), loan.currency)


def inputs_of(
    terms: ProductTerms,
    *,
    principal: Money,
    periods: int,
    rate: Decimal,
    disbursed: date,
    first_due: date | None = None,
    passed: int = 0,
    pause: int = 0,
    agreed_periods: int | None = None,
    parts: Sequence[Drawn] = (),
) -> dict[str, Any]:
    """A loan in the engine's words; with `first_due`, what is left of a running one after `passed` of its rows.

    With `parts` the principal goes out in them, the first of them on `disbursed`.

    A loan paid out after the 28th is due on the 28th of its months, so that every month has its day. `pause`: the first
    instalments carry no principal.
    """
    is_new = first_due is None
    if first_due is None and terms.unit == Unit.MONTH and disbursed.day > LAST_DAY:
        first_due = next_due(terms, disbursed).replace(day=LAST_DAY)
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
        "rounding": terms.rounding.lower(),
    }
    inputs |= _rate(terms, rate, agreed_periods or periods)
    if terms.is_daily or terms.unit == Unit.DAY:
        inputs["day_count"] = terms.day_count
    if first_due:
        inputs["first_due"] = first_due.isoformat()
        inputs.setdefault("day_count", "30/360")  # a part of a whole period bears that part of its rate
    if terms.instalment_multiple_minor:
        inputs["instalment_multiple_of"] = f"{Money(terms.instalment_multiple_minor, principal.currency).amount:f}"
    if terms.amortisation == Amortisation.FIXED_PRINCIPAL_PCT:
        inputs["principal_pct_per_period"] = f"{terms.principal_pct:f}"
    if terms.smoothing:
        inputs["smoothing"] = True
    if parts:
        _in_parts(inputs, parts)
    return inputs | _first(terms, passed, pause, is_new=is_new)


def _first(terms: ProductTerms, passed: int, pause: int, *, is_new: bool) -> dict[str, Any]:
    """What only the first instalments know, as far as they are still to come."""
    more: dict[str, Any] = {}
    grace = {
        "principal_periods": max(terms.principal_grace - passed, pause),
        "interest_deferred_periods": terms.interest_deferred - passed,
        "interest_free_periods": terms.interest_free - passed,
    }
    if left := {name: count for name, count in grace.items() if count > 0}:
        more["grace"] = left
    if is_new and terms.down_payment_pct:
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
