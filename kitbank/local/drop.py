"""Removes a database, whoever is connected to it."""

from typing import Any

import psycopg
from psycopg import errors, sql

_OURS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user"


def drop_database(server: psycopg.Connection[Any], name: str) -> None:
    """Remove it, with our connections to it. `server` is another database's, in autocommit.

    `WITH (FORCE)` is refused while the server's own autovacuum is at work in it, which a superuser alone may end. A
    plain DROP waits for our connections to go, and asks autovacuum to.
    """
    drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    try:
        server.execute(drop + sql.SQL(" WITH (FORCE)"))
    except errors.InsufficientPrivilege:
        server.execute(_OURS, [name])
        server.execute(drop)
