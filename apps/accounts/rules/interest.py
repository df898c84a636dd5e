"""Interest on what is saved, to the last fraction: whole parts of a cent, so that nothing is rounded before it is paid.

A rate has five decimals and a year 365 days (actual/365, fixed). A cent at a rate for a day is therefore a whole number
of parts, `PARTS` of which are one cent; balances, slices and averages stay whole numbers all the way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

RATE_STEPS = 100_000  # a rate of 1 (100 % a year) has so many steps
YEAR = 365  # days, leap years too
PARTS = YEAR * RATE_STEPS


@dataclass(frozen=True, slots=True)
class Tier:
    """A slice of the balance from `from_minor` up to where the next one begins, at its own yearly rate."""

    from_minor: int
    rate: Decimal

    @property
    def steps(self) -> int:
        """The rate in whole steps."""
        return int(self.rate * RATE_STEPS)


class BadTiers(ValueError):
    """Slices that do not say clearly what each shilling earns; the message says why."""


def check_tiers(tiers: Sequence[Tier]) -> None:
    """Raises BadTiers unless the first begins at nothing, beginnings rise, and rates have five decimals below 1."""
    if not tiers:
        raise BadTiers("there is at least one slice")
    begins = [tier.from_minor for tier in tiers]
    if begins[0] != 0:
        raise BadTiers("the first slice begins at nothing")
    if begins != sorted(set(begins)):
        raise BadTiers("the slices must rise")
    for tier in tiers:
        if not 0 <= tier.rate < 1 or tier.rate * RATE_STEPS != tier.steps:
            raise BadTiers("a rate is from 0 to below 100 % with at most three decimals")


def earned(balance_days: int, days: int, tiers: Sequence[Tier]) -> int:
    """Parts earned over `days` whose closing balances (minor units) add up to `balance_days`.

    The slices are those of the average balance, scaled by the days so that no division is needed; with one day they are
    those of the day's own balance.
    """
    ends = [*(tier.from_minor for tier in tiers[1:]), None]
    total = 0
    for tier, end in zip(tiers, ends, strict=True):
        top = balance_days if end is None else min(balance_days, end * days)
        total += tier.steps * max(top - tier.from_minor * days, 0)
    return total


def whole(parts: int) -> int:
    """The whole cents in accrued parts; the rest is carried on."""
    return parts // PARTS


def to_the_nearest(parts: int) -> int:
    """Cents to the nearest one, halves up: what is paid when an account closes and nothing can be carried on."""
    return (2 * parts + PARTS) // (2 * PARTS)


def simple(minor: int, rate: Decimal, days: int) -> int:
    """Parts that an amount earns over some days at one rate."""
    return minor * int(rate * RATE_STEPS) * days
