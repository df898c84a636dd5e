"""A loan book under stress: what shocks to defaults, losses and rates do to provisions, income and capital.

IFRS 9 in short: stage 1 (up to 30 days late) provides for a year's expected loss, stage 2 (31 to 90) for the life of
the loan, stage 3 (over 90) as if it had failed. ECL = PD × LGD × what is owed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from apps.kernel.money import Money, total

STAGE_TWO_AFTER, STAGE_THREE_AFTER = 30, 90  # days late
ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One loan: what is owed, its PD over a year, the share lost if it fails, its yearly rate, the months left."""

    owed: Money
    probability: Decimal
    loss_given_default: Decimal
    rate: Decimal
    days_late: int = 0
    months_left: int = 12
    reprices: bool = False  # its rate follows the market


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """PDs times `defaults_times`, LGD plus `loss_plus`, market rates plus `rates_plus`; the bank funds the whole book
    at market rates."""

    name: str
    defaults_times: Decimal = ONE
    loss_plus: Decimal = Decimal(0)
    rates_plus: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Provisions before and after, a year's interest margin lost, capital after both, and its share of the book."""

    shock: Shock
    owed: Money
    provisions_before: Money
    provisions_after: Money
    margin_change: Money
    capital_after: Money
    capital_ratio: Decimal | None

    @property
    def loss(self) -> Money:
        """What the shock costs in all."""
        return self.provisions_after - self.provisions_before - self.margin_change


def stress(positions: Iterable[Position], shock: Shock, *, capital: Money) -> Outcome:
    """What `shock` does to a book. All amounts are of the capital's currency. Raises CurrencyMismatch."""
    book, currency = list(positions), capital.currency
    owed = total((row.owed for row in book), currency)
    before = total((expected_loss(row) for row in book), currency)
    after = total((expected_loss(_shocked(row, shock)) for row in book), currency)
    margin = -total((row.owed for row in book if not row.reprices), currency).times(shock.rates_plus)
    left = capital - (after - before) + margin
    ratio = (Decimal(left.minor) / owed.minor).quantize(Decimal("0.0001")) if owed else None
    return Outcome(shock, owed, before, after, margin, left, ratio)


def expected_loss(row: Position) -> Money:
    """PD × LGD × what is owed, the PD by stage."""
    return row.owed.times(_probability(row) * row.loss_given_default)


def _probability(row: Position) -> Decimal:
    if row.days_late > STAGE_THREE_AFTER:
        return ONE
    if row.days_late > STAGE_TWO_AFTER:
        years = Decimal(max(row.months_left, 1)) / 12
        return ONE - (ONE - row.probability) ** max(years, ONE)
    return row.probability


def _shocked(row: Position, shock: Shock) -> Position:
    return Position(
        owed=row.owed,
        probability=min(row.probability * shock.defaults_times, ONE),
        loss_given_default=min(row.loss_given_default + shock.loss_plus, ONE),
        rate=row.rate + (shock.rates_plus if row.reprices else 0),
        days_late=row.days_late,
        months_left=row.months_left,
        reprices=row.reprices,
    )
