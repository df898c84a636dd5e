"""What a group's money is for, and which of it may pay for what."""

from collections.abc import Iterable, Mapping
from typing import Literal

Fund = Literal["SAVINGS", "SHARES", "FINES", "RESERVE", "LOANS", "INVESTMENTS", "WELFARE", "ROTATION", "ADVANCE"]
Purse = Literal["POT", "WELFARE", "ROTATION", "ADVANCE"]

# The funds that lie in one purse. Loans and investments stand below zero: money of the pot that is out working.
PURSES: Mapping[Purse, tuple[Fund, ...]] = {
    "POT": ("SAVINGS", "SHARES", "FINES", "RESERVE", "LOANS", "INVESTMENTS"),
    "WELFARE": ("WELFARE",),
    "ROTATION": ("ROTATION",),
    "ADVANCE": ("ADVANCE",),  # of members who paid more than was due: never lent, it waits for the next cycle
}
FUNDS: tuple[Fund, ...] = tuple(fund for funds in PURSES.values() for fund in funds)
OWNED: tuple[Fund, ...] = ("SAVINGS", "SHARES", "ADVANCE")  # what a member takes along; never below zero for one member


def purse_of(fund: str) -> Purse:
    """The purse in which a fund's money lies. Raises LookupError."""
    for purse, funds in PURSES.items():
        if fund in funds:
            return purse
    raise LookupError(f"there is no fund {fund!r}")


def cash_of(purse: Purse, balances: Mapping[str, int]) -> int:
    """The money that lies in a purse (minor units), from what each of its funds says."""
    return sum(balances.get(fund, 0) for fund in PURSES[purse])


def drawn(changes: Iterable[tuple[str, int]]) -> dict[Purse, int]:
    """How much money each purse gives in a change of funds (minor units); a purse that gains is left out."""
    sums: dict[Purse, int] = {}
    for fund, minor in changes:
        purse = purse_of(fund)
        sums[purse] = sums.get(purse, 0) + minor
    return {purse: -minor for purse, minor in sums.items() if minor < 0}
