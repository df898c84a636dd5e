"""Yearly rates: the laws' equations hold at what is found, and others' solvers find the same."""

from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from apps.lending import rules
from apps.lending.rules import AprMethod, BadTerms, Flow, annual_percentage_rate
from apps.lending.rules.wire import answer
from apps.lending.tests import loans

D = Decimal
MANY = settings(max_examples=100, deadline=None)


@st.composite
def deals(draw, odd=False):
    """One to three advances and payments after them that come to more, or to less."""
    times = st.fractions(0, 30, max_denominator=12)
    odds = st.fractions(0, 1, max_denominator=60).filter(lambda f: f < 1) if odd else st.just(Fraction(0))
    whole = st.integers(1, 40).map(Fraction) if odd else times
    advances = [Flow(draw(loans.amounts("100", "10000")), Fraction(0))]
    at, spread = draw(whole), draw(odds)
    payments = [
        Flow(draw(loans.amounts("5", "5000")), at + nth + (0 if odd else Fraction(1, 4)), spread)
        for nth in range(draw(st.integers(1, 20)))
    ]
    short = advances[0].amount - sum(flow.amount for flow in payments)
    if short > 0:  # less than a tenth is lost, so that there is a rate
        payments.append(Flow((short + advances[0].amount / draw(st.integers(-20, 20).filter(bool))).quantize(D("0.01")),
                             payments[-1].time + 1, spread))  # fmt: skip
    return advances, [flow for flow in payments if flow.amount > 0]


def worth(flows, rate):
    """Present value by the equation in the law's text, in plain high precision."""
    total = D(0)
    for flow in flows:
        time = D(flow.time.numerator) / flow.time.denominator
        odd = D(flow.odd.numerator) / flow.odd.denominator
        total += flow.amount / ((1 + odd * rate) * (1 + rate) ** time)
    return total


@MANY
@given(deals(), st.just(AprMethod.EU))
def test_discounts_all_flows_to_nothing(deal, method):
    check_root(*deal, method, Fraction(1))


@MANY
@given(deals(odd=True))
def test_discounts_unit_periods_with_odd_days_to_nothing(deal):
    check_root(*deal, AprMethod.REG_Z, Fraction(12))


def check_root(advances, payments, method, a_year):
    found = annual_percentage_rate(advances, payments, method=method, unit_periods_per_year=a_year, decimals=14)
    with localcontext(prec=60):
        rate = found.apr_pct / 100 / (D(a_year.numerator) if method is AprMethod.REG_Z else 1)
        lent = worth(advances, rate)
        assume(rate > D("-0.9"))
        assert abs(lent - worth(payments, rate)) < lent * D("1e-9")


@MANY
@given(deals())
def test_finds_what_scipy_finds(deal):
    advances, payments = deal
    found = annual_percentage_rate(advances, payments, method=AprMethod.EU, decimals=8).apr_pct

    def gap(rate):
        flows = [(-1, flow) for flow in advances] + [(1, flow) for flow in payments]
        return sum(sign * float(flow.amount) * (1 + rate) ** -float(flow.time) for sign, flow in flows)

    assume(-50 < found < 10_000)
    assert float(found) == pytest.approx(brentq(gap, -0.6, 200, xtol=1e-13) * 100, abs=1e-5, rel=1e-6)


@given(st.decimals(D("0.5"), 80, places=2), st.integers(1, 60))
def test_finds_the_rate_of_a_loan_without_charges_by_regulation_z(rate, periods):
    terms = rules.LoanTerms(
        principal=D(1_000_000), disbursed=date(2026, 1, 1), periods=periods, annual_rate_pct=rate, decimals=8
    )
    payments = [Flow(row.total, Fraction(row.n)) for row in rules.plan(terms).rows]
    found = annual_percentage_rate(
        [Flow(D(1_000_000), Fraction(0))], payments, method=AprMethod.REG_Z, unit_periods_per_year=Fraction(12)
    )
    assert (found.method, found.apr_pct) == (AprMethod.REG_Z, rate.quantize(D("0.01")))


