"""Ways to accounts at other banks: an app on a floor above brings one at start-up, and accounts' API asks it.

What is linked is read only and told by others; the acts are that app's own operations, by whichever door.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from apps.accounts.elsewhere import HeldElsewhere
from apps.kernel.errors import NotFound
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class Begun:
    """A link that waits for its customer: they allow it at `authorize_url`, and `finish_url` takes what they come back
    with.
    """

    id: UUID
    authorize_url: str
    finish_url: str


class Connector(Protocol):
    """One way to other banks."""

    def begin(self, *, bank: UUID, by: User, at: datetime) -> Begun:
        """Ask a bank for a consent to read. Raises NotFound and whatever that bank's trouble is in words."""

    def refresh(self, *, account: UUID, by: User, at: datetime, address: str) -> HeldElsewhere:
        """Ask for balance and movements now, for a customer who is there. Raises NotFound, also for another's."""


_known: list[Connector] = []


def register(connector: Connector) -> None:
    """Bring a way; the last one wins."""
    _known.append(connector)


def connector() -> Connector:
    """The way there is. Raises NotFound."""
    if not _known:
        raise NotFound(_("Accounts at other banks cannot be linked here. Nothing was asked for."))
    return _known[-1]
