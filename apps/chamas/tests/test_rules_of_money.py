"""The arithmetic of groups: due dates, what a payment pays, draws anybody can check, and sharing to the cent."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.chamas.rules import draw, loan
from apps.chamas.rules.constitution import Constitution
from apps.chamas.rules.dues import Owed, allocate, period_from
from apps.chamas.rules.settlement import settle
from apps.chamas.rules.sharing import dividends, minor_days, share, shared_out

settings.register_profile("chamas", max_examples=60)
few = settings(settings.get_profile("chamas"))
DAYS = st.dates(date(2026, 1, 1), date(2030, 12, 31))


@few
@given(st.sampled_from(["WEEKLY", "FORTNIGHTLY", "MONTHLY"]), st.integers(1, 31), DAYS, DAYS)
def test_the_next_period_is_due_within_it_and_not_before_the_day_it_is_asked_for(frequency, due_day, began, day):
    terms = Constitution(frequency=frequency, due_day=due_day if frequency == "MONTHLY" else (due_day - 1) % 7 + 1)
    period = period_from(terms, began_on=began, day=max(day, began))
    assert period.starts_on <= period.due_on <= period.ends_on
    assert period.due_on >= max(day, began)
    after = period_from(terms, began_on=began, day=period.ends_on + timedelta(days=1))
    assert after.starts_on == period.ends_on + timedelta(days=1)


@pytest.mark.parametrize(
    ("terms", "day", "due_on"),
    [
        (Constitution(due_day=31), date(2026, 2, 3), date(2026, 2, 28)),
        (Constitution(due_day=5), date(2026, 2, 6), date(2026, 3, 5)),
        (Constitution(frequency="WEEKLY", due_day=1), date(2026, 11, 24), date(2026, 11, 30)),
        (Constitution(frequency="FORTNIGHTLY", due_day=5), date(2026, 11, 24), date(2026, 12, 4)),
    ],
)
def test_due_dates_are_those_of_the_calendar(terms, day, due_on):
    assert period_from(terms, began_on=date(2026, 11, 24), day=day).due_on == due_on


_OWED = st.builds(
    Owed, DAYS, st.sampled_from(["WELFARE", "ROTATION", "SAVINGS", "FINES"]), st.integers(1, 10_000), st.integers(0, 99)
)


@few
@given(st.integers(0, 50_000), st.lists(_OWED, max_size=12))
def test_a_payment_pays_the_oldest_first_and_no_cent_is_lost(minor, owed):
    parts, left = allocate(minor, owed)
    assert sum(part.minor for part in parts) + left == minor
    assert left == max(minor - sum(one.minor for one in owed), 0)
    full = [one.minor for one in sorted(owed, key=lambda one: one.due_on)]
    dues = sorted({one.due_on for one in owed})
    for due_on in dues:  # whatever an older date asks for is paid before a younger one has anything
        paid = sum(part.minor for part in allocate(sum(one.minor for one in owed if one.due_on <= due_on), owed)[0])
        assert paid == sum(one.minor for one in owed if one.due_on <= due_on)
    assert sum(full) == sum(one.minor for one in owed)


def test_welfare_and_the_merry_go_round_come_before_savings_and_fines_last():
    day = date(2026, 1, 5)
    owed = [Owed(day, fund, 10, fund) for fund in ("FINES", "SAVINGS", "ROTATION", "WELFARE")]
    assert [part.fund for part in allocate(25, owed)[0]] == ["WELFARE", "ROTATION", "SAVINGS"]
    assert allocate(25, owed)[0][-1].minor == 5


@few
@given(st.sets(st.integers(1, 500), min_size=1, max_size=40), st.dictionaries(st.integers(1, 500), st.text(max_size=9)))
def test_a_draw_is_a_shuffle_that_follows_from_seed_and_words_alone(numbers, words):
    seed = draw.new_seed()
    order = draw.drawn(list(numbers), seed, words)
    assert sorted(order) == sorted(numbers)
    assert draw.drawn(sorted(numbers, reverse=True), seed, dict(reversed(words.items()))) == order
    said = {"published": draw.commitment(seed), "seed": seed, "words": words, "numbers": list(numbers)}
    assert draw.faults(**said, order=order) == []
    assert "another_seed" in draw.faults(**said | {"seed": draw.new_seed()}, order=order)
    if len(numbers) > 1:
        assert draw.faults(**said, order=order[::-1]) == ["another_order"]


def test_the_published_example_of_a_draw_stays_as_it_is():
    assert draw.drawn([1, 2, 3, 4, 5], "ab" * 32, {1: "jua", 4: "77"}) == [2, 5, 3, 4, 1]


def test_every_order_is_as_likely_as_another():
    seen = {}
    for nth in range(600):
        order = tuple(draw.shuffled([1, 2, 3], draw.mixed(str(nth), {})))
        seen[order] = seen.get(order, 0) + 1
    assert len(seen) == 6
    assert min(seen.values()) > 60


def test_the_highest_bid_goes_first_and_who_bids_nothing_last():
    order = draw.auctioned([1, 2, 3, 4], [draw.Bid(3, 500), draw.Bid(2, 500), draw.Bid(4, 900)])
    assert [(one.number, one.minor) for one in order] == [(4, 900), (2, 500), (3, 500), (1, 0)]


@few
@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**12), min_size=1, max_size=30))
def test_sharing_loses_nothing_and_makes_nothing(minor, weights):
    parts = share(minor, weights)
    assert sum(parts) == minor
    whole = sum(weights)
    if whole:
        assert all(abs(part * whole - minor * weight) < whole for part, weight in zip(parts, weights, strict=True))


@few
@given(st.integers(0, 10**10), st.lists(st.integers(0, 10**9), min_size=1, max_size=20))
def test_a_dividend_is_what_is_paid_and_what_is_withheld(minor, weights):
    rows = dividends(minor, weights)
    assert sum(row.net + row.tax for row in rows) == minor
    assert all(abs(row.tax * 20 - row.gross) <= 10 for row in rows)


@few
@given(st.dictionaries(st.integers(1, 50), st.integers(0, 10**9), min_size=1), st.integers(0, 10**9))
def test_a_share_out_pays_all_that_there_is(own, profit):
    paid = shared_out(own, profit, dict.fromkeys(list(own)[::2], 3))
    assert sum(paid.values()) == sum(own.values()) + profit
    assert all(paid[one] >= own[one] for one in own)


@few
@given(st.dictionaries(st.integers(1, 50), st.integers(0, 10**9), min_size=1), st.floats(0, 1), st.data())
def test_a_loss_takes_from_nobody_more_than_they_own(own, part, data):
    weights = {one: data.draw(st.integers(0, 10**6)) for one in own}
    loss = int(sum(own.values()) * part)
    paid = shared_out(own, -loss, weights)
    assert sum(paid.values()) == sum(own.values()) - loss
    assert all(0 <= paid[one] <= own[one] for one in own)


def test_money_weighs_by_the_days_it_was_there():
    first, last = date(2026, 1, 1), date(2026, 1, 10)
    assert minor_days([(first, 100)], first=first, last=last) == 1000
    assert minor_days([(date(2025, 6, 1), 100)], first=first, last=last) == 1000
    assert minor_days([(last, 100)], first=first, last=last) == 100
    assert minor_days([(first, 100), (date(2026, 1, 6), -100)], first=first, last=last) == 500
    assert minor_days([(date(2026, 2, 1), 100)], first=first, last=last) == 0


def test_who_leaves_takes_savings_and_shares_less_what_they_owe():
    done = settle(savings=100_01, shares=50_00, ahead=5_00, principal=40_00, interest=1_00, fines=50, fee_bps=250)
    assert (done.fee, done.net) == (2_50, 100_01 + 50_00 + 5_00 - 40_00 - 1_00 - 50 - 2_50)


@few
@given(
    st.integers(10_000, 10**9), st.integers(0, 2_000), st.integers(1, 24), st.integers(0, 10**9), st.integers(0, 800)
)
def test_what_is_paid_on_a_loan_is_interest_and_principal_to_the_cent(principal, rate, months, minor, days):
    on = date(2026, 1, 15)
    plan = loan.instalments(principal, rate_bps=rate, months=months, on=on)
    assert sum(row.principal for row in plan) == principal
    starts = [on, *(row.due_on for row in plan)]
    rows = [loan.Open(r.number, r.due_on, starts[nth], r.principal, r.interest) for nth, r in enumerate(plan)]
    parts, left = loan.pay(minor, rows, on=on + timedelta(days=days))
    assert sum(part.principal + part.interest for part in parts) + left == minor
    if left:
        assert sum(part.interest for part in parts) == loan.interest_until(rows, on=on + timedelta(days=days))
