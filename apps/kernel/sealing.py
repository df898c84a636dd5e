"""Seals what a column kept in clear, batch by batch: for the migration that gives a table a sealed column."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from apps.kernel import cipher

BATCH = 1000
_FIND = sql.SQL("SELECT id, {row}, {clear} FROM {table} WHERE id > %s AND ({waits}) ORDER BY id LIMIT %s FOR UPDATE")
_WRITE = sql.SQL("UPDATE {table} t SET {sets} FROM unnest(%s::bigint[], {arrays}) AS u(id, {names}) WHERE t.id = u.id")


def seal_clear(
    table: str, columns: Mapping[str, str], *, prints: Mapping[str, str] | None = None, row: str = "public_id"
) -> int:
    """Seal each clear column (text) into its `EncryptedText`, and fill the `Fingerprint` of those in `prints`.

    Returns how many rows. Two statements a batch; a row that is sealed is not taken again, so a run may be repeated.
    """
    done, last, prints = 0, 0, prints or {}
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_find(table, columns, row), [last, BATCH])
            rows = cursor.fetchall()
            if rows:
                _seal(cursor, table, columns, prints, rows)
        if not rows:
            return done
        done, last = done + len(rows), rows[-1][0]


def _find(table: str, columns: Mapping[str, str], row: str) -> sql.Composed:
    waits = [sql.SQL("({} <> '' AND {} IS NULL)").format(*map(sql.Identifier, pair)) for pair in columns.items()]
    return _FIND.format(
        table=sql.Identifier(table),
        row=sql.Identifier(row),
        clear=sql.SQL(", ").join(map(sql.Identifier, columns)),
        waits=sql.SQL(" OR ").join(waits),
    )


def _seal(
    cursor: Any, table: str, columns: Mapping[str, str], prints: Mapping[str, str], rows: list[tuple[Any, ...]]
) -> None:
    found: dict[str, list[bytes | None]] = {}
    for nth, to in enumerate(columns.values(), start=2):
        found[to] = [cipher.seal(one[nth].encode(), f"{table}.{to}:{one[1]}") if one[nth] else None for one in rows]
        if to in prints:
            found[prints[to]] = [cipher.fingerprint(one[nth], f"{table}.{to}") if one[nth] else None for one in rows]
    names = [sql.Identifier(name) for name in found]
    write = _WRITE.format(
        table=sql.Identifier(table),
        sets=sql.SQL(", ").join(sql.SQL("{0} = u.{0}").format(name) for name in names),
        arrays=sql.SQL(", ").join(sql.SQL("%s::bytea[]") for _name in names),
        names=sql.SQL(", ").join(names),
    )
    cursor.execute(write, [[one[0] for one in rows], *found.values()])
