"""Work that only one process of the whole bank does at a time, and acts that wait for each other."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """Whether nobody else is at the work of this name, which then stays ours inside; without waiting.

    The lock belongs to the database session: a killed process leaves none behind.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name])
        (is_alone,) = cursor.fetchone()
    try:
        yield is_alone
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])


@contextmanager
def one_by_one(name: str) -> Iterator[None]:
    """Wait until nobody else is at the work of this name, which then stays ours inside, whatever transactions it takes:
    what is written inside, and kept though the work is refused, is seen by the next.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def in_turn(about: str) -> None:
    """Wait until nobody else does what is about the same, and hold the turn until the transaction ends: for a look and
    an act after it where there is no row to lock.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [about])
