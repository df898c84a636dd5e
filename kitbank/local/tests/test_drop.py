"""A database is removed with its connections, also when the server refuses to force it."""

from typing import Any

import psycopg
import pytest
from psycopg import errors, sql

from kitbank.local.drop import drop_database
from kitbank.local.template import maintenance

NAME = "test_kitbank_to_be_dropped"


class Unforced:
    """A server with autovacuum at work: it forces nobody."""

    def __init__(self, server: psycopg.Connection[Any]) -> None:
        self.server = server

    def execute(self, statement: Any, *args: Any) -> Any:
        if "FORCE" in repr(statement):
            raise errors.InsufficientPrivilege("permission denied to terminate process")
        return self.server.execute(statement, *args)


@pytest.mark.parametrize("seen", [lambda server: server, Unforced])
def test_goes_with_the_connections_to_it(seen: Any) -> None:
    with maintenance() as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
        with maintenance(NAME) as there:
            drop_database(seen(server), NAME)
            with pytest.raises(psycopg.OperationalError):
                there.execute("SELECT 1")
        assert server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone() is None
        drop_database(seen(server), NAME)  # what is gone is no fault
