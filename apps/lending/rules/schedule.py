"""What a loan's schedule is made of: rows, totals, and the reasons its figures can be explained by."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from enum import StrEnum

from apps.lending.rules.figures import PRECISION, ZERO, Ratio
from apps.lending.rules.interest import Segment
from apps.lending.rules.terms import LoanTerms


class Why(StrEnum):
    """Why a row carries the principal it does."""

    DOWN_PAYMENT = "down_payment"  # a share of the first amount lent
    GRACE = "grace"  # no principal yet
    PUT_OFF = "put_off"  # all of it comes with the last row
    INSTALMENT = "instalment"  # the instalment less the interest that accrued
    SHARE = "share"  # the balance over the rows that carry principal
    PERCENT = "percent"  # of the original principal
    LAST = "last"  # the last row takes the whole balance
    AHEAD = "ahead"  # more than planned was paid before the due date
    BEYOND = "beyond"  # more than owed was paid on the due date
    SETTLED = "settled"  # paid off: the instalment is principal only
    CLEARED = "cleared"  # there is less left than a row would carry
    COVERED = "covered"  # the interest took the whole instalment


class Bears(StrEnum):
    """How a row's interest came about."""

    SEGMENTS = "segments"  # each rounded, then added
    FREE = "free"  # an interest-free period
    SPREAD = "spread"  # flat by days: the term's interest over its rows
    SPREAD_LAST = "spread_last"  # the row that takes the difference
    SPREAD_PART = "spread_part"  # paid off inside the period
    NONE = "none"  # a down payment, or after the payoff


@dataclass(frozen=True, slots=True)
class Lent:
    """One amount lent for a stretch of the term: some days of its first period, and so many whole periods after."""

    balance: Decimal
    start: date | None
    end: date | None
    days: int
    of_days: int
    more_periods: int
    rate: Ratio
    annual_pct: Decimal | None
    period_pct: Decimal | None


@dataclass(frozen=True, slots=True)
class Spread:
    """Flat interest by days: the interest of the term left, and how the rows share it."""

    parts: tuple[Lent, ...]
    total: Decimal
    rows: int
    each: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One instalment. Amounts in major units, rounded to the loan's unit; `days` are real days, None without dates.

    `opening` is the planned principal the period began with, `drawn` went out inside it and `drawn_at_due` on its
    last day; `accrued` is the period's own interest, `interest` what the row asks for (grace moves it). `base` and
    `planned` are what the principal was worked out from: see `explain`.
    """

    n: int
    start: date | None
    due: date | None
    days: int | None
    opening: Decimal
    drawn: Decimal
    drawn_at_due: Decimal
    accrued: Decimal
    brought: Decimal
    carried: Decimal
    interest: Decimal
    principal: Decimal
    fees: Decimal = ZERO
    balance: Decimal
    paid: Decimal
    paid_principal: Decimal
    paid_interest: Decimal
    why: Why
    base: Decimal
    rows_left: int
    planned: Decimal
    early: Decimal
    beyond: Decimal
    bears: Bears
    segments: tuple[Segment, ...]
    spread: Spread | None
    spread_left: Decimal
    part_days: int

    @property
    def total(self) -> Decimal:
        """What the row asks for: principal, interest and fees."""
        with localcontext(prec=PRECISION):
            return self.principal + self.interest + self.fees

    @property
    def unpaid(self) -> Decimal:
        """What of it is still to be paid."""
        with localcontext(prec=PRECISION):
            return self.total - self.paid


@dataclass(frozen=True, slots=True)
class Disbursed:
    """Money that went out, and the planned principal right after."""

    on: date | None
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of the rows."""

    principal: Decimal
    interest: Decimal
    total: Decimal
    paid: Decimal


@dataclass(frozen=True, slots=True)
class Quoted:
    """What would pay the loan in full on a day; `interest` is the part of the amount that is interest."""

    on: date
    interest_to: str
    amount: Decimal
    interest: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A loan's plan, or its plan after what happened. `instalment` is the one last sized, None where none is."""

    terms: LoanTerms
    rows: tuple[Row, ...]
    disbursements: tuple[Disbursed, ...]
    instalment: Decimal | None
    first_instalment: Decimal | None
    periods: int
    quotes: tuple[Quoted, ...] = ()

    @property
    def totals(self) -> Totals:
        """Sums over all rows."""
        with localcontext(prec=PRECISION):
            principal = sum((row.principal for row in self.rows), ZERO)
            interest = sum((row.interest for row in self.rows), ZERO)
            fees = sum((row.fees for row in self.rows), ZERO)
            paid = sum((row.paid for row in self.rows), ZERO)
            return Totals(principal, interest, principal + interest + fees, paid)

    @property
    def closes_when_paid(self) -> Decimal:
        """What is still to be paid by the plan: totals less paid."""
        totals = self.totals
        with localcontext(prec=PRECISION):
            return totals.total - totals.paid
