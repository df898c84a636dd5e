"""What each app holds of a person: what they are given when they ask, what is deleted when, and what stays and why.

An app says so in its `personal.py`, which is loaded when the bank starts. The data-protection desk above asks here
and never looks into the apps below by itself, so an app that joins brings its own part. A test of compliance finds
every foreign key to a person that is neither in a part nor left out with a reason.

    personal.holds(Part("payees", "payments.Payee", "owner", ("nickname", "payee_name", "created_at")))
    personal.leave_out("Work of staff.", "payments.Refund.made_by")
    personal.erases(Step("payments.payees", at_once=True, act=forget_payees))
    personal.retains("ALERTS", lambda before, held: swept(Alert.objects.filter(created_at__lt=before), held))
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q

from apps.kernel.money import Money

Held = models.QuerySet[Any]  # the ids of people whose rows must stay, as a sub-query


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one table that belong to a person by `by` (a path to their key), and the columns they are given."""

    name: str
    model: str
    by: str
    fields: tuple[str, ...]
    where: Q | None = None
    files: Callable[[int], Iterable[tuple[str, bytes]]] | None = None  # (name, content) of what is kept as files
    rows: Callable[[int], Iterable[dict[str, Any]]] | None = None  # where columns alone would say too much or little
    covers: tuple[str, ...] = ()  # further foreign keys to the person that these rows show


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that goes when a person is erased: at once, or when the law's time is over. `act` says how many.

    What `tells_of_them` (devices, whom they paid) waits with the rest while an inquiry may ask for it.
    """

    code: str
    at_once: bool
    act: Callable[[Sequence[int], datetime], int]
    tells_of_them: bool = False


@dataclass(frozen=True, slots=True)
class Swept:
    """What a retention rule did: rows gone or blanked, and rows that a hold kept."""

    affected: int
    held_back: int


Retain = Callable[[datetime, Held], Swept]
_parts: list[Part] = []
_left_out: dict[str, str] = {}
_steps: list[Step] = []
_retained: dict[str, Retain] = {}


def holds(*given: Part) -> None:
    """Say what an app gives a person who asks for their data."""
    _parts.extend(given)


def leave_out(reason: str, *keys: str) -> None:
    """Say why rows of a foreign key to a person (`app.Model.field`) are not given to them."""
    _left_out.update(dict.fromkeys(keys, reason))


def erases(*given: Step) -> None:
    """Say what goes when a person is erased."""
    _steps.extend(given)


def retains(code: str, act: Retain) -> None:
    """Say how a retention rule is carried out; its length is a dated row of compliance."""
    _retained[code] = act


def parts() -> list[Part]:
    """Every part, by name."""
    return sorted(_parts, key=lambda part: part.name)


def left_out() -> dict[str, str]:
    """Every foreign key that is left out, with the reason."""
    return dict(_left_out)


def covered() -> set[str]:
    """The foreign keys to people that some part shows."""
    direct = {f"{part.model}.{part.by}" for part in _parts}
    return direct | {key for part in _parts for key in part.covers}


def steps(*, at_once: bool) -> list[Step]:
    """What goes at once, or at the end."""
    return [step for step in _steps if step.at_once == at_once]


def retained() -> dict[str, Retain]:
    """How rules are carried out, by code."""
    return dict(_retained)


def swept(old: models.QuerySet[Any], held: Held, *, by: str = "user_id", **blank: Any) -> Swept:
    """Delete the rows of `old`, or blank their columns; rows of people in `held` stay, and are counted."""
    kept = old.filter(**{f"{by}__in": held}).count()
    due = old.exclude(**{f"{by}__in": held})
    count = due.update(**blank) if blank else due.order_by().delete()[0]
    return Swept(count, kept)


def rows_of(part: Part, user_id: int) -> Iterator[dict[str, Any]]:
    """What a person is given of one part, oldest first; amounts as decimal text beside their currency."""
    if part.rows is not None:
        yield from part.rows(user_id)
        return
    found = apps.get_model(part.model)._default_manager.filter(**{part.by: user_id}).order_by("pk")
    if part.where is not None:
        found = found.filter(part.where)
    for row in found.iterator(chunk_size=1000):
        yield {_name(field): _plain(row, field) for field in part.fields}


def _name(field: str) -> str:
    return field.removesuffix("_minor")


def _plain(row: models.Model, field: str) -> Any:
    value: Any = reduce(getattr, field.split("__"), row)
    if value is None or isinstance(value, bool | int | str | list | dict):
        if field.endswith("_minor") and isinstance(value, int):
            return str(Money(value, row.currency).amount)  # type: ignore[attr-defined]  # rows with amounts have one
        return value
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return str(value)


leave_out(
    "Work of staff: who asked, allowed or switched something in the bank's name.",
    "kernel.Approval.maker", "kernel.Approval.checker", "kernel.Switch.changed_by",
)  # fmt: skip
leave_out("Plumbing that repeats answers given before; it is deleted after a day.", "kernel.IdempotencyKey.user")
