"""Which sights of one rule are the same money on its way: each person of a chain would raise an alert of their own.

Two sights meet where a transfer inside the bank left the one and came to the other, and was at least half of what
each of them is about. Half, so that a small gift between two people under suspicion does not make them one, and a
wallet that gathers from many is not one with everybody who paid into it.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

LEAST_SHARE = 2  # one in two

_MEETING = """
SELECT gave.id, took.id, round(-gave.amount_minor * coalesce((%(rates)s::jsonb ->> gave.currency)::numeric, 0))::bigint
  FROM accounts_transaction gave
  JOIN accounts_transaction took ON took.transfer_id = gave.transfer_id AND took.amount_minor > 0
 WHERE gave.id = ANY(%(lines)s) AND took.id = ANY(%(lines)s) AND gave.amount_minor < 0
"""


@dataclass(frozen=True, slots=True)
class Stop:
    """A sight or an alert as a stop on the way of money: its lines, and how much it is about in KES minor units."""

    lines: Sequence[int]
    amount_minor: int


def meeting(stops: Sequence[Stop], rates: Mapping[str, Decimal]) -> list[list[int]]:
    """The stops, by their places in the list, in groups that are one way of money; one query, whatever their number."""
    at: dict[int, list[int]] = defaultdict(list)
    for place, stop in enumerate(stops):
        for line in stop.lines:
            at[line].append(place)
    passed: dict[tuple[int, int], int] = defaultdict(int)
    for gave, took, minor in _meetings(list(at), rates) if len(stops) > 1 else ():
        for one in at[gave]:
            for other in at[took]:
                passed[one, other] += minor
    near = [
        pair
        for pair, minor in passed.items()
        if pair[0] != pair[1] and minor * LEAST_SHARE >= max(stops[place].amount_minor for place in pair)
    ]
    return _grouped(len(stops), near)


def _meetings(lines: list[int], rates: Mapping[str, Decimal]) -> list[tuple[int, int, int]]:
    with connection.cursor() as cursor:
        given: dict[str, Any] = {"lines": lines, "rates": json.dumps({code: str(rate) for code, rate in rates.items()})}
        cursor.execute(_MEETING, given)
        found: list[tuple[int, int, int]] = cursor.fetchall()
    return found


def _grouped(count: int, near: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Whoever is near the same is together, each group in the order of the list."""
    root = list(range(count))

    def top(place: int) -> int:
        while root[place] != place:
            root[place] = place = root[root[place]]
        return place

    for one, other in near:
        first, second = sorted((top(one), top(other)))
        root[second] = first
    groups: dict[int, list[int]] = defaultdict(list)
    for place in range(count):
        groups[top(place)].append(place)
    return list(groups.values())
