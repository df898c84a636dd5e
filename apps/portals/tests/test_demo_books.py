"""The demo's periods: a year of months, the older ones closed, one asked to be opened again."""

import pytest

from apps.kernel.clock import now
from apps.ledger import queries
from apps.portals.demo.books import OPEN_MONTHS, close_the_months
from apps.portals.demo.taxes import MONTHS
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db


def test_closes_all_months_but_the_last_two():
    end = now()
    assert close_the_months(accountant=make_staff("ADMIN"), end=end) == MONTHS + 1 - OPEN_MONTHS
    found = queries.periods(end)
    assert [one.is_closed for one in found] == [False] * OPEN_MONTHS + [True] * (MONTHS + 1 - OPEN_MONTHS)
    assert [one.is_over for one in found[:OPEN_MONTHS]] == [False, True]
    assert [bool(one.asked) for one in found].index(True) == OPEN_MONTHS
    assert not any(one.gap for one in found)
