"""Statements that keep their cursor, for what every payment waits for.

psycopg learns a statement's types anew with each cursor, and Django wraps each cursor anew: together more than half of
what a small statement costs in Python. Here a connection keeps one cursor a statement, and what psycopg has prepared is
asked of libpq itself. What Django guards is guarded here too: the thread, the event loop, a connection that is alive, a
transaction that is not broken, its names for errors; and where somebody watches (`execute_wrappers`, a log of queries,
a count of them in a test) a statement goes Django's own way. The last answer is held until a statement is asked again,
and Ctrl-C waits for one that runs, so this is for small ones.
"""

from collections.abc import Mapping, Sequence
from select import POLLIN, poll
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.asyncio import async_unsafe
from psycopg import OperationalError, errors
from psycopg._queries import PostgresQuery
from psycopg.adapt import Transformer
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

Params = Sequence[Any] | Mapping[str, Any]
_ANSWERS = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
_MOST = 200  # statements a connection keeps; those of the code are fewer
_kept: WeakKeyDictionary[Any, "_Kept"] = WeakKeyDictionary()  # by Django's connection, which theirs does not know


@async_unsafe
def rows(sql: str, params: Params) -> list[Any]:
    """All rows of the answer. `sql` is written in the code, not put together: what is known of it is kept."""
    database: Any = connections[DEFAULT_DB_ALIAS]
    if database.execute_wrappers or database.queries_logged:
        with database.cursor() as watched:
            watched.execute(sql, params)
            return list(watched.fetchall())
    with database.wrap_database_errors:
        return _known(database, sql).rows(params)


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
        return _known(database, sql).run(params)


def _known(database: Any, sql: str) -> "_Statement":
    """The statement as this connection knows it, which is ready to be asked."""
    if _is_quiet(database):
        database.health_check_done = True
    database.close_if_health_check_failed()
    database.ensure_connection()
    database.validate_thread_sharing()
    database.validate_no_broken_transaction()
    kept = _kept.get(database)
    if kept is None or kept.connection is not database.connection or len(kept.statements) > _MOST:
        kept = _kept[database] = _Kept(database.connection, {})
    known = kept.statements.get(sql)
    if known is None:
        known = kept.statements[sql] = _Statement(database, sql)
    return known


class _Kept(NamedTuple):
    connection: Any
    statements: dict[str, "_Statement"]


class _Statement:
    """A statement of one connection, and the cursor by which psycopg learns and prepares it."""

    __slots__ = ("connection", "cursor", "query", "read_by", "sql", "types")

    def __init__(self, database: Any, sql: str) -> None:
        self.sql, self.cursor = sql, database.create_cursor()
        self.connection = database.connection
        self.types = Transformer(self.connection)
        self.query: PostgresQuery | None = None
        self.read_by = b""  # the name of the prepared statement whose columns `types` knows how to read

    def rows(self, params: Params) -> list[Any]:
        """Ask; all rows of the answer."""
        result = self._asked(params)
        if result is None:
            return list(self.cursor.fetchall())
        return self.types.load_rows(0, result.ntuples, tuple)

    def run(self, params: Params) -> int:
        """Ask; how many rows were written, -1 where that is no question."""
        result = self._asked(params)
        written = self.cursor.rowcount if result is None else result.command_tuples
        return -1 if written is None else int(written)

    def _asked(self, params: Params) -> PGresult | None:
        """The answer, or None where psycopg asked it, whose cursor has it then: what is not prepared yet or not any
        more, and what begins a transaction.
        """
        query, connection = self.query, self.connection
        if query is None:
            query = self.query = PostgresQuery(self.types)
            query.convert(self.sql, params)
        else:
            query.dump(params)
        name = connection._prepared._names.get((query.query, query.types))
        pgconn = connection.pgconn
        if name is None or (pgconn.transaction_status == TransactionStatus.IDLE and not connection.autocommit):
            self.cursor.execute(self.sql, params)
            return None
        with connection.lock:
            result: PGresult = pgconn.exec_prepared(name, query.params, query.formats)
        if result.status not in _ANSWERS:
            if pgconn.status != ConnStatus.OK:
                raise OperationalError(pgconn.get_error_message())
            raise errors.error_from_result(result, connection.info.encoding)
        self.types.set_pgresult(result, set_loaders=self.read_by != name)
        self.read_by = name
        return result


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
