"""The pure pieces operations stand on: allocation, lateness, penalties, expected loss, limits."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.lending.rules.allocation import USUAL, First, Owed, Part, allocate
from apps.lending.rules.arrears import Band, capped_interest, classify, days_past_due, in_duplum_room, provision
from apps.lending.rules.ifrs9 import Exposure, Stage, expected_loss, stage
from apps.lending.rules.late import LateTerms, occasions, penalty
from apps.lending.rules.limits import largest_instalment, left, of_deposits, of_savings, repayment_share

D = Decimal
MINOR = st.integers(0, 10_000_00)
OWED = st.lists(st.tuples(MINOR, MINOR, MINOR, MINOR), max_size=8).map(
    lambda rows: [Owed(n=n, penalty=p, fee=f, interest=i, principal=c) for n, (p, f, i, c) in enumerate(rows, 1)]
)
DUE = datetime(2026, 3, 31, 20, 59, tzinfo=UTC)


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


# ---- penalties ----


def test_charges_nothing_within_the_grace_and_once_after_it():
    terms = LateTerms(percent=D(5), grace=timedelta(minutes=30))
    assert occasions(terms, DUE, DUE + timedelta(minutes=30)) == 0
    assert occasions(terms, DUE, DUE + timedelta(minutes=30, seconds=1)) == 1
    assert occasions(terms, DUE, DUE + timedelta(days=900)) == 1


def test_falls_again_at_each_interval_up_to_the_times():
    terms = LateTerms(fixed_minor=100, every=timedelta(days=7), times=3)
    assert [occasions(terms, DUE, DUE + timedelta(days=days)) for days in (1, 7, 8, 14, 90)] == [1, 2, 2, 3, 3]


@given(MINOR, MINOR, st.decimals(0, 50, places=2), st.decimals(0, 60, places=2), st.integers(0, 20))
def test_never_passes_its_cap(instalment, overdue, percent, cap, falls):
    terms = LateTerms(fixed_minor=7, percent=percent, every=timedelta(days=1), cap_percent=cap)
    charged = 0
    for nth in range(30):
        more = penalty(terms, instalment=instalment, overdue=overdue, charged=charged, charges=nth, occasion=falls)
        assert more >= 0
        assert not more or nth < falls
        charged += more
    assert charged <= instalment * cap / 100


def test_charges_nothing_when_nothing_is_overdue():
    terms = LateTerms(fixed_minor=100)
    assert penalty(terms, instalment=500, overdue=0, charged=0, charges=0, occasion=1) == 0
    assert penalty(terms, instalment=500, overdue=1, charged=0, charges=0, occasion=1) == 100


@pytest.mark.parametrize(
    "wrong",
    [
        {"fixed_minor": -1}, {"percent": D(-1)}, {"percent": D("NaN")}, {"grace": timedelta(-1)}, {"times": 0},
        {"every": timedelta(0)}, {"cap_percent": D(-1)}, {"every": timedelta(1)},
    ],
)  # fmt: skip
def test_refuses_a_rule_without_sense_or_cap(wrong):
    with pytest.raises(ValueError):
        LateTerms(**wrong)


# ---- expected loss ----


@pytest.mark.parametrize(("days", "found"), [(0, 1), (30, 1), (31, 2), (90, 2), (91, 3)])
def test_presumes_the_stage_from_days(days, found):
    assert stage(days) == found


def test_lets_other_facts_only_make_it_worse():
    assert stage(0, significantly_riskier=True) is Stage.WORSE
    assert stage(0, impaired=True) is Stage.IMPAIRED
    assert stage(120, significantly_riskier=True) is Stage.IMPAIRED


AHEAD = [Exposure(month, 100_000_00 - month * 1_000_00, D("0.01")) for month in range(1, 25)]


def test_looks_twelve_months_ahead_or_to_the_end():
    first = expected_loss(Stage.PERFORMING, AHEAD, loss_given_default=D("0.5"), monthly_rate=D(0))
    assert first == sum(one.minor for one in AHEAD[:12]) * D("0.005")
    assert expected_loss(Stage.WORSE, AHEAD, loss_given_default=D("0.5"), monthly_rate=D(0)) > first


def test_takes_an_impaired_loan_as_failed_today():
    assert expected_loss(Stage.IMPAIRED, AHEAD, loss_given_default=D("0.45"), monthly_rate=D("0.01")) == 44_550_00


@given(st.decimals(0, 1, places=3), st.decimals(0, D("0.1"), places=4), st.sampled_from(Stage))
def test_loses_no_more_than_is_exposed_and_less_when_discounted(lgd, rate, at):
    plain = expected_loss(at, AHEAD, loss_given_default=lgd, monthly_rate=D(0))
    discounted = expected_loss(at, AHEAD, loss_given_default=lgd, monthly_rate=rate)
    assert 0 <= discounted <= plain <= AHEAD[0].minor


@pytest.mark.parametrize("lgd", [D("1.1"), D(-1), D("NaN")])
def test_refuses_shares_that_are_none(lgd):
    with pytest.raises(ValueError, match="shares"):
        expected_loss(Stage.WORSE, AHEAD, loss_given_default=lgd, monthly_rate=D(0))


def test_refuses_a_loan_that_fails_more_than_once():
    with pytest.raises(ValueError, match="fails once"):
        expected_loss(
            Stage.WORSE, [Exposure(1, 1, D("0.6")), Exposure(2, 1, D("0.6"))],
            loss_given_default=D(1), monthly_rate=D(0),
        )  # fmt: skip


# ---- limits ----


@given(st.lists(MINOR, max_size=12), st.decimals(0, 5, places=2), st.lists(MINOR, max_size=3))
def test_lends_no_more_than_the_multiple_and_the_lowest_ceiling(monthly, multiple, ceilings):
    limit = of_deposits(monthly, multiple, ceilings=ceilings)
    assert 0 <= limit * max(len(monthly), 1) <= sum(monthly) * multiple
    assert all(limit <= ceiling for ceiling in ceilings) or not monthly


def test_lends_four_times_what_is_saved_and_free():
    assert of_savings(100_00) == 400_00
    assert of_savings(100_00, pledged=40_00) == 240_00
    assert of_savings(100_00, pledged=140_00) == 0
    assert of_savings(100_00, ceilings=[250_00]) == 250_00


@given(MINOR, st.decimals(0, 1, places=2), MINOR)
def test_leaves_the_rest_of_the_income_free(income, share, others):
    room = largest_instalment(income, share, other_instalments=others)
    assert room >= 0
    assert not room or room + others <= income * share


def test_knows_the_share_of_income_and_what_is_left_of_a_limit():
    assert repayment_share(300_00, 100_00) == D(1) / 3
    assert repayment_share(0, 1) is None
    assert (left(100, 30), left(100, 130)) == (70, 0)


@pytest.mark.parametrize("ask", [lambda: of_savings(-1), lambda: of_deposits([1], D(-1)), lambda: left(1, -1),
                                 lambda: largest_instalment(1, D("1.1"))])  # fmt: skip
def test_refuses_amounts_below_nothing(ask):
    with pytest.raises(ValueError):
        ask()
