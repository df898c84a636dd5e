"""Whatever a rule says, the floor holds, and what it moves is what it says or nothing."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.rules.transfers import ORDER, Look, Terms, decide, next_due, rounded_up, wanted

minor = st.integers(0, 10**12)
terms = st.builds(
    Terms,
    kind=st.sampled_from(list(ORDER)),
    amount=st.integers(1, 10**9),
    rate=st.integers(1, 100_000).map(lambda steps: Decimal(steps).scaleb(-5)),
    threshold=minor,
    floor=minor,
)
looks = st.builds(
    Look, there=st.integers(-(10**9), 10**12), other=minor, came=minor, paid=st.lists(minor).map(tuple), due=minor
)


@given(terms, looks)
def test_never_breaks_the_floor(rule, look):
    move = decide(rule, look)
    assert move.amount >= 0
    assert not move.amount or look.there - move.amount >= rule.floor


@given(terms, looks)
def test_moves_all_of_it_or_nothing_and_says_so(rule, look):
    move, wants = decide(rule, look), wanted(rule, look)
    if move.because:
        assert (move.amount, wants > 0) == (0, True)
    elif rule.kind == "LOAN_DUES":
        assert move.amount <= max(wants, 0)
    else:
        assert move.amount == max(wants, 0)


@given(st.lists(st.integers(1, 10**9)), st.sampled_from([1000, 5000, 10_000]))
def test_rounding_up_leaves_less_than_a_step_for_each_payment(paid, step):
    assert 0 <= rounded_up(paid, step) <= len(paid) * (step - 1)
    assert (sum(paid) + rounded_up(paid, step)) % step == 0


def test_a_chase_of_two_sweeps_takes_at_most_what_is_there():
    one, other = 10_000, 0
    for _day in range(5):
        there = decide(Terms("SWEEP_ABOVE", threshold=1_000, floor=0), Look(one)).amount
        one, other = one - there, other + there
        back = decide(Terms("SWEEP_ABOVE", threshold=500, floor=0), Look(other)).amount
        one, other = one + back, other - back
        assert (one + other, min(one, other) >= 500) == (10_000, True)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 31))
def test_a_monthly_date_comes_within_a_month_and_is_the_day_or_the_last(after, day):
    due = next_due("MONTHLY", day, after)
    assert timedelta(0) < due - after <= timedelta(days=31)
    assert due.day == day or (due + timedelta(days=1)).day == 1


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 7))
def test_a_weekday_comes_within_seven_days(after, day):
    due = next_due("WEEKLY", day, after)
    assert (due.isoweekday(), 1 <= (due - after).days <= 7) == (day, True)


def test_an_unknown_kind_is_no_rule():
    with pytest.raises(ValueError, match="GUESS"):
        wanted(Terms("GUESS"), Look(0))
