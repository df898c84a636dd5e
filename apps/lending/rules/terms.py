"""What two people agree on when one lends money: the terms of a loan, refused where they cannot be computed."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from apps.lending.rules import soundness
from apps.lending.rules.choices import (
    Amortisation,
    Calculation,
    DayCount,
    Frequency,
    Method,
    Prepayment,
    Sizing,
    Unit,
)
from apps.lending.rules.figures import ONE, ZERO, Rounding


@dataclass(frozen=True, slots=True)
class Every:
    """The length of one repayment period."""

    n: int = 1
    unit: Unit = Unit.MONTH


@dataclass(frozen=True, slots=True)
class Draw:
    """Money going out to the borrower; no day where no figure depends on days."""

    on: date | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Grace:
    """Periods at the start without principal, whose interest is paid later, or that bear none."""

    principal_periods: int = 0
    interest_deferred_periods: int = 0
    interest_free_periods: int = 0


@dataclass(frozen=True, slots=True)
class Recalculation:
    """Whether payments off their due date change interest, and from which day. Unpaid interest bears none."""

    enabled: bool = False
    frequency: Frequency = Frequency.DAILY

    @property
    def by_day(self) -> bool:
        """Days early and days late count."""
        return self.enabled and self.frequency is Frequency.DAILY


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanTerms:
    """The terms of one loan; amounts in major units of a currency with `decimals` places, rates in percent.

    The names are those of the published cases; docs/decisions/0018 says what is meant where sources differ.
    Raises BadTerms for what is impossible, contradicts itself or has no meaning together.
    """

    principal: Decimal | None = None
    tranches: tuple[Draw, ...] = ()
    disbursed: date | None = None
    schedule_start: date | None = None
    first_due: date | None = None
    repay_every: Every = Every()
    periods: int | None = None
    decimals: int = 2
    amount_multiple_of: Decimal | None = None
    report_decimals: int | None = None
    rounding: Rounding = Rounding.HALF_EVEN
    annual_rate_pct: Decimal | None = None
    period_rate_pct: Decimal | None = None
    interest_method: Method = Method.DECLINING
    interest_calculation: Calculation = Calculation.SAME_AS_PERIOD
    day_count: DayCount | None = None
    amortisation: Amortisation = Amortisation.EQUAL_INSTALMENTS
    principal_pct_per_period: Decimal | None = None
    fixed_instalment: Decimal | None = None
    instalment_multiple_of: Decimal | None = None
    instalment_rounding: Rounding | None = None
    instalment_sizing: Sizing = Sizing.PERIOD_DAYS
    smoothing: bool = False
    grace: Grace = Grace()
    down_payment_pct: Decimal = ZERO
    interest_recalculation: Recalculation = Recalculation()
    prepayment: Prepayment = Prepayment.REDUCE_INSTALMENT
    # worked out once, because every row asks for them
    draws: tuple[Draw, ...] = field(init=False, repr=False, compare=False)
    start: date | None = field(init=False, repr=False, compare=False)
    cent: Decimal = field(init=False, repr=False, compare=False)
    unit: Decimal = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "draws", self.tranches or (Draw(self.disbursed, self.principal if self.principal else ZERO),))
        put(self, "start", self.schedule_start or self.draws[0].on)
        soundness.check_decimals(self.decimals)
        put(self, "cent", ONE.scaleb(-self.decimals))
        put(self, "unit", self.amount_multiple_of or self.cent)
        soundness.check(self)

    @property
    def flat(self) -> bool:
        """Interest is charged on the original principal."""
        return self.interest_method is Method.FLAT

    @property
    def daily(self) -> bool:
        """Interest is counted by days."""
        return self.interest_calculation is Calculation.DAILY

    @property
    def instalment_unit(self) -> Decimal:
        """What a computed instalment is rounded to."""
        return self.instalment_multiple_of or self.unit

    @property
    def instalment_mode(self) -> Rounding:
        """How a computed instalment is rounded."""
        return self.instalment_rounding or self.rounding