def test_compounds_in_the_eu_and_multiplies_in_the_us():
    lent, back = [Flow(D(1000), Fraction(0))], [Flow(D(1010), Fraction(1, 12))]
    assert annual_percentage_rate(lent, back, method=AprMethod.EU).apr_pct == D("12.68")
    back = [Flow(D(1010), Fraction(1))]
    found = annual_percentage_rate(lent, back, method=AprMethod.REG_Z, unit_periods_per_year=Fraction(12))
    assert found.apr_pct == D("12.00")


def test_prices_a_loan_of_one_day():
    lent, back = [Flow(D(100), Fraction(0))], [Flow(D(110), Fraction(1, 365))]
    found = annual_percentage_rate(lent, back, method=AprMethod.EU).apr_pct
    assert found == ((D("1.1") ** 365 - 1) * 100).quantize(D("0.01"))


def test_rounds_a_true_half_up():
    lent, back = [Flow(D(100000), Fraction(0))], [Flow(D("100005"), Fraction(1))]
    assert annual_percentage_rate(lent, back, method=AprMethod.EU).apr_pct == D("0.01")


@pytest.mark.parametrize(
    ("paid", "rate"), [("1000", "0.00"), ("900", "-10.00"), ("0.01", "-100.00"), ("1e9", "99999900.00")]
)
def test_finds_no_interest_losses_and_usury(paid, rate):
    lent, back = [Flow(D(1000), Fraction(0))], [Flow(D(paid), Fraction(1))]
    assert annual_percentage_rate(lent, back, method=AprMethod.EU).apr_pct == D(rate)


@pytest.mark.parametrize(
    ("advances", "payments", "code"),
    [
        ([], [Flow(D(1), Fraction(1))], "missing"),
        ([Flow(D(1), Fraction(0))], [], "missing"),
        ([Flow(D(0), Fraction(0))], [Flow(D(1), Fraction(1))], "bad_number"),
        ([Flow(D("NaN"), Fraction(0))], [Flow(D(1), Fraction(1))], "bad_number"),
        ([Flow(D(1), Fraction(-1))], [Flow(D(1), Fraction(1))], "bad_number"),
        ([Flow(D(1), Fraction(0))], [Flow(D(2), Fraction(0))], "no_rate"),
    ],
)
def test_refuses_deals_without_a_rate(advances, payments, code):
    with pytest.raises(BadTerms) as refusal:
        annual_percentage_rate(advances, payments, method=AprMethod.EU)
    assert refusal.value.code == code


APR = {
    "kind": "apr",
    "method": "eu",
    "advances": [{"amount": "1000", "at": {"days": 0}}],
    "payments": [{"amount": "600", "at": {"years": 1}, "count": 2, "every": {"years": 1}}],
}


def test_reads_every_unit_of_time():
    assert answer(APR)["apr_pct"] == "13.07"
    weeks = [{"amount": "1010", "at": {"weeks": 52}}]
    assert answer({**APR, "payments": weeks})["apr_pct"] == "1.00"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"method": "apy"}, "unknown_value"),
        ({"unit_periods_per_year": "12"}, "unknown_field"),
        ({"payments": [{"amount": "5", "at": {"days": 1, "weeks": 1}}]}, "bad_value"),
        ({"payments": [{"amount": "5", "at": {}}]}, "bad_value"),
        ({"payments": [{"amount": "5", "at": {"days": 1}, "count": 2}]}, "missing"),
        ({"payments": [{"amount": "5", "at": {"days": 1}, "count": 0}]}, "bad_count"),
        ({"payments": [{"amount": "5", "at": {"days": 1}, "count": True}]}, "bad_count"),
        ({"payments": [{"amount": "5", "at": {"periods": 1}}]}, "unknown_field"),
        ({"payments": [{"amount": 5.0, "at": {"days": 1}}]}, "bad_number"),
        ({"days_in_year": "0"}, "bad_number"),
        ({"days_in_year": "365/0"}, "bad_number"),
        ({"decimals": 99}, "bad_count"),
        ({"payments": []}, "missing"),
    ],
)
def test_refuses_what_it_does_not_know(change, code):
    with pytest.raises(BadTerms) as refusal:
        answer({**APR, **change})
    assert refusal.value.code == code
