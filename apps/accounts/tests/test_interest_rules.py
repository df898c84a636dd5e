"""Interest is exact: slices add up, averages are never rounded, and no part of a cent is lost or made."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.rules import interest
from apps.accounts.rules.interest import PARTS, BadTiers, Tier

rates = st.integers(0, 99_999).map(lambda steps: Decimal(steps).scaleb(-5))
balances = st.integers(0, 10**13)
tables = st.lists(st.tuples(st.integers(1, 10**11), rates), max_size=4, unique_by=lambda row: row[0]).flatmap(
    lambda rows: rates.map(lambda first: [Tier(0, first), *(Tier(*row) for row in sorted(rows))])
)


def by_hand(balance: Fraction, days: int, tiers: list[Tier]) -> Fraction:
    ends = [*(tier.from_minor for tier in tiers[1:]), None]
    slices = (
        (tier, max((balance if end is None else min(balance, Fraction(end))) - tier.from_minor, Fraction(0)))
        for tier, end in zip(tiers, ends, strict=True)
    )
    return sum((part * Fraction(tier.rate) * days / 365 for tier, part in slices), Fraction(0))


@given(balances, tables)
def test_a_days_balance_earns_what_its_slices_earn(balance, tiers):
    assert Fraction(interest.earned(balance, 1, tiers), PARTS) == by_hand(Fraction(balance), 1, tiers)


@given(st.lists(balances, min_size=1, max_size=31), tables)
def test_an_average_is_taken_exactly(days, tiers):
    average = Fraction(sum(days), len(days))
    assert Fraction(interest.earned(sum(days), len(days), tiers), PARTS) == by_hand(average, len(days), tiers)


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=40))
def test_what_is_paid_and_what_is_carried_on_is_all_that_was_earned(earned):
    carried = paid = 0
    for parts in earned:
        carried += parts
        paid += interest.whole(carried)
        carried -= interest.whole(carried) * PARTS
        assert 0 <= carried < PARTS
    assert paid * PARTS + carried == sum(earned)


@given(st.integers(0, 10**15))
def test_a_closing_account_loses_less_than_half_a_cent(parts):
    assert abs(interest.to_the_nearest(parts) * PARTS - parts) * 2 <= PARTS


def test_a_year_at_seven_and_a_half_per_cent_is_seven_and_a_half_per_cent():
    parts = 365 * interest.earned(100_000_00, 1, [Tier(0, Decimal("0.075"))])
    assert interest.whole(parts) == 7_500_00


@pytest.mark.parametrize(
    "tiers",
    [
        [],
        [Tier(1, Decimal("0.05"))],
        [Tier(0, Decimal("0.05")), Tier(100, Decimal("0.06")), Tier(100, Decimal("0.07"))],
        [Tier(0, Decimal("0.05")), Tier(200, Decimal("0.06")), Tier(100, Decimal("0.07"))],
        [Tier(0, Decimal("1"))],
        [Tier(0, Decimal("-0.01"))],
        [Tier(0, Decimal("0.0500001"))],
    ],
)
def test_refuses_slices_that_do_not_hold_together(tiers):
    with pytest.raises(BadTiers):
        interest.check_tiers(tiers)
