"""The bench of the loans' day fills tables that the steps can work on, whatever columns come to them."""

import pytest

from bench import lending_day
from bench.common import Options

pytestmark = pytest.mark.django_db


def test_a_day_of_a_few_loans_is_measured(monkeypatch):
    monkeypatch.setattr(lending_day, "SAMPLE", 5)
    ratio, seconds = lending_day.run(Options(interest_accounts=40))
    assert ratio.value > 0
    assert seconds.value > 0
