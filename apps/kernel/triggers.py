"""Database triggers that apps put on their tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pgtrigger
from django.db import connection, models, transaction

WRITTEN_ONCE = "rows_are_written_once"


def append_only() -> list[pgtrigger.Trigger]:
    """Rows are written once: UPDATE, DELETE and TRUNCATE are refused by the database, whoever asks."""
    return [
        pgtrigger.Protect(name=WRITTEN_ONCE, operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name="table_is_never_emptied",
            operation=pgtrigger.Truncate,
            when=pgtrigger.Before,
            level=pgtrigger.Statement,
            func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
        ),
    ]


@contextmanager
def erasing(model: type[models.Model]) -> Iterator[None]:
    """Let rows of one append-only table go, inside this transaction and block alone: the law's time is over.

    For erasure and nothing else; books and audit trail are never opened. `pgtrigger.ignore` itself cannot be used: it
    puts two statements into one, which parameters bound by the server do not allow.
    """
    trigger = next(one for one in model._meta.triggers if one.name == WRITTEN_ONCE)  # type: ignore[attr-defined]
    with transaction.atomic():
        _ignore([trigger.get_pgid(model)])
        yield
        _ignore([])


@contextmanager
def making_prints_anew(model: Any) -> Iterator[None]:
    """Let the blind indexes of rows that are written once be made with another key, inside this block alone: what they
    stand for stays. For `apps.kernel.prints` and nothing else.
    """
    guards = [one for one in getattr(model._meta, "triggers", ()) if isinstance(one, pgtrigger.Protect)]
    with transaction.atomic():
        _ignore([one.get_pgid(model) for one in guards])
        yield
        _ignore([])


def _ignore(triggers: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [f"{{{','.join(triggers)}}}"])
