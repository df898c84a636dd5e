"""The bench of scores works on the bank as it is."""

import pytest

from bench import scoring

pytestmark = pytest.mark.django_db


def test_scores_alone_and_together_are_measured(monkeypatch):
    monkeypatch.setattr(scoring, "settle", lambda: None)
    p95, ratio = scoring.measure(customers=4, lines=20, alone=3)
    assert p95.value > 0
    assert ratio.value > 0
