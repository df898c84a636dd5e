"""How much may be lent, and at what rate: Decimal and Money only."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal

from apps.kernel.money import Money

STEP = Decimal("0.0025")  # rates are recommended in quarters of a per cent


@dataclass(frozen=True, slots=True)
class Price:
    """Shares of the principal a year: what the money costs the bank, what the work costs, what it wants to earn, what
    is lost of a loan that fails, and the bounds of the product."""

    cost_of_funds: Decimal
    operating_cost: Decimal
    margin: Decimal
    loss_given_default: Decimal
    floor_rate: Decimal
    cap_rate: Decimal


@dataclass(frozen=True, slots=True)
class Rate:
    """A yearly rate (0.18 is 18 %); `is_capped`: the loan would have to cost more than we charge anyone."""

    rate: Decimal
    full_rate: Decimal
    is_capped: bool


def price(probability: Decimal, figures: Price) -> Rate:
    """The rate at which those who repay pay for those who do not, rounded up to a quarter per cent, within bounds.

    (1 − PD)(1 + r) + PD(1 − LGD) = 1 + cost of funds + operating cost + margin. Raises ValueError outside 0 ≤ PD < 1.
    """
    if not 0 <= probability < 1:
        raise ValueError(f"{probability} is no probability to price")
    needed = 1 + figures.cost_of_funds + figures.operating_cost + figures.margin
    recovered = probability * (1 - figures.loss_given_default)
    exact = (needed - recovered) / (1 - probability) - 1
    full = (exact / STEP).quantize(Decimal(1), rounding=ROUND_CEILING) * STEP
    kept = min(max(full, figures.floor_rate), figures.cap_rate)
    return Rate(kept.quantize(Decimal("0.0001"), rounding=ROUND_HALF_EVEN), full, full > figures.cap_rate)


def largest_loan(average_deposit: Money | None, *, share: Decimal, first_loan: Money, cap: Money | None) -> Money:
    """Average deposit times `share`; `first_loan` where there were none; never above the cap of the tier."""
    limit = first_loan if average_deposit is None else average_deposit.times(share)
    return limit if cap is None else min(limit, cap)
