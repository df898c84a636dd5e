"""Exact numbers of a loan: decimals rounded once to the loan's unit, rates kept as a numerator over a denominator."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from enum import StrEnum

PRECISION = 50  # digits of every intermediate result; only money is rounded
ZERO = Decimal(0)
ONE = Decimal(1)


class Rounding(StrEnum):
    """Where a half goes; `up` is towards plus infinity, as Fineract's CEILING."""

    HALF_EVEN = "half_even"
    HALF_UP = "half_up"
    UP = "up"


MODES = {
    Rounding.HALF_EVEN: ROUND_HALF_EVEN,
    Rounding.HALF_UP: ROUND_HALF_UP,
    Rounding.UP: ROUND_CEILING,
}


def rounded(value: Decimal, unit: Decimal, mode: Rounding) -> Decimal:
    """The multiple of `unit` that `value` becomes. Exact: one division, one rounding."""
    if unit.as_tuple().digits == (1,):
        return value.quantize(unit, rounding=MODES[mode])
    return (value / unit).to_integral_value(rounding=MODES[mode]) * unit


@dataclass(frozen=True, slots=True)
class Ratio:
    """A rate as numerator over denominator, so that `of` divides once and a true half is seen as a half."""

    over: Decimal
    under: Decimal

    def of(self, amount: Decimal) -> Decimal:
        """That share of an amount, unrounded."""
        return amount * self.over / self.under

    def part(self, days: int, of_days: int) -> "Ratio":
        """The share of the rate that falls on some days of a period."""
        return Ratio(self.over * days, self.under * of_days)

    def plus(self, other: "Ratio") -> "Ratio":
        """The sum of two rates."""
        if self.under == other.under:
            return Ratio(self.over + other.over, self.under)
        return Ratio(self.over * other.under + other.over * self.under, self.under * other.under)

    @property
    def value(self) -> Decimal:
        """The quotient."""
        return self.over / self.under


NOTHING = Ratio(ZERO, ONE)
