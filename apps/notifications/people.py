"""How people are reached: the floor that knows them fills this in."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person as messages see them: confirmed addresses only (None: has none), language `en` or `sw`."""

    user_id: int
    phone: str | None = None
    email: str | None = None
    language: str = "en"
    name: str = ""


Lookup = Callable[[int], Recipient | None]
LookupMany = Callable[[Collection[int]], list[Recipient]]
Behind = Callable[[Any], list[Any]]
Parties = Callable[[Any], Collection[int]]
_lookups: list[Lookup] = []
_many: list[LookupMany] = []
_behind: list[Behind] = []
_parties: list[Parties] = []


def register(
    lookup: Lookup, *, behind: Behind | None = None, many: LookupMany | None = None, parties: Parties | None = None
) -> None:
    """Find people through `lookup(user_id)`, and who reads what is written to somebody through `behind(user)`.

    `many` finds any number of them with one question; `parties(user)` says for whom somebody speaks besides
    themself, by their ids. The last ones registered are asked. Called in `AppConfig.ready()`.
    """
    _lookups.append(lookup)
    if behind:
        _behind.append(behind)
    if many:
        _many.append(many)
    if parties:
        _parties.append(parties)


def readers(to: Any) -> list[Any]:
    """Who reads what is written to `to`: themself, or those who stand behind a business."""
    return _behind[-1](to) if _behind else [to]


def speaks_for(user: Any) -> Collection[int]:
    """For whom somebody reads and writes letters besides themself, by their ids: businesses they sign for."""
    return _parties[-1](user) if _parties else []


def find(user_id: int) -> Recipient | None:
    """The person, or None when there is no such person. Raises RuntimeError when nobody knows people."""
    if not _lookups:
        raise RuntimeError("notifications.people.register was never called: nobody can be reached")
    return _lookups[-1](user_id)


def find_all(user_ids: Collection[int]) -> dict[int, Recipient]:
    """People by their ids; who is not there is left out."""
    if _many:
        return {one.user_id: one for one in _many[-1](user_ids)}
    found = (find(user_id) for user_id in user_ids)
    return {one.user_id: one for one in found if one is not None}
