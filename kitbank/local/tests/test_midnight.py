"""No test begins just before a midnight that counts."""

from datetime import UTC, datetime

import pytest

from kitbank.local.pytest_fixtures import seconds_to_wait


@pytest.mark.parametrize(
    ("at", "wait"),
    [
        ("2026-11-22T20:59:49", 0),
        ("2026-11-22T20:59:52", 8),  # midnight in Nairobi
        ("2026-11-22T21:00:00", 0),
        ("2026-11-22T23:59:55", 5),  # midnight UTC
        ("2026-11-23T00:00:00", 0),
        ("2026-11-23T09:00:00", 0),
    ],
)
def test_waits_for_midnight_where_it_is_near(at, wait):
    assert seconds_to_wait(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()) == wait
