"""Seals old values again with the newest key, row by row, while the bank runs."""

from collections.abc import Callable, Iterator

from django.apps import apps
from django.db import connection, models
from psycopg import sql

from apps.kernel import cipher
from apps.kernel.fields import EncryptedText

BATCH = 500
_FIND = sql.SQL(
    "SELECT {key}, {row}, {column} FROM {table} "
    "WHERE {column} IS NOT NULL AND substring({column} FROM 1 FOR %s) <> %s LIMIT %s"
)
_WRITE = sql.SQL("UPDATE {table} SET {column} = %s WHERE {key} = %s AND {column} = %s")
_others: dict[str, Callable[[], int]] = {}


def register(name: str, rotate: Callable[[], int]) -> None:
    """Let an app seal again what it keeps outside sealed fields; `rotate` answers with how many it did."""
    _others[name] = rotate


def rotate_all() -> Iterator[tuple[str, int]]:
    """(column, values sealed again) for every sealed column of the bank; safe to stop and to run again."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, EncryptedText) and not model._meta.proxy:
                yield f"{model._meta.db_table}.{field.column}", _rotate_column(model, field)
    for name, rotate in _others.items():
        yield name, rotate()


def _rotate_column(model: type[models.Model], field: EncryptedText) -> int:
    table, column = model._meta.db_table, field.column
    row_column = next(one.column for one in model._meta.local_fields if one.name == field.row)
    newest = cipher.keyring().newest.encode()
    head = bytes([len(newest)]) + newest
    named = {"key": str(model._meta.pk.column), "row": str(row_column), "column": str(column), "table": table}
    names = {place: sql.Identifier(name) for place, name in named.items()}
    find, write = _FIND.format(**names), _WRITE.format(**names)
    done = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(find, [len(head), head, BATCH])
            rows = cursor.fetchall()
            for pk, row, sealed in rows:
                place = f"{table}.{column}:{row}"
                again = cipher.seal(cipher.unseal(bytes(sealed), place), place)
                # a value that was written meanwhile is newer and sealed with the newest key already
                cursor.execute(write, [again, pk, bytes(sealed)])
        done += len(rows)
        if len(rows) < BATCH:
            return done
