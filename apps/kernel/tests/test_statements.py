"""Statements that keep their cursor: what Django does around a statement holds all the same."""

import asyncio
import gc
import threading
from select import select
from weakref import ref

import pytest
from django.core.exceptions import SynchronousOnlyOperation
from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    DataError,
    IntegrityError,
    OperationalError,
    connection,
    connections,
    transaction,
)
from django.db.transaction import TransactionManagementError

from apps.kernel import statements
from apps.kernel.models import RateCounter
from apps.kernel.written import Written

ADD = "SELECT %s::bigint + 1, %s::text"
COUNT_ONE = 'INSERT INTO kernel_ratecounter (scope, caller, "window", count) VALUES (%s, %s, %s, 1)'


@pytest.mark.django_db
def test_each_ask_has_its_own_answer_and_is_seen_by_whoever_watches(django_assert_num_queries):
    assert [statements.row(ADD, [nth, "x"]) for nth in range(3)] == [(1, "x"), (2, "x"), (3, "x")]
    with django_assert_num_queries(2):
        assert statements.rows(ADD, [5, "y"]) == [(6, "y")]
        assert statements.run("UPDATE kernel_ratecounter SET count = 2 WHERE scope = %s", ["no"]) == 0
    with pytest.raises(ValueError, match="not enough values"):
        statements.row("SELECT 1 WHERE %s", [False])


@pytest.mark.django_db
def test_a_refusal_comes_in_djangos_name_and_breaks_the_transaction_it_was_in():
    given = ["test", "me", 0]
    assert statements.run(COUNT_ONE, given) == 1
    with transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic():
            statements.run(COUNT_ONE, given)
        assert statements.row(ADD, [1, ""]) == (2, ""), "the savepoint took it back"
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            statements.row(ADD, [1, ""])
        transaction.set_rollback(False)


@pytest.mark.django_db(transaction=True)
def test_what_is_prepared_is_asked_of_the_driver_itself_until_it_is_not_any_more(monkeypatch):
    by_cursor = []
    connection.ensure_connection()
    kind = type(connection.create_cursor())
    execute = kind.execute
    monkeypatch.setattr(kind, "execute", lambda self, *given: by_cursor.append(given[0]) or execute(self, *given))
    asked = "SELECT %s::bigint + 1, %s::text, NULL::date"
    for nth in range(5):
        assert statements.row(asked, [nth, "x"]) == (nth + 1, "x", None)
    prepared = by_cursor.count(asked)
    assert prepared < 5
    with transaction.atomic():
        assert statements.row(asked, [1, None]) == (2, None, None)
        assert not connection.connection.autocommit
        assert statements.row(asked, [2, ""]) == (3, "", None)
        assert by_cursor.count(asked) == prepared + 1, "the one that begins the transaction"
        statements.run(COUNT_ONE, ["test", "me", 0])
        transaction.set_rollback(True)
    assert not RateCounter.objects.exists()
    assert statements.row(asked, [3, ""]) == (4, "", None), "a rollback forgets what was prepared"
    for _nth in range(3):
        with pytest.raises(DataError, match="out of range"):
            statements.row(asked, [2**63 - 1, ""])
        assert statements.row(asked, [4, ""]) == (5, "", None)
    assert [statements.run("NOTIFY kernel_test", ()) for _nth in range(4)] == [-1] * 4


@pytest.mark.django_db
def test_each_thread_asks_by_its_own_connection_and_an_event_loop_by_none():
    came = []

    def elsewhere():
        try:
            came.append(statements.row(ADD, [1, ""]))
        finally:
            connection.close()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert came == [(2, "")]

    async def in_a_loop():
        statements.rows(ADD, [1, ""])

    with pytest.raises(SynchronousOnlyOperation):
        asyncio.run(in_a_loop())


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_closed_is_opened_again():
    asked = "SELECT pg_backend_pid(), %s::text"
    before, left = statements.row(asked, [""]), ref(connection.connection)
    connection.close()
    assert statements.row(asked, [""]) != before
    gc.collect()
    assert left() is None, "nor does it stay in memory"
    connection.connection.close()  # behind Django's back, as when the server goes away
    with pytest.raises(DatabaseError):
        statements.row(asked, [""])
    connection.close_if_unusable_or_obsolete()
    assert statements.row(asked, [""]) != before


@pytest.mark.django_db(transaction=True)
def test_a_server_that_goes_away_in_the_middle_of_an_answer_is_told_as_such():
    asked = "SELECT pg_terminate_backend(%s) AND pg_sleep(5) IS NULL"
    for _nth in range(3):
        statements.rows(asked, [2**31 - 1])
    (me,) = statements.row("SELECT pg_backend_pid() + %s::int", [0])
    with pytest.raises(OperationalError):
        statements.rows(asked, [me])
    connection.close_if_unusable_or_obsolete()
    assert statements.row("SELECT pg_backend_pid() + %s::int", [0]) != (me,)


@pytest.mark.django_db
def test_what_never_changes_is_part_of_the_statement():
    scope = "100 % 'of' it"
    asked = Written(lambda caller: RateCounter.objects.filter(scope=scope, caller=caller), caller="\x00caller")
    mine = RateCounter.objects.create(scope=scope, caller="me", window=0, count=1)
    RateCounter.objects.create(scope="another", caller="me", window=0, count=1)
    assert asked.rows(caller="me") == [mine]
    assert asked.rows(caller="you") == []
    assert asked._statement.sql.count("%s") == 1


@pytest.mark.django_db
def test_a_connection_keeps_more_statements_prepared_than_a_page_or_a_day_asks():
    assert connection.connection.prepared_max == 500


@pytest.mark.django_db(transaction=True)
def test_a_server_that_went_away_between_two_requests_is_noticed_and_one_that_is_there_is_not_asked(monkeypatch):
    asked = []
    kind = type(connections[DEFAULT_DB_ALIAS])
    is_usable = kind.is_usable
    monkeypatch.setattr(kind, "is_usable", lambda self: asked.append(1) or is_usable(self))
    (before,) = statements.row("SELECT pg_backend_pid(), %s::int", [1])[:1]
    begin_request()
    assert statements.row("SELECT pg_backend_pid(), %s::int", [1]) == (before, 1)
    assert asked == []
    killer = connection.copy()
    with killer.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [before])
    killer.close()
    select([connection.connection.fileno()], [], [], 10)  # until its last words are here
    begin_request()
    (after,) = statements.row("SELECT pg_backend_pid(), %s::int", [1])[:1]
    assert after != before
    assert asked == [1]


def begin_request():
    """As Django does for each."""
    connection.health_check_enabled, connection.health_check_done = True, False
