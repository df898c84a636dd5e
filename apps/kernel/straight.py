"""Asks the database straight through the driver, for the few statements that every payment waits for.

Django puts a cursor, a wrapper around it and several questions between a statement and the driver. What they guard is
asked here too: the thread, the event loop, a connection that is alive, a transaction that is not broken; and errors are
translated and noted alike. Where somebody listens (`execute_wrappers`, a log of queries, a count of them in a test) the
statement goes Django's own way.
"""

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.asyncio import async_unsafe


@async_unsafe
def row(sql: str, params: Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row of what a statement answers, or None. Raises what a cursor of Django's would raise."""
    own: Any = connections[DEFAULT_DB_ALIAS]
    found: tuple[Any, ...] | None
    if own.execute_wrappers or own.queries_logged:
        with own.cursor() as cursor:
            cursor.execute(sql, params)
            found = cursor.fetchone()
        return found
    own.close_if_health_check_failed()
    own.ensure_connection()
    own.validate_thread_sharing()
    own.validate_no_broken_transaction()
    with own.wrap_database_errors:
        cursor = _cursor(own)
        cursor.execute(sql, params)
        found = cursor.fetchone()
    return found


def _cursor(own: Any) -> Any:
    """One cursor of the driver for as long as the connection lives: making it costs as much as sending a statement."""
    cursor = getattr(own, "straight_cursor", None)
    if cursor is None or cursor.closed or cursor.connection is not own.connection:
        cursor = own.straight_cursor = own.connection.cursor()
    return cursor
