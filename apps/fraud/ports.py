"""What the screen needs of operators: how old the SIM of a phone is. The floor above plugs its adapter in."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SimAnswer:
    """When the SIM was changed last; None: not within what the operator remembers."""

    changed_on: date | None


class SimBook(Protocol):
    """An operator that tells. Called outside transactions, because it goes over the network."""

    name: str

    def age(self, phone: str) -> SimAnswer:
        """Of a phone (`+254…`). Raises SimSilent when there is no answer: nothing is known then."""
        ...


_books: list[SimBook] = []


def register_sim_book(book: SimBook) -> None:
    """Declare the operator; called in `AppConfig.ready()`. The last one counts."""
    _books.append(book)


def sim_book() -> SimBook | None:
    """Whom to ask; None where no operator is connected."""
    return _books[-1] if _books else None
