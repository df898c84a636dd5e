"""Statements written once: the ORM's SQL without building it again each time, for what every payment waits for.

Building a queryset and its SQL takes longer than PostgreSQL takes to answer it. Here the ORM writes the statement at
its first use; afterwards only the values change.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models import query as rows_of
from psycopg.sql import Literal

from apps.kernel import statements

M = TypeVar("M", bound=models.Model)


class Written:
    """A question for rows of one model: `Written(lambda pk: Loan.objects.filter(pk=pk), pk=-1)`, then `.rows(pk=7)`.

    `build` is called once, with `marks`: a value for each name that the statement holds nowhere else, and never None
    (a comparison with None is another statement). Every member of `marks` is given to `rows` by its name.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Any]], **marks: Any) -> None:
        self._build, self._marks = build, marks
        self._statement: _Statement | None = None

    def rows(self, **values: Any) -> list[Any]:
        """The rows as the queryset would give them, with their related rows and annotations."""
        statement = self._statement
        if statement is None:
            # Kept whole or not at all: the first requests of a process come in several threads at once.
            statement = self._statement = self._written()
        found = statements.rows(statement.sql, [_as_marked(mark, values[name]) for name, mark in statement.given])
        return [statement.read(row) for row in found]

    def first(self, **values: Any) -> Any:
        """The first of them, or None."""
        found = self.rows(**values)
        return found[0] if found else None

    def _written(self) -> "_Statement":
        query = self._build(**self._marks).query
        compiler = query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        given = [(next((name for name, mark in self._marks.items() if mark == one), ""), one) for one in params]
        missing = set(self._marks) - {name for name, _mark in given}
        if missing:
            raise LookupError(f"the statement does not hold {sorted(missing)}")
        # What never changes is written into the statement: with a value left open, PostgreSQL could not use an index
        # made for that value without planning the statement anew each time.
        words = sql.replace("%%", "%%%%") % tuple("%s" if name else _literal(one) for name, one in given)
        return _Statement(words, [(name, mark) for name, mark in given if name], _reader(compiler))


class _Statement(NamedTuple):
    sql: str
    given: list[tuple[str, Any]]  # what its marks are called, in its order, and the marks
    read: Callable[[Sequence[Any]], Any]


def written_among(rows: models.QuerySet[Any], column: str) -> Written:
    """These rows where `column`, of the code's own writing, is among numbers: `.rows(among="{1,2}")`, one statement
    however many they are.
    """
    where = f"{column} = ANY(%s::bigint[])"
    return Written(lambda among: rows.extra(where=[where], params=[among]), among="{-1}")  # noqa: S610


def _literal(value: Any) -> str:
    with connection.cursor() as cursor:
        return Literal(value).as_string(cursor.connection).replace("%", "%%")


def _as_marked(mark: Any, value: Any) -> Any:
    """In the type that the ORM bound: psycopg would choose the size of an integer by its value, and plan it anew."""
    return type(mark)(value) if isinstance(mark, int) and not isinstance(mark, bool) else value


def _reader(compiler: Any) -> Callable[[Sequence[Any]], Any]:
    """Makes a row of the answer an instance, as `ModelIterable` does."""
    select, info = compiler.select, compiler.klass_info
    model, places = info["model"], info["select_fields"]
    start, end = places[0], places[-1] + 1
    names = [column[0].target.attname for column in select[start:end]]
    populators: Any = rows_of.get_related_populators  # as `ModelIterable` calls it
    related = populators(info, select, DEFAULT_DB_ALIAS)
    notes = list((compiler.annotation_col_map or {}).items())
    converters = [
        (at, convert, expression)
        for at, (functions, expression) in compiler.get_converters([column[0] for column in select]).items()
        for convert in functions
    ]

    def read(row: Sequence[Any]) -> Any:
        values = list(row)
        for at, convert, expression in converters:
            values[at] = convert(values[at], expression, connection)
        made = model.from_db(DEFAULT_DB_ALIAS, names, values[start:end])
        for one in related:
            one.populate(values, made)
        for name, at in notes:
            setattr(made, name, values[at])
        return made

    return read


def insert(rows: Sequence[M]) -> list[M]:
    """Write a few new rows of one model with one statement; they come back with their keys. No signals are sent.

    For models whose key the database gives and whose columns all have plain values.
    """
    if not rows:
        return []
    for row, (key,) in zip(rows, _inserted(rows, _insertion(type(rows[0]), len(rows))), strict=True):
        _is_kept(row, key)
    return list(rows)


