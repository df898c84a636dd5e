"""Nine in ten of the planted schemes are found, at no more than three alerts for each."""

import pytest

from bench import aml

pytestmark = pytest.mark.django_db


def test_finds_what_was_planted_at_three_alerts_for_each_at_most():
    told = aml.judge(aml.made(aml.people(240), days=120, each=5))
    assert told.planted == 35
    assert told.rate >= 0.90, told.missed
    assert told.each <= 3, told.by_code
    assert "group" not in told.missed
    assert told.by_code["CHAMA_THROUGH"] == 5, "one each, and none for those who save"
