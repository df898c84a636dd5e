"""What a customer holds at other banks, shown beside their accounts here: an app on a floor above says it at start-up.

It is read only and told by others: nothing here is counted in a sum of the bank's own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.kernel.money import Money
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class HeldElsewhere:
    """One account at another bank; `balance` is what that bank told at `as_of`, `is_stale` when it tells no more."""

    public_id: UUID
    bank: str
    label: str
    masked_number: str
    balance: Money
    as_of: datetime
    is_stale: bool
    address: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Everything of one customer, and where they mind it; no address: nothing can be linked."""

    accounts: tuple[HeldElsewhere, ...] = ()
    address: str = ""


_known: list[Callable[[User], Elsewhere]] = []


def register(tell: Callable[[User], Elsewhere]) -> None:
    """Say who knows; the last one wins."""
    _known.append(tell)


def held_by(user: User) -> Elsewhere:
    """What a customer holds elsewhere; nothing where no app knows."""
    return _known[-1](user) if _known else Elsewhere()
