"""The plan of a loan: what is true of every schedule, and what closed formulas say of some."""

from datetime import date
from decimal import Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.lending import rules
from apps.lending.rules import Amortisation, BadTerms, Calculation, DayCount, LoanTerms, Method, Rounding, Unit
from apps.lending.rules.calendar import days_by_year, due_date
from apps.lending.tests import loans
from apps.lending.tests.loans import sound

D = Decimal
MANY = settings(max_examples=150, deadline=None)


@MANY
@given(loans.terms())
def test_adds_up_to_the_cent_whatever_the_terms(terms):
    sound(rules.plan(terms))


@MANY
@given(loans.with_tranches())
def test_adds_up_when_money_goes_out_in_parts(terms):
    sound(rules.plan(terms))


@MANY
@given(loans.terms())
def test_replays_nothing_as_the_plan(terms):
    assert rules.replay(terms) == rules.plan(terms)


# ---- against formulas and engines of others ----


@given(
    loans.amounts("10", "1000000"),
    st.decimals(D("0.1"), 60, places=2),
    st.integers(1, 120),
)
def test_sizes_the_instalment_as_the_closed_formula_does(principal, rate, periods):
    terms = LoanTerms(principal=principal, disbursed=date(2026, 1, 31), periods=periods, annual_rate_pct=rate)
    with localcontext(prec=60):
        i = rate / 1200
        exact = principal * i / (1 - (1 + i) ** -periods)
    assert rules.plan(terms).first_instalment == exact.quantize(D("0.01"))


@given(loans.amounts("1000", "1000000"), st.decimals(1, 40, places=1), st.integers(2, 60))
def test_agrees_with_a_loop_written_apart(principal, rate, periods):
    terms = LoanTerms(
        principal=principal,
        disbursed=date(2023, 12, 31),
        periods=periods,
        annual_rate_pct=rate,
        interest_calculation=Calculation.DAILY,
        day_count=DayCount.ACTUAL_365,
        amortisation=Amortisation.EQUAL_PRINCIPAL,
        rounding=Rounding.HALF_UP,
    )
    share, balance, day = (principal / periods).quantize(D("0.01"), "ROUND_HALF_UP"), principal, date(2023, 12, 31)
    for row in rules.plan(terms).rows:
        interest = (balance * rate * (row.due - day).days / 36500).quantize(D("0.01"), "ROUND_HALF_UP")
        assert row.interest == interest
        assert row.principal == (share if row.n < periods else balance)
        balance, day = balance - row.principal, row.due


@given(loans.terms(interest_method=Method.FLAT, interest_calculation=Calculation.SAME_AS_PERIOD))
def test_charges_flat_interest_on_the_original_principal_to_the_end(terms):
    bearing = [row for row in rules.plan(terms).rows if row.bears == "segments"]
    assert all(segment.balance == terms.principal for row in bearing for segment in row.segments)


# ---- days ----


def test_brings_the_31st_back_after_a_short_month():
    terms = LoanTerms(principal=D(100), disbursed=date(2023, 12, 31), periods=6, annual_rate_pct=D(12))
    days = [row.due for row in rules.plan(terms).rows]
    assert days == [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30), date(2024, 5, 31),
                    date(2024, 6, 30)]  # fmt: skip


def test_keeps_the_29th_of_february_for_the_next_leap_year():
    every = rules.Every(1, Unit.YEAR)
    terms = LoanTerms(principal=D(100), disbursed=date(2024, 2, 29), periods=4, annual_rate_pct=D(0), repay_every=every)
    assert [row.due.isoformat() for row in rules.plan(terms).rows] == [
        "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29",
    ]  # fmt: skip


def test_counts_a_year_that_turns_by_the_days_of_each():
    assert days_by_year(date(2023, 12, 1), date(2024, 2, 1)) == (31, 31)
    assert days_by_year(date(2024, 12, 31), date(2025, 1, 1)) == (0, 1)
    assert days_by_year(date(2024, 1, 1), date(2025, 1, 1)) == (0, 366)
    assert days_by_year(date(2024, 3, 1), date(2024, 3, 1)) == (0, 0)


@given(loans.DAYS, loans.DAYS)
def test_loses_no_day_between_years(one, other):
    start, end = sorted((one, other))
    assert sum(days_by_year(start, end)) == (end - start).days


def test_bears_by_each_years_own_length():
    terms = LoanTerms(
        principal=D(100_000),
        disbursed=date(2023, 12, 1),
        periods=1,
        repay_every=rules.Every(2),
        annual_rate_pct=D(10),
        interest_calculation=Calculation.DAILY,
        day_count=DayCount.ACTUAL_ACTUAL,
    )
    expected = D(100_000) * (D(31) / 365 + D(31) / 366) / 10
    assert rules.plan(terms).totals.interest == expected.quantize(D("0.01"))


