"""Statements straight through the driver: what Django's cursors guard is guarded here too."""

import asyncio
import threading

import pytest
from django.core.exceptions import SynchronousOnlyOperation
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from apps.kernel import straight

pytestmark = pytest.mark.django_db


def test_gives_the_first_row_or_none():
    assert straight.row("SELECT g, %s::text FROM generate_series(1, 2) g", ["x"]) == (1, "x")
    assert straight.row("SELECT 1 WHERE %s::int = 2", [1]) is None


def test_is_seen_by_whoever_listens():
    seen = []

    def listen(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen), CaptureQueriesContext(connection) as queries:
        assert straight.row("SELECT 1", []) == (1,)
    assert seen == ["SELECT 1"]
    assert [one["sql"] for one in queries.captured_queries] == ["SELECT 1"]


def test_speaks_of_errors_as_django_does():
    with pytest.raises(ProgrammingError) as no, transaction.atomic():
        straight.row("SELECT * FROM no_such_table", [])
    assert no.value.__cause__.sqlstate == "42P01"
    with pytest.raises(IntegrityError), transaction.atomic():
        straight.row("INSERT INTO django_content_type (app_label, model) VALUES (%s, %s), (%s, %s)", ["a", "b"] * 2)
    assert straight.row("SELECT 1", []) == (1,)


def test_asks_nothing_in_a_broken_transaction():
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            straight.row("SELECT 1", [])
        transaction.set_rollback(False)


def test_works_on_the_threads_own_connection_and_never_in_an_event_loop():
    came = []

    def elsewhere():
        try:
            came.append(straight.row("SELECT 1", []))
        finally:
            connection.close()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert came == [(1,)]

    async def in_a_loop():
        straight.row("SELECT 1", [])

    with pytest.raises(SynchronousOnlyOperation):
        asyncio.run(in_a_loop())


@pytest.mark.django_db(transaction=True)
def test_finds_the_new_connection_after_the_old_one_is_closed():
    before = straight.row("SELECT pg_backend_pid()", [])
    connection.close()
    after = straight.row("SELECT pg_backend_pid()", [])
    assert after is not None
    assert after != before
    connection.connection.close()  # behind Django's back, as when the server goes away
    with pytest.raises(DatabaseError):
        straight.row("SELECT 1", [])
    connection.close_if_unusable_or_obsolete()
    assert straight.row("SELECT 1", []) == (1,)
