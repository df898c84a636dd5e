"""What falls due in the heaviest month, worked out by hand."""

from datetime import date, timedelta

import pytest

from apps.kernel.money import Money
from apps.lending.affordability import Affordability, heaviest_month
from apps.lending.planning import PlannedRow

START = date(2026, 2, 26)


def rows(step, totals):
    days = [START + timedelta(days=step * nth) for nth in range(len(totals) + 1)]
    return [PlannedRow(nth + 1, days[nth], days[nth + 1], minor, 0, 0, 0) for nth, minor in enumerate(totals)]


@pytest.mark.parametrize(
    ("step", "totals", "most"),
    [
        (7, [10, 10, 10, 10, 10, 10], 40),  # 5, 12, 19 and 26 March
        (14, [100, 100, 150], 200),  # 12 and 26 March, then 9 April
        (31, [100, 300, 200], 300),
        (30, [], 0),
    ],
)
def test_counts_the_heaviest_month(step, totals, most):
    assert heaviest_month(rows(step, totals)) == most


def test_says_what_is_left_and_no_share_of_nothing():
    some = [Money(minor, "KES") for minor in (100_000, 60_000, 30_000, 20_000)]
    carries = Affordability(*some)
    assert (carries.left, carries.share_pct) == (Money(-10_000, "KES"), 50)
    assert Affordability(Money(0, "KES"), *some[1:]).share_pct is None
