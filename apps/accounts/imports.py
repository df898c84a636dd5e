"""Where imported movements go: accounts at other banks, which an app on a floor above keeps and names at start-up.

An account of this bank is never imported into: its lines are what the books say.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from apps.accounts.rules.imports import Row
from apps.users.models import User


class Linked(Protocol):
    """An account at another bank that a customer has linked."""

    currency: str

    def add(self, rows: Sequence[Row], *, at: datetime) -> int:
        """Keep the rows that are not there yet, by date, amount and description; returns how many. Within the caller's
        transaction.
        """


_known: list[Callable[[User, UUID], Linked | None]] = []


def register(find: Callable[[User, UUID], Linked | None]) -> None:
    """Say who finds a customer's linked account by its id; the last one wins."""
    _known.append(find)


def linked_account(user: User, public_id: UUID) -> Linked | None:
    """The linked account; None when it is not there, or another customer's."""
    return _known[-1](user, public_id) if _known else None
