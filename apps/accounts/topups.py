"""Who brings money in from outside: a provider on a floor above registers itself at start-up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.utils.translation import gettext_lazy as _

from apps.accounts.errors import TopUpNotConnected
from apps.accounts.models import Account
from apps.kernel.money import Money
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class TopUp:
    """A top-up that was begun: its id with the provider's app, and where to see what became of it."""

    id: str
    status: str
    address: str


class TopUps(Protocol):
    """Begins a top-up: the holder is asked to approve it outside the bank, and the money comes later or never."""

    def start(
        self, *, account: Account, phone: str, amount: Money, key: str, by: User, at: datetime, purpose: str = ""
    ) -> TopUp:
        """Once per `key`; `purpose` says what the money is for, `loan/LK4T9ZB2M1`.

        Raises BadAmount, NotFound, and what the provider asks of phones and amounts."""


_connected: list[TopUps] = []


def register(provider: TopUps) -> None:
    """Connect the provider; the last one wins."""
    _connected.append(provider)


def provider() -> TopUps:
    """The connected provider. Raises TopUpNotConnected."""
    if not _connected:
        raise TopUpNotConnected(
            _("Adding money by phone is not connected yet. Pay in at a branch; nothing was charged.")
        )
    return _connected[-1]
