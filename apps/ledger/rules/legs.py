"""The legs of a transfer: what makes them sound, and the fingerprint by which a repeated posting is known."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import NamedTuple

MOST_LEGS = 999


class Unbalanced(ValueError):
    """The legs do not come to nothing in each currency, or are no legs: a mistake in the code that built them."""


class WrongCurrency(ValueError):
    """A leg in another currency than its account: a mistake in the code that built it."""


class Leg(NamedTuple):
    """One side of a transfer: minor units of a currency on an account; debits positive, credits negative."""

    account_id: int
    minor: int
    currency: str

    def __neg__(self) -> "Leg":
        return Leg(self.account_id, -self.minor, self.currency)


def require_sound(legs: Sequence[Leg]) -> None:
    """Two legs or more, none of nothing, each currency coming to zero. Raises Unbalanced."""
    if not 2 <= len(legs) <= MOST_LEGS:
        raise Unbalanced(f"a transfer has between 2 and {MOST_LEGS} legs, not {len(legs)}")
    sums: defaultdict[str, int] = defaultdict(int)
    for leg in legs:
        if leg.minor == 0:
            raise Unbalanced(f"a leg on account {leg.account_id} moves nothing")
        sums[leg.currency] += leg.minor
    for currency, rest in sums.items():
        if rest:
            raise Unbalanced(f"the legs in {currency} come to {rest} minor units, not to zero")


def body_hash(kind: str, legs: Iterable[Leg], *parts: object) -> bytes:
    """The fingerprint (32 bytes) of what is posted: the kind, the legs in their order, and what else is given.

    Narrative and details are left out: words may be put differently the second time, money may not. `booked_on` counts
    only when the caller names a day, since the day that is filled in for a retry may be the next one.
    """
    text = [kind, *(_written(part) for part in parts)]
    text += [f"{leg.account_id}:{leg.minor}:{leg.currency}" for leg in legs]
    return sha256("\n".join(text).encode()).digest()


def _written(part: object) -> str:
    if part is None:
        return "-"
    return part.isoformat() if isinstance(part, date | datetime) else str(part)


def taken_from(account_id: int, currency: str, side: int, legs: Iterable[Leg]) -> int:
    """By how many minor units the legs lower an account's balance on its own side (`side` 1: debits add)."""
    return -side * sum(leg.minor for leg in legs if leg.account_id == account_id and leg.currency == currency)
