"""What tests on every floor use: events delivered by hand, threads that all start at once, and one that waits."""

import base64
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import connection, transaction
from django.db.models import Model
from psycopg import sql

from apps.kernel import relay

if TYPE_CHECKING:
    from pytest_django.plugin import DjangoDbBlocker

T = TypeVar("T")
NEW_PRINT_KEY = base64.b64encode(b"n" * 32).decode()


def deliver_events() -> int:
    """Deliver what is in the outbox, and what that publishes, until nothing is due."""
    delivered = 0
    while tried := relay.deliver_due():
        delivered += tried
    return delivered


def at_once(*acts: Callable[[], T]) -> list[T | Exception]:
    """Run acts in as many threads, released together, each on a connection of its own; refusals come back as values."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], T]) -> T | Exception:
        gate.wait()
        try:
            return act()
        except Exception as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@contextmanager
def lasting(make: Callable[[], T], blocker: "DjangoDbBlocker") -> Iterator[T]:
    """What all tests of a module begin from, made once: for a fixture of the module's scope, after `django_db_setup`.

    The tests run inside the transaction that holds it, each undone by itself; hand each a deep copy, which it may
    change. Not for modules with transactional tests, or where the database's own time matters, which stands still.
    """
    with blocker.unblock(), transaction.atomic():
        made = make()
        with connection.cursor() as cursor:  # what waits for a commit is asked here, not again after each test
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        yield made
        transaction.set_rollback(True)


def print_keys(settings: Any, *names: str) -> None:
    """Put keys of blind indexes in force as an operator would, the first one writes: "old" is that of before, "new" the
    one to come.
    """
    settings.LASTING_PRINT_KEY = settings.LASTING_PRINT_KEY or settings.BLIND_INDEX_KEY
    key = {"old": settings.LASTING_PRINT_KEY, "new": NEW_PRINT_KEY}
    settings.BLIND_INDEX_KEY = ",".join(f"{name}:{key[name]}" for name in names)


def refusals(results: list[Any]) -> list[Exception]:
    """The acts that were refused."""
    return [result for result in results if isinstance(result, Exception)]


def until_waiting(seconds: float = 10) -> None:
    """Return once another connection to this database waits for a lock that is held here. Raises TimeoutError."""
    until = monotonic() + seconds
    while monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT true FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)) LIMIT 1"
            )
            if cursor.fetchone():
                return
    raise TimeoutError("nobody waits")


def on_disk(model: type[Model]) -> str:
    """All of a table as it lies there, sealed columns as bytes: what somebody reads who steals the disk."""
    with connection.cursor() as cursor:
        table = sql.Identifier(model._meta.db_table)
        cursor.execute(sql.SQL("SELECT COALESCE(string_agg(t::text, ' '), '') FROM {} t").format(table))
        return str(cursor.fetchone()[0])
