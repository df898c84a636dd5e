"""The credit bureau: one, plugged in at start-up. Without one, or when it is silent, the bank scores all the same."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BureauAnswer:
    """What a bureau knows of a person; `score` on the scale 300 to 850, None when it has no file."""

    score: int | None
    reference: str = ""


class BadAnswer(ValueError):
    """The bureau answered something that cannot be read; the message says what."""


class Bureau(Protocol):
    """A credit reference bureau. Called outside any transaction."""

    name: str

    def is_set_up(self) -> bool:
        """Whether the bank has keys for it."""

    def ask(self, id_number: str) -> BureauAnswer:
        """What is known of a national identity number. Raises BadAnswer, ProviderResting, NotReached, NoAnswer."""


_bureaus: list[Bureau] = []


def register(bureau: Bureau) -> None:
    """Declare the bureau; a later one takes its place. Called in `AppConfig.ready()`."""
    _bureaus.append(bureau)


def bureau() -> Bureau:
    """The one that is asked."""
    return _bureaus[-1]
