"""What a payment pays: the parts of the instalments that are owed, in a stated order. Whole minor units throughout."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """What an instalment is made of."""

    PENALTY = "penalty"
    FEE = "fee"
    INTEREST = "interest"
    PRINCIPAL = "principal"


class First(StrEnum):
    """Whether a payment clears one instalment after the other, or one part of all of them after the other."""

    OLDEST = "oldest"
    PART = "part"


USUAL = (Part.PENALTY, Part.FEE, Part.INTEREST, Part.PRINCIPAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What is unpaid of one instalment, in minor units; never negative."""

    n: int
    penalty: int = 0
    fee: int = 0
    interest: int = 0
    principal: int = 0

    def __post_init__(self) -> None:
        if min(self.penalty, self.fee, self.interest, self.principal) < 0:
            raise ValueError("an instalment cannot owe less than nothing")

    def of(self, part: Part) -> int:
        """What it owes of one part."""
        return int(getattr(self, part.value))

    @property
    def total(self) -> int:
        """All it owes."""
        return self.penalty + self.fee + self.interest + self.principal


@dataclass(frozen=True, slots=True)
class Allocation:
    """So much of a payment goes to a part of an instalment."""

    n: int
    part: Part
    minor: int


@dataclass(frozen=True, slots=True)
class Allocated:
    """Where a payment went; `rest` is what nothing was owed for."""

    allocations: tuple[Allocation, ...]
    rest: int

    def of(self, part: Part) -> int:
        """What went to one part, over all instalments."""
        return sum(one.minor for one in self.allocations if one.part is part)


def allocate(
    minor: int, owed: Sequence[Owed], *, order: Sequence[Part] = USUAL, first: First = First.OLDEST
) -> Allocated:
    """Share a payment over instalments given oldest first. Allocations and the rest add up to it exactly.

    The order is the product's, stated in the loan agreement; the usual one leaves the principal to the last. A rule of
    the bank: no Kenyan law fixes the order.
    Raises ValueError for a payment of nothing or an order that is not of all four parts.
    """
    if minor <= 0:
        raise ValueError("a payment is above nothing")
    if sorted(order) != sorted(Part):
        raise ValueError("the order names each of the four parts once")
    found, left = [], minor
    for one, part in _turns(owed, order, first):
        taken = min(left, one.of(part))
        if taken:
            found.append(Allocation(one.n, part, taken))
            left -= taken
    return Allocated(tuple(found), left)


def _turns(owed: Sequence[Owed], order: Sequence[Part], first: First) -> Iterator[tuple[Owed, Part]]:
    if first is First.OLDEST:
        return ((one, part) for one in owed for part in order)
    return ((one, part) for part in order for one in owed)
