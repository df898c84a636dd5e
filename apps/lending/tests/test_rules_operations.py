"""The pure pieces operations stand on: allocation, lateness, penalties, expected loss, limits."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.lending.rules.allocation import USUAL, First, Owed, Part, allocate
from apps.lending.rules.arrears import Band, capped_interest, classify, days_past_due, in_duplum_room, provision

D = Decimal
MINOR = st.integers(0, 10_000_00)
OWED = st.lists(st.tuples(MINOR, MINOR, MINOR, MINOR), max_size=8).map(
    lambda rows: [Owed(n=n, penalty=p, fee=f, interest=i, principal=c) for n, (p, f, i, c) in enumerate(rows, 1)]
)


# ---- allocation ----


@given(st.integers(1, 50_000_00), OWED, st.permutations(USUAL), st.sampled_from(First))
def test_shares_a_payment_to_the_cent_and_never_more_than_is_owed(minor, owed, order, first):
    done = allocate(minor, owed, order=order, first=first)
    assert sum(one.minor for one in done.allocations) + done.rest == minor
    assert sum(done.of(part) for part in Part) + done.rest == minor
    by_n = {one.n: one for one in owed}
    assert all(0 < one.minor <= by_n[one.n].of(one.part) for one in done.allocations)
    assert len({(one.n, one.part) for one in done.allocations}) == len(done.allocations)
    assert done.rest == max(0, minor - sum(one.total for one in owed))


@given(st.integers(1, 50_000_00), OWED)
def test_begins_no_instalment_before_the_older_is_clear(minor, owed):
    done = allocate(minor, owed)
    paid = {one.n: sum(a.minor for a in done.allocations if a.n == one.n) for one in owed}
    begun = [one for one in owed if paid[one.n]]
    assert all(paid[one.n] == one.total for one in begun[:-1])


def test_clears_one_part_of_all_instalments_first_when_asked():
    owed = [Owed(n=1, interest=10, principal=100), Owed(n=2, interest=10, principal=100)]
    done = allocate(25, owed, first=First.PART)
    assert [(one.n, one.part, one.minor) for one in done.allocations] == [
        (1, Part.INTEREST, 10), (2, Part.INTEREST, 10), (1, Part.PRINCIPAL, 5),
    ]  # fmt: skip


@pytest.mark.parametrize("minor", [0, -1])
def test_refuses_a_payment_of_nothing(minor):
    with pytest.raises(ValueError, match="above nothing"):
        allocate(minor, [])


def test_refuses_an_order_that_forgets_a_part():
    with pytest.raises(ValueError, match="four parts"):
        allocate(1, [], order=USUAL[:3])


def test_refuses_an_instalment_that_owes_less_than_nothing():
    with pytest.raises(ValueError, match="less than nothing"):
        Owed(n=1, fee=-1)


# ---- arrears ----

BANDS = [
    Band("NORMAL", 0, D("0.01"), "CBK/PG/04"),
    Band("WATCH", 31, D("0.03"), "CBK/PG/04"),
    Band("SUBSTANDARD", 91, D("0.20"), "CBK/PG/04"),
    Band("LOSS", 361, D(1), "CBK/PG/04"),
]


def test_counts_from_the_oldest_unpaid_instalment_however_little_is_unpaid():
    rows = [(date(2026, 1, 1), 0), (date(2026, 2, 1), 1), (date(2026, 3, 1), 500)]
    assert days_past_due(rows, date(2026, 3, 3)) == 30
    assert days_past_due(rows, date(2026, 2, 1)) == 0
    assert days_past_due([], date(2026, 2, 1)) == 0


@pytest.mark.parametrize(
    ("days", "code"), [(0, "NORMAL"), (30, "NORMAL"), (31, "WATCH"), (90, "WATCH"), (91, "SUBSTANDARD"), (9999, "LOSS")]
)
def test_classes_a_loan_by_its_days(days, code):
    assert classify(days, BANDS).code == code


@pytest.mark.parametrize("bands", [[], BANDS[1:], [BANDS[0], BANDS[0]], BANDS[::-1]])
def test_refuses_bands_with_gaps(bands):
    with pytest.raises(ValueError, match="bands"):
        classify(5, bands)


@given(MINOR, st.sampled_from(BANDS))
def test_sets_aside_never_less_than_the_rate_and_less_than_a_cent_more(balance, band):
    assert 0 <= provision(balance, band) - balance * band.provision_rate < 1


@given(MINOR, st.lists(MINOR, max_size=20))
def test_never_recovers_more_interest_than_the_principal_owing_then(principal, charges):
    taken = 0
    for charge in charges:
        taken += capped_interest(charge, principal, taken)
    assert taken <= principal
    assert taken == min(principal, sum(charges))
    assert in_duplum_room(principal, taken) == principal - taken
