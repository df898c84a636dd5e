"""What a person owes on the day, and paying it: an app on a floor above that lends registers itself at start-up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from apps.accounts.models import Account
from apps.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Paid:
    """What was paid of what was due, and the first transfer of it in the books."""

    amount: Money
    transfer_id: int


class Dues(Protocol):
    """Loans, as far as accounts need to know of them."""

    def due(self, *, account: Account, at: datetime) -> Money:
        """What the holder of `account` should have paid by now, in its currency."""

    def pay(self, *, account: Account, most: Money, key: str, at: datetime) -> Paid | None:
        """Pay what is due from `account`, the oldest first and at most `most`, once per `key`; None when nothing was.

        Within the caller's transaction, under the locks of the holder's accounts.
        """

    def collect(self, *, account: Account, key: str, at: datetime) -> None:
        """Take what is due on loans that are paid from this account by themselves, before anything is saved."""


_known: list[Dues] = []


def register(dues: Dues) -> None:
    """Connect who lends; the last one wins."""
    _known.append(dues)


def provider() -> Dues | None:
    """Who lends; None in a bank that does not."""
    return _known[-1] if _known else None
