"""Units of what a group owns: read from what was written, what a part of them had cost, and what they are worth."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from apps.chamas.rules.sharing import share

PLACES = 6
_STEP = Decimal(1).scaleb(-PLACES)
MOST_UNITS = Decimal(10**12)
VALUED_WITHIN_DAYS = 92  # a quarter: what the group keeps at a share-out has been valued since


def read_units(text: object) -> Decimal:
    """Units of more than zero, to six places. Raises ValueError for anything else."""
    try:
        units = Decimal(str(text).replace(",", "").strip())
    except InvalidOperation:
        raise ValueError("no number") from None
    if not units.is_finite() or not 0 < units <= MOST_UNITS or units != units.quantize(_STEP):
        raise ValueError("not units")
    return units.quantize(_STEP)


def units_text(units: Decimal) -> str:
    """`200` or `1.5`: without noughts at the end."""
    return f"{units.normalize():f}"


def part_of(minor: int, units: Decimal, of: Decimal) -> int:
    """What so many of the units stand for of an amount of all of them (minor units), rounded down; all of them for all.

    Raises ValueError for more units than there are, or none.
    """
    if not 0 < units <= of:
        raise ValueError("more units than there are")
    return minor * _whole(units) // _whole(of)


def units_of(units: Decimal, weights: Sequence[int]) -> list[Decimal]:
    """Units by weights, to six places; together they are the units."""
    return [Decimal(part).scaleb(-PLACES) for part in share(_whole(units), weights)]


def _whole(units: Decimal) -> int:
    return int(units.scaleb(PLACES))
