"""Interest of a loan: the rate of a period or a part of it, and segments rounded each before they are added."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.lending.rules.calendar import BASES, of_a_year
from apps.lending.rules.choices import REAL_DAYS, Sizing, Unit
from apps.lending.rules.errors import BadTerms
from apps.lending.rules.figures import ZERO, Ratio, rounded
from apps.lending.rules.terms import LoanTerms

HUNDRED = Decimal(100)
A_YEAR = {Unit.MONTH: 12, Unit.WEEK: 52, Unit.YEAR: 1}  # periods of one unit, when interest goes by whole periods
DAYS = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 30, Unit.YEAR: 360}  # of one unit, in the 30/360 calendar


@dataclass(frozen=True, slots=True)
class Period:
    """One repayment period; `start` and `due` are None for a loan without dates."""

    start: date | None
    due: date | None

    @property
    def days(self) -> int:
        """Real days; 0 without dates."""
        return (self.due - self.start).days if self.start is not None and self.due is not None else 0


@dataclass(frozen=True, slots=True)
class Segment:
    """Days on which one balance bore interest at one rate: `interest` is balance x rate, rounded by itself.

    `whole` says that the rate is that of the whole period; `of_days` are the period's real days; `annual_pct` or
    `period_pct` is the nominal rate it was taken from.
    """

    start: date | None
    end: date | None
    days: int
    of_days: int
    balance: Decimal
    rate: Ratio
    whole: bool
    annual_pct: Decimal | None
    period_pct: Decimal | None
    interest: Decimal


@dataclass(frozen=True, slots=True)
class Rates:
    """The nominal rate in force, in percent: a year's, or that of one repayment period."""

    terms: LoanTerms
    annual_pct: Decimal | None
    period_pct: Decimal | None

    @property
    def nominal(self) -> Ratio:
        """A year's rate. A period's is multiplied up as Fineract does: 12 months, 52 weeks, 365 days a year."""
        if self.annual_pct is not None:
            return Ratio(self.annual_pct, HUNDRED)
        every = self.terms.repay_every
        return Ratio((self.period_pct or ZERO) * A_YEAR.get(every.unit, 365), HUNDRED * every.n)

    def of(self, period: Period) -> Ratio:
        """The rate of a whole repayment period."""
        terms = self.terms
        if terms.daily and terms.day_count in REAL_DAYS:
            return self._of_days(period.start, period.due)
        if self.period_pct is not None and not terms.daily:
            return Ratio(self.period_pct, HUNDRED)
        every, nominal = terms.repay_every, self.nominal
        if terms.daily:  # 30/360
            return nominal.part(DAYS[every.unit] * every.n, 360)
        if every.unit is Unit.DAY:
            return nominal.part(every.n, self._days_a_year)
        return nominal.part(every.n, A_YEAR[every.unit])

    def between(self, start: date | None, end: date | None, period: Period) -> Ratio:
        """The rate of some days of a period; of the whole of it when they are all its days."""
        if (start, end) == (period.start, period.due) or start is None or end is None:
            return self.of(period)
        if self.terms.day_count in REAL_DAYS:
            return self._of_days(start, end)
        return self.of(period).part((end - start).days, period.days)

    def sizing(self, period: Period) -> Ratio:
        """The rate of a period while the instalment is sized; `month_30` counts its months as 30 days."""
        terms = self.terms
        if terms.instalment_sizing is Sizing.MONTH_30 and terms.repay_every.unit is Unit.MONTH:
            return self.nominal.part(30 * terms.repay_every.n, self._days_a_year)
        return self.of(period)

    @property
    def _days_a_year(self) -> int:
        return BASES.get(self.terms.day_count, 365) if self.terms.day_count is not None else 365

    def _of_days(self, start: date | None, end: date | None) -> Ratio:
        if start is None or end is None or self.terms.day_count is None:
            raise BadTerms("missing", "disbursed: figures of this loan depend on dates.")
        share, nominal = of_a_year(self.terms.day_count, start, end), self.nominal
        return Ratio(nominal.over * share.over, nominal.under * share.under)


Step = tuple[date | None, Decimal]  # from this day on, this balance


def segments(steps: Sequence[Step], until: date | None, period: Period, rates: Rates) -> list[Segment]:
    """The pieces of a period between changes of the balance, up to a day; balances of nothing bear nothing."""
    terms, found = rates.terms, []
    for nth, (start, balance) in enumerate(steps):
        end = steps[nth + 1][0] if nth + 1 < len(steps) else until
        if balance <= 0 or (start is not None and end is not None and start >= end):
            continue
        rate = rates.between(start, end, period)
        days = (end - start).days if start is not None and end is not None else 0
        whole = (start, end) == (period.start, period.due)
        interest = rounded(rate.of(balance), terms.unit, terms.rounding)
        found.append(
            Segment(start, end, days, period.days, balance, rate, whole, rates.annual_pct, rates.period_pct, interest)
        )
    return found


def changed(steps: list[Step], on: date | None, balance: Decimal) -> None:
    """Write down that the balance is another from a day on; the same balance makes no cut."""
    if steps and steps[-1][0] == on:
        steps.pop()
    if not steps or steps[-1][1] != balance:
        steps.append((on, balance))
