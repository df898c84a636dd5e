"""Planted frauds are found, each kind of them, and few honest payments are held for it."""

import pytest

from bench import fraud, frauds


@pytest.mark.django_db
def test_finds_what_was_planted_and_troubles_few():
    told = fraud.judge(frauds.made(honest=12, each=1))
    assert told.found == 1, told.schemes
    assert told.false_alarms <= 15, dict(told.troubled_by)
