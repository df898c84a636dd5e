"""Goals: who has which share of a pot, and what a month it takes to reach the target; whole minor units."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Entry:
    """A movement of a pot: what `who` paid in (+) or took out (−); of nobody, what it earned or was given."""

    on: date
    minor: int
    who: int | None = None


def shares(entries: Iterable[Entry], owner: int) -> dict[int, int]:
    """The balance by person, to the cent: what each paid in less what they took out, and their part of what it earned.

    What comes of nobody goes by what each had lying there and for how many days, as interest is earned: money that is
    paid in beside it takes no part of what others' money earned before. What goes of nobody goes by what each has.
    Cents that do not divide go to the largest remainders, the first in order of their ids among equals. Where nobody
    had anything it is the owner's.
    """
    held: dict[int, int] = {}
    days: dict[int, int] = {}
    since = date.min
    for entry in entries:
        for person, minor in held.items():
            days[person] = days.get(person, 0) + minor * (entry.on - since).days
        since = entry.on
        if entry.who is None:
            _spread(held, entry.minor, days if entry.minor > 0 and any(days.values()) else held, owner)
            days = {}
            continue
        held[entry.who] = held.get(entry.who, 0) + entry.minor
        if held[entry.who] < 0:
            _spread(held, held.pop(entry.who), held, owner)
    return {person: minor for person, minor in sorted(held.items()) if minor}


def _spread(held: dict[int, int], minor: int, weights: Mapping[int, int], owner: int) -> None:
    """Add an amount to what people have, in proportion to weights."""
    counted = {person: weight for person, weight in sorted(weights.items()) if weight > 0}
    whole, sign, size = sum(counted.values()), -1 if minor < 0 else 1, abs(minor)
    if not whole:
        held[owner] = held.get(owner, 0) + minor
        return
    parts = {person: size * weight // whole for person, weight in counted.items()}
    by_rest = sorted(counted, key=lambda person: (-(size * counted[person] % whole), person))
    for person in by_rest[: size - sum(parts.values())]:
        parts[person] += 1
    for person, part in parts.items():
        held[person] = held.get(person, 0) + sign * part


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
