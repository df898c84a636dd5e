"""Nine in ten of the planted schemes are found, at no more than three alerts for each."""

import pytest

from bench import aml

pytestmark = pytest.mark.django_db


@pytest.fixture
def told():
    return aml.judge(aml.made(aml.people(240), days=120, each=5))


def test_finds_what_was_planted(told):
    assert told.planted == 30
    assert told.rate >= 0.90, told.missed


def test_raises_at_most_three_alerts_for_each(told):
    assert told.each <= 3, told.by_code
