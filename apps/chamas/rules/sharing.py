"""Sharing money among members so that nothing is lost and nothing made, and what weighs in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TypeVar

Who = TypeVar("Who")

WITHHOLDING = Decimal("0.05")  # on dividends to residents: Income Tax Act (Cap. 470), third schedule, head B


def share(minor: int, weights: Sequence[int]) -> list[int]:
    """`minor` by weights, to the cent: what rounding leaves goes to the largest remainders, the first of equals first.

    A loss (below zero) is shared the same way; without any weight all share alike. Raises ValueError for a weight
    below zero, or for money and nobody.
    """
    if any(one < 0 for one in weights):
        raise ValueError("no weight is below zero")
    if not weights:
        if minor:
            raise ValueError("there is nobody to share among")
        return []
    by = list(weights) if any(weights) else [1] * len(weights)
    whole, size = sum(by), abs(minor)
    parts = [size * one // whole for one in by]
    order = sorted(range(len(by)), key=lambda nth: (-(size * by[nth] % whole), nth))
    for nth in order[: size - sum(parts)]:
        parts[nth] += 1
    return parts if minor >= 0 else [-one for one in parts]


def minor_days(changes: Iterable[tuple[date, int]], *, first: date, last: date) -> int:
    """What was held at the end of each day from `first` to `last`, added up: a shilling of ten days weighs ten.

    `changes` are (day, minor); those before `first` are what it began with. Never below zero.
    """
    days = (last - first).days + 1
    return max(
        sum(minor * ((last - max(day, first)).days + 1) for day, minor in changes if day <= last and days > 0), 0
    )


@dataclass(frozen=True, slots=True)
class Dividend:
    """What one member gets (minor units): before tax, and the tax withheld."""

    gross: int
    tax: int

    @property
    def net(self) -> int:
        """What is paid to the member."""
        return self.gross - self.tax


def dividends(minor: int, weights: Sequence[int]) -> list[Dividend]:
    """A dividend by weights, each with its withholding tax rounded half-even to the cent."""
    rows = share(minor, weights)
    return [Dividend(row, int((row * WITHHOLDING).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))) for row in rows]


def shared_out(own: Mapping[Who, int], profit: int, weights: Mapping[Who, int]) -> dict[Who, int]:
    """What each member is paid when the pot closes: what is their own, and their part of what was earned or lost.

    A loss takes from nobody more than is their own: what is above that, the others bear by their weights. Only a loss
    of more than all own together leaves somebody below zero.
    """
    paid, rest, bear = dict(own), profit, list(own)
    while rest and bear:
        parts = dict(zip(bear, share(rest, [weights.get(one, 0) for one in bear]), strict=True))
        emptied = [one for one in bear if rest < 0 and paid[one] + parts[one] < 0]
        if not emptied or len(emptied) == len(bear):
            return paid | {one: paid[one] + part for one, part in parts.items()}
        for one in emptied:
            rest, paid[one] = rest + paid[one], 0
            bear.remove(one)
    return paid
