"""What being late costs: a penalty after a grace in minutes, again at stated times, up to stated caps."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LateTerms:
    """The product's rule. A fixed sum, a percent of what is overdue, or both; `every` so often, `times` at most.

    `cap_percent` is of the instalment that is late, over all its penalties; None where only `times` limits them.
    All charges must be disclosed before the loan is taken (Digital Credit Providers Regulations, Legal Notice 46 of
    2022), so a rule without any cap is refused.
    """

    fixed_minor: int = 0
    percent: Decimal = Decimal(0)
    grace: timedelta = timedelta(0)
    every: timedelta | None = None
    times: int | None = None
    cap_percent: Decimal | None = None

    def __post_init__(self) -> None:
        if self.fixed_minor < 0 or not self.percent.is_finite() or self.percent < 0:
            raise ValueError("a penalty is never negative")
        if self.grace < timedelta(0) or (self.every is not None and self.every <= timedelta(0)):
            raise ValueError("grace and interval are lengths of time")
        if self.times is not None and self.times < 1:
            raise ValueError("a penalty is charged once or more")
        if self.cap_percent is not None and not self.cap_percent >= 0:
            raise ValueError("a cap is never negative")
        if self.every is not None and self.times is None and self.cap_percent is None:
            raise ValueError("a penalty that comes again needs a cap")


def occasions(terms: LateTerms, due_at: datetime, now: datetime) -> int:
    """How often a penalty has fallen by now. The first falls when the grace is over, not within it."""
    late = now - (due_at + terms.grace)
    if late <= timedelta(0):
        return 0
    most = 1 if terms.every is None else 1 + late // terms.every
    return most if terms.times is None else min(most, terms.times)


def penalty(terms: LateTerms, *, instalment: int, overdue: int, charged: int, charges: int, occasion: int) -> int:
    """What one more penalty comes to, in minor units, rounded down: 0 when it was charged or the cap is reached.

    `overdue` is what is unpaid of the instalment, penalties apart; `charged` and `charges` are the sum and the number
    of its penalties so far; `occasion` is `occasions(...)`. A repeated call with the new sums charges nothing more
    once the occasions are used up.
    """
    if min(instalment, overdue, charged, charges, occasion) < 0:
        raise ValueError("amounts and counts are never negative")
    if overdue == 0 or charges >= occasion:
        return 0
    amount = terms.fixed_minor + _floor(overdue * terms.percent / 100)
    if terms.cap_percent is None:
        return amount
    return max(0, min(amount, _floor(instalment * terms.cap_percent / 100) - charged))


def _floor(value: Decimal) -> int:
    return int(value.to_integral_value(rounding=ROUND_FLOOR))
