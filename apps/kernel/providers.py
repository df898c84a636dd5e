"""Which providers outside this bank depends on, said at start-up by the apps that call them by `kernel.http`."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Provider:
    """One of them, by the name its calls are made under; `address` tells where it is, "" while it is not connected."""

    name: str
    label: str | Promise
    address: Callable[[], str]


_known: dict[str, Provider] = {}


def declare(name: str, label: str | Promise, address: Callable[[], str]) -> None:
    """Say that this bank calls a provider; called in `AppConfig.ready()`."""
    _known[name] = Provider(name, label, address)


def declared() -> list[Provider]:
    """All of them, by name."""
    return [_known[name] for name in sorted(_known)]


def label_of(name: str) -> str:
    """What people call a provider; its name where nobody declared it."""
    return str(_known[name].label) if name in _known else name
