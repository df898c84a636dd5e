"""Calls a function of the database and returns its rows; a refusal comes back in words."""

from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, connection

from apps.kernel import statements
from apps.ledger.operations.refusals import in_words


def row(sql: str, params: Sequence[Any]) -> tuple[Any, ...]:
    """The one row of a call. Raises what the books refuse with."""
    try:
        return statements.row(sql, params)
    except DatabaseError as no:
        raise in_words(no) from no


def rows(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of a call. Raises what the books refuse with."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(sql, params)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        except DatabaseError as no:
            raise in_words(no) from no
    return found
