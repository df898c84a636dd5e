"""Third parties as every door may know them: who an app is, who made it, and what its server may be told.

The app that keeps them plugs its directory in and offers events under public names; doors on its own floor, which may
not import it, ask here. Until somebody does, there are no third parties and nothing is told.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from django.http import HttpRequest
from django.utils.functional import Promise

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An app of a third party. `owner_id` is the person who registered it."""

    id: UUID
    client_id: str
    name: str
    owner_id: int
    is_sandbox: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one app's server is told of an event: ids and words, never a customer's data.

    `key` names the happening for ever, so that an event delivered twice is told once.
    """

    client: UUID
    key: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An event of the bank under its public name. `notice` says who is told what; None: nobody."""

    name: str
    words: str | Promise
    example: Mapping[str, str]
    of: type[Event]
    notice: Callable[[Any], Notice | None]


class Directory(Protocol):
    """Who keeps third parties."""

    def of(self, user_id: int) -> Sequence[Client]:
        """The apps a person registered, by name."""
        ...

    def named(self, ids: Collection[UUID]) -> Mapping[UUID, Client]:
        """Apps by their ids; those that are not known are left out."""
        ...

    def mark(self, request: HttpRequest) -> str:
        """What a request shows of the app behind it, in a form that may be kept; "" when nothing. Asks no database."""
        ...

    def marked(self, marks: Collection[str]) -> Mapping[str, UUID]:
        """The apps behind such marks."""
        ...


_directories: list[Directory] = []
_offers: dict[str, Offer] = {}


def keep_with(directory: Directory) -> None:
    """Let `directory` answer for third parties; called in `AppConfig.ready()`, the last one counts."""
    _directories[:] = [directory]


def offer(*offers: Offer) -> None:
    """Let servers of third parties be told of these events."""
    for one in offers:
        _offers[one.of.name] = one


def offers() -> list[Offer]:
    """Everything they can be told, by public name; several events may go by one."""
    return sorted(_offers.values(), key=lambda one: one.name)


def choices() -> list[Offer]:
    """What a server may ask to hear: each public name once."""
    return list({one.name: one for one in offers()}.values())


def offer_of(event: Event) -> Offer:
    """The offer an event falls under. Raises KeyError for an event that is not told."""
    return _offers[event.name]


def of(user_id: int) -> Sequence[Client]:
    """The apps a person registered."""
    return _directories[0].of(user_id) if _directories else ()


def named(ids: Collection[UUID]) -> Mapping[UUID, Client]:
    """Apps by their ids."""
    return _directories[0].named(ids) if _directories else {}


def mark(request: HttpRequest) -> str:
    """What a request shows of the app behind it."""
    return _directories[0].mark(request) if _directories else ""


def marked(marks: Collection[str]) -> Mapping[str, UUID]:
    """The apps behind such marks."""
    return _directories[0].marked(marks) if _directories and marks else {}
