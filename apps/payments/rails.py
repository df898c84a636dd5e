"""What carries payments out of the bank. A rail stands on a floor above and registers itself at start-up.

A rail never moves money in the books: it tells what it learnt, and `operations.settle`, `fail` and `doubt` act on it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from django.utils.translation import gettext_lazy as _

from apps.kernel.money import Money
from apps.payments.errors import RailNotConnected
from apps.payments.models import Payment


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a payment goes: as the payer is shown it, a key to know it again, and what the rail needs (primitives)."""

    name: str
    address: str
    key: str
    data: dict[str, Any] = field(default_factory=dict)


class Rail(Protocol):
    """One way out. `settlement` is the ledger purpose that pays for what it carries."""

    code: str
    settlement: str

    def destination(self, *, kind: str, asked: dict[str, Any], amount: Money, at: datetime) -> Destination:
        """Read and check where the payer wants it to go. Raises a DomainError that tells them what to change."""

    def arrives(self, kind: str) -> Any:
        """When it arrives, in the payer's words (lazy text)."""

    def send(self, *, payment: Payment, at: datetime) -> None:
        """Hand it over, outside any transaction; called once, after the money was set aside and that was committed.

        Tells `settle` or `fail` when the answer is final, and stays silent when it will come later. Whatever it raises
        leaves the outcome unknown: the payment is then CHECKING, and `ask` is called.
        """

    def ask(self, *, payment: Payment, at: datetime) -> None:
        """Find out what became of it, however long ago it was handed over, and tell as `send` does."""


@runtime_checkable
class BulkRail(Protocol):
    """What a rail adds when it takes many payments from one file."""

    code: str

    def pace(self) -> int:
        """How many payments of a batch it is handed every five seconds."""

    def read(self, *, kind: str, asked: dict[str, Any], amount: Money) -> Destination:
        """As `destination`, from what was written alone: nobody is asked for ten thousand names."""


_rails: dict[str, Rail] = {}


def register(rail: Rail) -> None:
    """Declare a rail; called in `AppConfig.ready()`."""
    _rails[rail.code] = rail


def rail(code: str) -> Rail:
    """The rail of that name. Raises RailNotConnected."""
    try:
        return _rails[code]
    except KeyError:
        raise RailNotConnected(_("That way of paying is not connected yet. No money moved.")) from None


def is_connected(code: str) -> bool:
    """Whether a rail has registered."""
    return code in _rails


def slow_ones() -> list[str]:
    """Rails whose answers come in hours, as a matter of course: they are not asked after a minute of silence."""
    return [code for code, rail in _rails.items() if getattr(rail, "is_slow", False)]


def bulk_rail(code: str) -> BulkRail | None:
    """The rail of that name when it takes many payments at once."""
    found = _rails.get(code)
    return found if isinstance(found, BulkRail) else None
