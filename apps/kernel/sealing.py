"""Seals what a column kept in clear, batch by batch: for migrations that no longer keep something readable."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, migrations, models, transaction
from psycopg import sql

from apps.kernel import cipher
from apps.kernel.fields import EncryptedJSON, EncryptedText
from apps.kernel.known import PRIVATE, known_as

BATCH = 1000
_FIND = sql.SQL("SELECT id, {row}, {clear} FROM {table} WHERE id > %s AND ({waits}) ORDER BY id LIMIT %s FOR UPDATE")
_WRITE = sql.SQL("UPDATE {table} t SET {sets} FROM unnest(%s::bigint[], {arrays}) AS u(id, {names}) WHERE t.id = u.id")

_PLACES = sql.SQL(
    "SELECT DISTINCT {column} FROM {table}"
    " WHERE {column} > %s AND split_part({column}, '/', 1) = ANY(%s) ORDER BY 1 LIMIT %s"
)
_KNOW = sql.SQL(
    "UPDATE {table} t SET {column} = u.key"
    " FROM unnest(%s::text[], %s::text[]) AS u(place, key) WHERE t.{column} = u.place"
)


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


def dictionary_aside(app: str, model: str, name: str) -> list[Any]:
    """Operations of a migration: what a JSON column kept stands aside as text, nothing for an empty one, in
    `<name>_clear`; an `EncryptedJSON` is there for it.
    """
    clear = f"{name}_clear"
    as_text = f"TYPE text USING nullif({clear}::text, '{{}}')"
    as_json = f"TYPE jsonb USING coalesce({clear}, '{{}}')::jsonb"
    change = f"ALTER TABLE {app}_{model} ALTER {clear} {{}} NOT NULL, ALTER {clear} {{}}"
    text = migrations.AlterField(model_name=model, name=clear, field=models.TextField(null=True))
    return [
        migrations.RenameField(model_name=model, old_name=name, new_name=clear),
        migrations.RunSQL(change.format("DROP", as_text), change.format("SET", as_json), state_operations=[text]),
        migrations.AddField(model_name=model, name=name, field=EncryptedJSON()),
    ]


def text_aside(app: str, model: str, name: str) -> list[Any]:
    """Likewise of a column of text, for an `EncryptedText`."""
    clear = f"{name}_clear"
    empty = f"UPDATE {app}_{model} SET {clear} = coalesce({clear}, '')"  # noqa: S608  # a migration's own words
    change = f"ALTER TABLE {app}_{model} ALTER {clear} {{}} NOT NULL"
    text = migrations.AlterField(model_name=model, name=clear, field=models.TextField(null=True))
    return [
        migrations.RenameField(model_name=model, old_name=name, new_name=clear),
        migrations.RunSQL(
            change.format("DROP"),
            ["SET CONSTRAINTS ALL IMMEDIATE", empty, change.format("SET")],
            state_operations=[text],
        ),
        migrations.AddField(model_name=model, name=name, field=EncryptedText(null=True)),
    ]


def key_clear(table: str, column: str) -> None:
    """Replace each place outside the bank by its key (`kernel.known`). What is a key already stays."""
    names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
    last = ""
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_PLACES.format(**names), [last, sorted(PRIVATE), BATCH])
            places = [place for (place,) in cursor.fetchall()]
            cursor.execute(_KNOW.format(**names), [places, [known_as(place) for place in places]])
        if not places:
            return
        last = places[-1]


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
            found[prints[to]] = [cipher.blind_index(one[nth], f"{table}.{to}") if one[nth] else None for one in rows]
    names = [sql.Identifier(name) for name in found]
    write = _WRITE.format(
        table=sql.Identifier(table),
        sets=sql.SQL(", ").join(sql.SQL("{0} = u.{0}").format(name) for name in names),
        arrays=sql.SQL(", ").join(sql.SQL("%s::bytea[]") for _name in names),
        names=sql.SQL(", ").join(names),
    )
    cursor.execute(write, [[one[0] for one in rows], *found.values()])
