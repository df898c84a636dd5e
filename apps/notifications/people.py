"""How people are reached: the floor that knows them fills this in."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person as messages see them: confirmed addresses only (None: has none), language `en` or `sw`."""

    user_id: int
    phone: str | None = None
    email: str | None = None
    language: str = "en"
    name: str = ""


Lookup = Callable[[int], Recipient | None]
_lookups: list[Lookup] = []


def register(lookup: Lookup) -> None:
    """Find people through `lookup(user_id)`; the last one registered is asked. Called in `AppConfig.ready()`."""
    _lookups.append(lookup)


def find(user_id: int) -> Recipient | None:
    """The person, or None when there is no such person. Raises RuntimeError when nobody knows people."""
    if not _lookups:
        raise RuntimeError("notifications.people.register was never called: nobody can be reached")
    return _lookups[-1](user_id)
