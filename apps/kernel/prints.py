"""Makes blind indexes anew with the newest key, from the values that stand sealed beside them, while the bank runs.

Rows do not say which key their print was made with, so every row is looked at, and a run that was stopped begins anew
and passes over what is done. What is written meanwhile stands under the newest key already (`PrintColumn.gather`).
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import OperationalError, connection, models, transaction
from psycopg import sql
from psycopg.errors import DeadlockDetected, LockNotAvailable

from apps.kernel import cipher
from apps.kernel.fields import Fingerprint, PrintColumn, PrintCopy
from apps.kernel.triggers import making_prints_anew

BATCH = 200
TRIES = 50
PATIENCE = "300ms"  # less than PostgreSQL waits before it ends somebody's transaction for a deadlock: we give way
_FIND = sql.SQL(
    "SELECT {key}, {row}, {sealed}, {print} FROM {table}"
    " WHERE {key} > %s AND {sealed} IS NOT NULL AND {print} IS NOT NULL ORDER BY {key} LIMIT %s"
)
# Always by the print: it holds of whatever value the row has by then. What is unique goes with all rows of its value.
_WRITE = sql.SQL(
    "UPDATE {table} t SET {print} = u.new FROM unnest(%s::bytea[], %s::bytea[]) AS u(old, new) WHERE t.{print} = u.old"
)
_WRITE_ROWS = sql.SQL("{write} AND t.{key} = ANY(%s)")
_LEFT = sql.SQL("SELECT count(*) FROM {table} WHERE {print} IS NOT NULL AND {sealed} IS NULL")
_LEFT_COPIES = sql.SQL(
    "SELECT count(*) FROM {table} t WHERE t.{print} IS NOT NULL"
    " AND NOT EXISTS (SELECT FROM {source} s WHERE s.{source_print} = t.{print})"
)


@dataclass(frozen=True, slots=True)
class Made:
    """One column: how many values were made anew; how many prints have no value kept to make them from, and how many
    values stand under none of the keys in force, so that nobody finds them.
    """

    column: str
    anew: int = 0
    without_value: int = 0
    lost: int = 0
    passes: bool = False  # left as they are: they are found by any key in force, and are soon of no more use


def make_all_anew() -> Iterator[Made]:
    """Each column with blind indexes; safe to stop and run again. Raises OperationalError if a value stays locked."""
    copies = list(_columns(PrintCopy))
    for field in _columns(Fingerprint):
        yield _make_anew(field, [one for one in copies if one.original() == field])
    for copy in copies:
        yield Made(_name(copy), without_value=_count(_LEFT_COPIES, copy, copy.original()))
    for field in _columns(PrintColumn):
        if type(field) is PrintColumn:
            yield Made(_name(field), passes=True)


def _columns(kind: type[Any]) -> Iterator[Any]:
    for model in apps.get_models():
        if not model._meta.proxy:
            yield from (field for field in model._meta.local_fields if isinstance(field, kind))


def _make_anew(field: Fingerprint, copies: list[PrintCopy]) -> Made:
    sealed: Any = field.model._meta.get_field(field.of)
    find = _FIND.format(**_names(field), row=sql.Identifier(_column(field.model, sealed.row)))
    pk, done, lost = -1, 0, 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(find, [pk, BATCH])
            rows = cursor.fetchall()
        stale: dict[Any, cipher.Print] = {}
        for pk, row, closed, was in rows:
            clear = sealed.read(cipher.unseal(bytes(closed), f"{field.model._meta.db_table}.{sealed.column}:{row}"))
            made = field.digest(clear)
            if bytes(was) in made.older:
                stale[pk] = made
            elif bytes(was) != made:
                lost += 1
        if stale:
            _write(field, copies, stale)
        done += len(stale)
        if len(rows) < BATCH:
            return Made(_name(field), done, without_value=_count(_LEFT, field), lost=lost)


def _write(field: Fingerprint, copies: list[PrintCopy], prints: dict[Any, cipher.Print]) -> None:
    """Bring these values under the newest key wherever they stand, as whoever writes them would."""
    for nth in range(TRIES):
        try:
            with transaction.atomic():
                _write_once(field, copies, prints)
        except OperationalError as no:
            if not isinstance(no.__cause__, LockNotAvailable | DeadlockDetected) or nth == TRIES - 1:
                raise
            time.sleep(0.05 * (nth + 1))
        else:
            return


def _write_once(field: Fingerprint, copies: list[PrintCopy], prints: dict[Any, cipher.Print]) -> None:
    made, columns = prints.values(), [field, *copies]
    old = [one for each in made for one in each.older]
    new = [bytes(each) for each in made for _one in each.older]
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
        turns = sorted({column.turn(each) for column in columns if column.keeps_unique for each in made})
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(one, 0)) FROM unnest(%s::text[]) one", [turns])
        for column in columns:
            write, given = _WRITE.format(**_names(column)), [old, new]
            if column is field and not field.keeps_unique:
                write, given = _WRITE_ROWS.format(write=write, **_names(field)), [old, new, list(prints)]
            with making_prints_anew(column.model):
                cursor.execute(write, given)
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


def _count(question: sql.SQL, field: PrintColumn, original: Fingerprint | None = None) -> int:
    names = _names(field)
    if original is not None:
        names |= {
            "source": sql.Identifier(original.model._meta.db_table),
            "source_print": sql.Identifier(str(original.column)),
        }
    with connection.cursor() as cursor:
        cursor.execute(question.format(**names))
        (count,) = cursor.fetchone()
    return int(count)


def _names(field: PrintColumn) -> dict[str, Any]:
    names = {"table": field.model._meta.db_table, "key": str(field.model._meta.pk.column), "print": str(field.column)}
    if isinstance(field, Fingerprint):
        names["sealed"] = _column(field.model, field.of)
    return {place: sql.Identifier(name) for place, name in names.items()}


def _column(model: type[models.Model], name: str) -> str:
    return str(model._meta.get_field(name).column)  # type: ignore[union-attr]


def _name(field: PrintColumn) -> str:
    return f"{field.model._meta.db_table}.{field.column}"
