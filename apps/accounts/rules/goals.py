"""Goals: who has which share of a pot, and what a month it takes to reach the target; whole minor units."""

from collections.abc import Mapping
from datetime import date


def shares(balance: int, paid: Mapping[int, int], owner: int) -> dict[int, int]:
    """The balance by person, in the proportion in which they paid in; adds up to the cent.

    `paid` is what each paid in less what they took out. What the pot earned goes with it; cents that do not divide go
    to the largest remainders, the first in order of their ids among equals. Nobody paid in: it is the owner's.
    """
    counted = {person: minor for person, minor in sorted(paid.items()) if minor > 0}
    whole = sum(counted.values())
    if not whole:
        return {owner: balance} if balance else {}
    found = {person: balance * minor // whole for person, minor in counted.items()}
    left = balance - sum(found.values())
    by_rest = sorted(counted, key=lambda person: (-(balance * counted[person] % whole), person))
    for person in by_rest[:left]:
        found[person] += 1
    return found


def months_between(today: date, by: date) -> int:
    """How many monthly payments fit from today to a day, the first of them now: at least one while it is not over."""
    months = (by.year - today.year) * 12 + by.month - today.month - (by.day < today.day)
    return max(months, 0) + 1 if by >= today else 0


def pace(saved: int, target: int, today: date, by: date | None) -> int | None:
    """What a month reaches the target by its day, up to the next shilling (100 minor units); nothing once reached.

    None without a day, or when it has gone by.
    """
    if saved >= target:
        return 0
    months = months_between(today, by) if by else 0
    return None if not months else -(-(target - saved) // (months * 100)) * 100
