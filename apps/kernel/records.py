"""The audit trail's pen for apps that stand beside it: it plugs itself in here, and they write through it."""

from datetime import datetime
from typing import Any, Protocol

from django.db import models


class Pen(Protocol):
    """Writes one record in the caller's transaction."""

    def __call__(self, action: str, *, on: models.Model | str, by: Any, at: datetime, **facts: Any) -> Any: ...


_pens: list[Pen] = []


def record_with(pen: Pen) -> None:
    """Write every record through `pen`; called in `AppConfig.ready()`."""
    _pens.append(pen)


def note_refusal(who: Any, where: str, at: datetime) -> None:
    """Write down that a member of staff was turned away at a door: many of these are a pattern."""
    if getattr(who, "is_staff", False) and who.is_active:
        record("kernel.door.refused", on=where[:200], by=who, at=at)


def record(action: str, *, on: models.Model | str, by: Any, at: datetime, **facts: Any) -> None:
    """Write down who did what. Raises RuntimeError without a pen: an act without its record must be impossible."""
    if not _pens:
        raise RuntimeError(f"{action} needs an audit trail: none has plugged itself in")
    for pen in _pens:
        pen(action, on=on, by=by, at=at, **facts)