@given(loans.terms(interest_calculation=Calculation.DAILY))
def test_counts_due_dates_from_the_start_and_never_twice(terms):
    days = [due_date(terms, k) for k in range(terms.periods + 1)]
    assert days == sorted(set(days))


# ---- the ends of the range ----


@pytest.mark.parametrize("amortisation", Amortisation)
@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize(("periods", "principal", "rate"), [(1, "0.01", "0"), (360, "0.01", "30"), (360, "1e9", "0")])
def test_computes_the_least_the_longest_and_the_free(amortisation, method, periods, principal, rate):
    percent = D("0.1") if amortisation is Amortisation.FIXED_PRINCIPAL_PCT else None
    terms = LoanTerms(
        principal=D(principal),
        disbursed=date(2024, 2, 29),
        periods=periods,
        annual_rate_pct=D(rate),
        amortisation=amortisation,
        interest_method=method,
        principal_pct_per_period=percent,
    )
    schedule = rules.plan(terms)
    sound(schedule)
    assert len(schedule.rows) == periods
    assert rate != "0" or schedule.totals.interest == 0


# ---- refusals ----

GOOD = {"principal": D(100), "disbursed": date(2026, 1, 1), "periods": 3, "annual_rate_pct": D(12)}
REFUSED = [
    ({"principal": D(0)}, "bad_number"),
    ({"principal": D(-5)}, "bad_number"),
    ({"principal": D("NaN")}, "bad_number"),
    ({"principal": D("Infinity")}, "bad_number"),
    ({"principal": D("1e30")}, "bad_number"),
    ({"principal": 100.0}, "bad_number"),
    ({"principal": D("0.001")}, "too_fine"),
    ({"principal": None}, "missing"),
    ({"tranches": (rules.Draw(date(2026, 1, 1), D(5)),)}, "contradiction"),
    ({"periods": 0}, "bad_count"),
    ({"periods": True}, "bad_count"),
    ({"periods": 4001}, "bad_count"),
    ({"periods": None}, "missing"),
    ({"fixed_instalment": D(40)}, "contradiction"),
    ({"annual_rate_pct": None}, "missing"),
    ({"period_rate_pct": D(1)}, "contradiction"),
    ({"annual_rate_pct": D("1e7")}, "bad_number"),
    ({"annual_rate_pct": D(-1)}, "bad_number"),
    ({"interest_calculation": Calculation.DAILY}, "missing"),
    ({"disbursed": None, "first_due": date(2026, 2, 1)}, "missing"),
    ({"schedule_start": date(2026, 1, 2)}, "contradiction"),
    ({"first_due": date(2026, 1, 1)}, "contradiction"),
    ({"grace": rules.Grace(principal_periods=3)}, "contradiction"),
    ({"grace": rules.Grace(interest_deferred_periods=3)}, "contradiction"),
    ({"grace": rules.Grace(interest_free_periods=4)}, "contradiction"),
    ({"down_payment_pct": D(100)}, "bad_number"),
    ({"decimals": 19}, "bad_count"),
    ({"decimals": True}, "bad_count"),
    ({"repay_every": rules.Every(0)}, "bad_count"),
    ({"amortisation": Amortisation.FIXED_PRINCIPAL_PCT}, "missing"),
    ({"principal_pct_per_period": D(5)}, "contradiction"),
    ({"instalment_sizing": rules.Sizing.MONTH_30}, "contradiction"),
    ({"smoothing": True, "interest_method": Method.FLAT}, "contradiction"),
    ({"amount_multiple_of": D(0)}, "bad_number"),
    ({"instalment_multiple_of": D("0.001")}, "too_fine"),
]


@pytest.mark.parametrize(("change", "code"), REFUSED, ids=[f"{code}-{nth}" for nth, (_, code) in enumerate(REFUSED)])
def test_refuses_terms_that_cannot_be(change, code):
    rules.plan(LoanTerms(**GOOD))
    with pytest.raises(BadTerms) as refusal:
        LoanTerms(**{**GOOD, **change})
    assert refusal.value.code == code
    assert refusal.value.detail


def test_refuses_an_instalment_that_never_repays():
    terms = LoanTerms(**{**GOOD, "periods": None, "fixed_instalment": D(1)})
    with pytest.raises(BadTerms) as refusal:
        rules.plan(terms)
    assert refusal.value.code == "never_repaid"


def test_refuses_a_loan_beyond_the_calendar():
    terms = LoanTerms(**{**GOOD, "disbursed": date(9999, 12, 1)})
    with pytest.raises(BadTerms) as refusal:
        rules.plan(terms)
    assert refusal.value.code == "beyond_the_calendar"


def test_refuses_a_tranche_after_the_last_instalment():
    parts = (rules.Draw(date(2026, 1, 1), D(100)), rules.Draw(date(2026, 4, 1), D(100)))
    with pytest.raises(BadTerms) as refusal:
        rules.plan(LoanTerms(**{**GOOD, "principal": None, "disbursed": None, "tranches": parts}))
    assert refusal.value.code == "contradiction"
