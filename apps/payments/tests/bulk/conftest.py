"""A firm, and a rail that takes many."""

import pytest

from apps.payments import rails
from apps.payments.tests.bulk.firm import (
    Firm,
    Pigeons,
)


@pytest.fixture
def pigeons(monkeypatch):
    flock = Pigeons()
    monkeypatch.setitem(rails._rails, "mpesa", flock)
    return flock


@pytest.fixture
def firm(db):
    return Firm()
