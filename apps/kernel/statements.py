"""Statements that keep their cursor, for what every payment waits for.

psycopg learns a statement's types anew with each cursor, and Django wraps each cursor anew: together more than half of
what a small statement costs in Python. Here a connection keeps one cursor a statement. What Django guards is guarded
here too: the thread, the event loop, a connection that is alive, a transaction that is not broken, its names for
errors; and where somebody watches (`execute_wrappers`, a log of queries, a count of them in a test) a statement goes
Django's own way. A cursor holds its last answer until it is asked again, so this is for small ones.
"""

from collections.abc import Mapping, Sequence
from select import POLLIN, poll
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.asyncio import async_unsafe

Params = Sequence[Any] | Mapping[str, Any]
_MOST = 200  # statements a connection keeps; those of the code are fewer
_kept: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()


@async_unsafe
def rows(sql: str, params: Params) -> list[Any]:
    """All rows of the answer. `sql` is written in the code, not put together: its cursor is kept."""
    database: Any = connections[DEFAULT_DB_ALIAS]
    if database.execute_wrappers or database.queries_logged:
        with database.cursor() as watched:
            watched.execute(sql, params)
            return list(watched.fetchall())
    with database.wrap_database_errors:
        cursor = _asked(database, sql, params)
        return list(cursor.fetchall())


def row(sql: str, params: Params) -> tuple[Any, ...]:
    """The one row of an answer that has one. Raises ValueError for any other."""
    found: tuple[Any, ...]
    (found,) = rows(sql, params)
    return found


@async_unsafe
def run(sql: str, params: Params) -> int:
    """How many rows it wrote; for statements that return none."""
    database: Any = connections[DEFAULT_DB_ALIAS]
    if database.execute_wrappers or database.queries_logged:
        with database.cursor() as watched:
            watched.execute(sql, params)
            return int(watched.rowcount)
    with database.wrap_database_errors:
        return int(_asked(database, sql, params).rowcount)


def _asked(database: Any, sql: str, params: Params) -> Any:
    """The statement's cursor, with its answer."""
    if _is_quiet(database):
        database.health_check_done = True
    database.close_if_health_check_failed()
    database.ensure_connection()
    database.validate_thread_sharing()
    database.validate_no_broken_transaction()
    kept = _kept.get(database.connection)
    if kept is None or len(kept) > _MOST:
        kept = _kept[database.connection] = {}
    cursor = kept.get(sql)
    if cursor is None:
        cursor = kept[sql] = database.create_cursor()
    cursor.execute(sql, params)
    return cursor


def _is_quiet(database: Any) -> bool:
    """Whether a connection that was at rest has nothing to read: a server that went away would have said so. It spares
    the question that Django asks first in each request; where there is something to read, Django asks.
    """
    held = database.connection
    if held is None or held.closed or not database.health_check_enabled or database.health_check_done:
        return False
    look = poll()
    look.register(held.fileno(), POLLIN)
    return not look.poll(0)
