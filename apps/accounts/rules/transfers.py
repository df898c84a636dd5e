"""What an automatic transfer moves: figures in, one figure or a reason out; all in minor units of one currency."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal

GRACE = timedelta(days=3)  # how long a fixed transfer that lacked money is tried again
# What comes first when money is short: what is owed, then saving on purpose, then what only tidies up.
ORDER = {"LOAN_DUES": 0, "FIXED": 1, "PERCENTAGE": 1, "SWEEP_ABOVE": 2, "TOP_UP_BELOW": 3, "ROUND_UP": 4}
ONCE_A_DAY = ("FIXED", "SWEEP_ABOVE", "TOP_UP_BELOW", "ROUND_UP")  # the rest follow money from outside, or what is owed


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule says."""

    kind: str
    amount: int = 0
    rate: Decimal = Decimal(0)
    threshold: int = 0
    floor: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """What a rule finds: what is there on both sides, what came in and was paid since it last looked, what is due."""

    there: int
    other: int = 0
    came: int = 0
    paid: tuple[int, ...] = ()
    due: int = 0


@dataclass(frozen=True, slots=True)
class Move:
    """How much to move; nothing, with `because`, when that would break the floor; and nothing when nothing is asked."""

    amount: int
    because: str = ""


def rounded_up(paid: Iterable[int], step: int) -> int:
    """What rounding each payment up to the next `step` leaves over."""
    return sum(-one % step for one in paid)


def wanted(terms: Terms, look: Look) -> int:
    """What the rule is for, whatever is there."""
    if terms.kind == "LOAN_DUES":
        return look.due
    if terms.kind == "FIXED":
        return terms.amount
    if terms.kind == "PERCENTAGE":
        return int((look.came * terms.rate).to_integral_value(ROUND_FLOOR))
    if terms.kind == "SWEEP_ABOVE":
        return max(look.there - terms.threshold, 0)
    if terms.kind == "TOP_UP_BELOW":
        return max(terms.threshold - look.other, 0)
    if terms.kind == "ROUND_UP":
        return rounded_up(look.paid, terms.amount)
    raise ValueError(f"no rule is called {terms.kind!r}")


def decide(terms: Terms, look: Look) -> Move:
    """What moves now. The account it leaves keeps the floor: what would break it does not move, not even in part, but
    for loan dues, of which less is still less owed.
    """
    wants, room = wanted(terms, look), max(look.there - terms.floor, 0)
    if wants <= 0:
        return Move(0)
    if terms.kind == "LOAN_DUES" and room:
        return Move(min(wants, room))
    return Move(wants) if wants <= room else Move(0, "FLOOR")


def next_due(cadence: str, day: int | None, after: date) -> date:
    """The first date after `after`: each day, on a weekday (1 is Monday), or on a day of the month (31 is the last)."""
    if cadence == "DAILY":
        return after + timedelta(days=1)
    if cadence == "WEEKLY":
        return after + timedelta(days=((day or 1) - after.isoweekday() - 1) % 7 + 1)
    if cadence != "MONTHLY":
        raise ValueError(f"no cadence is called {cadence!r}")
    found = _in_month(after.year, after.month, day or 1)
    if found <= after:
        found = _in_month(after.year + after.month // 12, after.month % 12 + 1, day or 1)
    return found


def _in_month(year: int, month: int, day: int) -> date:
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day - 1), first_of_next - timedelta(days=1))