def insert_once(row: models.Model) -> bool:
    """Write a new row unless one stands in its way by a unique constraint; whether it was written, and has its key now.

    One statement and no savepoint, where `get_or_create` takes four. As `insert` otherwise.
    """
    sql, wants = _insertion(type(row), 1)
    keys = _inserted([row], (sql.replace(" RETURNING ", " ON CONFLICT DO NOTHING RETURNING "), wants))
    for (key,) in keys:
        _is_kept(row, key)
    return bool(keys)


def _inserted(rows: Sequence[models.Model], insertion: tuple[str, "_Wants"]) -> list[Any]:
    sql, wants = insertion
    database = connections[DEFAULT_DB_ALIAS]
    return statements.rows(sql, [value for row in rows for value in _given(row, wants, database)])


def _is_kept(row: models.Model, key: Any) -> None:
    row.pk = key
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def copy(rows: Sequence[models.Model]) -> int:
    """Write many new rows of one model by COPY; returns how many. They do not learn their keys; no signals are sent.

    A third of what `bulk_create` takes. For models whose key the database gives and whose columns have plain values.
    """
    if not rows:
        return 0
    model = type(rows[0])
    name: Callable[..., str] = connection.ops.quote_name
    fields = [field for field in model._meta.local_concrete_fields if field is not model._meta.pk]
    columns = ", ".join(name(field.column) for field in fields)
    wants = [(field, _as_it_is(field)) for field in fields]
    database = connections[DEFAULT_DB_ALIAS]
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {name(model._meta.db_table)} ({columns}) FROM STDIN") as into,
    ):
        for row in rows:
            into.write_row(_given(row, wants, database))
    return len(rows)


_Wants = list[tuple[Any, type | None]]  # columns, each with the type whose values go as they are


def _given(row: models.Model, wants: _Wants, database: Any) -> list[Any]:
    """What a row's columns hold, as the database takes it."""
    values = [(field, plain, field.pre_save(row, True)) for field, plain in wants]  # noqa: FBT003
    return [
        value if type(value) is plain else field.get_db_prep_save(value, database) for field, plain, value in values
    ]


def _as_it_is(field: Any) -> type | None:
    """The type whose values the field hands to the database unchanged; None where it always has a say."""
    kind = type(field.target_field if field.remote_field else field)
    return _UNCHANGED.get(kind)


_UNCHANGED: dict[type, type] = {
    models.AutoField: int,
    models.BigAutoField: int,
    models.BigIntegerField: int,
    models.BooleanField: bool,
    models.CharField: str,
    models.DateField: date,
    models.IntegerField: int,
    models.TextField: str,
}


@lru_cache(maxsize=128)
def _insertion(model: type[models.Model], count: int) -> tuple[str, _Wants]:
    name: Callable[..., str] = connection.ops.quote_name
    key = model._meta.pk
    fields = [field for field in model._meta.local_concrete_fields if field is not key]
    columns = ", ".join(name(field.column) for field in fields)
    row = f"({', '.join(['%s'] * len(fields))})"
    rows = ", ".join([row] * count)
    table = name(model._meta.db_table)
    words = f"INSERT INTO {table} ({columns}) VALUES {rows} RETURNING {name(key.column)}"  # noqa: S608  # the model's own
    return words, [(field, _as_it_is(field)) for field in fields]


def update(row: models.Model, changes: dict[str, Any], *, guard: str, among: Sequence[str]) -> bool:
    """Set columns of one row while its column `guard` is one of `among`; whether it was. The row in memory stays."""
    model = type(row)
    fields: list[Any] = [model._meta.get_field(name) for name in changes]
    sql = _change(model, tuple(changes), guard, len(among))
    database = connections[DEFAULT_DB_ALIAS]
    values = [field.get_db_prep_save(value, database) for field, value in zip(fields, changes.values(), strict=True)]
    return statements.run(sql, [*values, model._meta.pk.get_db_prep_value(row.pk, database), *among]) == 1


def is_plain(row: models.Model, changes: dict[str, Any]) -> bool:
    """Whether `update` can write these: columns of the row's own table, and values rather than expressions or rows."""
    own = {field.name for field in row._meta.local_concrete_fields if not hasattr(field, "get_placeholder")}
    return own.issuperset(changes) and not any(
        hasattr(value, "resolve_expression") or isinstance(value, models.Model) for value in changes.values()
    )


@lru_cache(maxsize=512)
def _change(model: type[models.Model], names: tuple[str, ...], guard: str, count: int) -> str:
    name: Callable[..., str] = connection.ops.quote_name
    column = {field.name: name(field.column) for field in model._meta.local_concrete_fields}
    sets = ", ".join(f"{column[one]} = %s" for one in names)
    among = ", ".join(["%s"] * count)
    where = f"{name(model._meta.pk.column)} = %s AND {column[guard]} IN ({among})"
    return f"UPDATE {name(model._meta.db_table)} SET {sets} WHERE {where}"  # noqa: S608  # the model's own names
