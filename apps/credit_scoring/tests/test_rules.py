"""Scales, factors, decisions, prices, limits and stress: arithmetic that can be checked by hand."""

import math
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.testing import kes
from apps.credit_scoring.rules import bureau, deciding, factors, pricing, scale, stress
from apps.credit_scoring.rules.factors import Reason
from apps.credit_scoring.rules.features import Features, from_payload

LINES = deciding.Lines(600, 450)
FIGURES = pricing.Price(*map(Decimal, ("0.08", "0.04", "0.03", "0.6", "0.13", "0.36")))
MADE = st.builds(
    Features,
    account_age_days=st.integers(0, 4000),
    average_balance_minor=st.integers(-(10**7), 10**9),
    minimum_balance_6m_minor=st.integers(-(10**7), 10**9),
    income_count_30d=st.integers(0, 40),
    money_in_90d_minor=st.integers(0, 10**9),
    money_out_90d_minor=st.integers(0, 10**9),
    income_regularity=st.one_of(st.none(), st.floats(0, 1)),
    existing_loans=st.integers(0, 9),
    active_loans=st.integers(0, 4),
    repayment_rate=st.one_of(st.none(), st.floats(0, 1)),
    missed_payments=st.integers(0, 12),
    worst_days_late=st.integers(0, 400),
    days_late_now=st.integers(0, 400),
    outstanding_minor=st.integers(0, 10**9),
    bureau_score=st.one_of(st.none(), st.integers(300, 850)),
    age=st.one_of(st.none(), st.integers(18, 90)),
    kyc_tier=st.sampled_from(["TIER_1", "TIER_2", "TIER_3"]),
)


@pytest.mark.parametrize(
    ("probability", "decision", "score", "risk"),
    [
        (0.1, 600, 630, "MEDIUM"),  # odds 9
        (1 / 19, 680, 674, "MEDIUM"),  # odds 18, twice as good: 80 points
        (1 / 5.5, 520, 586, "HIGH"),  # odds 4.5
        (0.0, 1000, 850, "LOW"),
        (1.0, 0, 300, "HIGH"),
        (0.0167, 817, 749, "MEDIUM"),
        (0.0165, 818, 750, "LOW"),
    ],
)
def test_publishes_one_probability_on_two_scales(probability, decision, score, risk):
    told = scale.published(probability)
    assert (told.decision_score, told.score, told.risk_level) == (decision, score, risk)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_riskier_customer_never_scores_higher(one, other):
    low, high = (scale.published(value) for value in sorted((one, other)))
    assert low.decision_score >= high.decision_score
    assert low.score >= high.score
    assert 0 <= high.decision_score <= 1000
    assert 300 <= high.score <= 850
    assert low.score == 300 + round(Decimal("0.55") * low.decision_score + Decimal("0.000001"))


@given(st.integers(0, 1000))
def test_points_and_odds_are_two_words_for_one_thing(decision):
    assert scale.decision_of(scale.log_odds_of(decision)) == decision
    assert scale.log_odds_of(decision + 80) - scale.log_odds_of(decision) == pytest.approx(math.log(2))


@given(MADE)
def test_five_factors_judge_anybody_and_say_why(seen):
    judged = factors.judge(seen)
    assert 0 < judged.probability < 1
    assert all(row.points and (row.direction == "UP") == (row.points > 0) for row in judged.reasons)
    assert [abs(row.points) for row in judged.reasons] == sorted((abs(r.points) for r in judged.reasons), reverse=True)
    assert from_payload(seen.payload()) == seen


@given(MADE)
def test_better_conduct_never_scores_worse(seen):
    before = factors.judge(seen).probability
    for better in (
        replace(seen, missed_payments=0),
        replace(seen, worst_days_late=0, days_late_now=0),
        replace(seen, average_balance_minor=seen.average_balance_minor + 10**6),
        replace(seen, account_age_days=seen.account_age_days + 100),
        replace(seen, income_count_30d=seen.income_count_30d + 1),
    ):
        assert factors.judge(better).probability <= before + 1e-12


def test_weights_that_are_not_a_hundred_are_refused():
    with pytest.raises(ValueError, match="100"):
        factors.judge(Features(), {**factors.WEIGHTS, "TENURE": Decimal(11)})


def test_a_stranger_is_referred_and_a_first_deposit_may_borrow_a_little():
    stranger = factors.judge(Features())
    assert 450 < stranger.without_age < 600
    saver = factors.judge(
        Features(
            average_balance_minor=400_00,
            minimum_balance_6m_minor=5_000_00,
            income_count_30d=1,
            money_in_90d_minor=5_000_00,
            deposits_90d=1,
        )
    )
    assert 600 < saver.without_age < 700


def ruled(score, *, without_age=None, loans=0, thin=False, against=("SAVINGS",)):
    told = [Reason("INCOME", "UP", 9), *(Reason(code, "DOWN", -9) for code in against)]
    return deciding.rule(
        decision_score=score,
        without_age=score if without_age is None else without_age,
        active_loans=loans,
        is_thin=thin,
        factors=told,
        lines=LINES,
    )


def test_a_machine_says_yes_only_above_the_line_and_to_one_loan():
    assert ruled(601).outcome == "APPROVED"
    assert ruled(600).outcome == "REFERRED"
    assert ruled(900, loans=1) == deciding.Ruling("REFERRED", ("ACTIVE_LOAN",))
    assert ruled(451).outcome == "REFERRED"
    assert ruled(450) == deciding.Ruling("REJECTED", ("SCORE_LOW", "SAVINGS.DOWN"))


def test_nobody_is_declined_for_being_unknown_or_for_their_age_alone():
    assert ruled(300, thin=True).outcome == "REFERRED"
    assert ruled(440, without_age=460, against=("AGE", "SAVINGS")).outcome == "REFERRED"
    assert ruled(440, against=("AGE",)).outcome == "REFERRED"
    assert ruled(440, against=()).outcome == "REFERRED"
    assert ruled(590, without_age=610, against=("AGE",)) == deciding.Ruling("REFERRED", ("AGE_ALONE_DOES_NOT_DECIDE",))
    assert ruled(440, without_age=449, against=("AGE", "SAVINGS")).outcome == "REJECTED"


@given(st.integers(0, 1000), st.integers(0, 40), st.integers(0, 3), st.booleans())
def test_every_ruling_has_a_reason_and_no_decline_rests_on_age(score, lost, loans, thin):
    ruling = ruled(score, without_age=min(score + lost, 1000), loans=loans, thin=thin, against=("AGE", "INCOME"))
    assert ruling.reasons
    if ruling.outcome == "REJECTED":
        assert min(score + lost, 1000) <= LINES.reject_upto
        assert not thin


def test_those_who_repay_pay_for_those_who_do_not():
    assert pricing.price(Decimal(0), FIGURES) == pricing.Rate(Decimal("0.1500"), Decimal("0.1500"), False)
    # (1.15 − 0.1 × 0.4) ÷ 0.9 − 1 = 0.23333…, up to the next quarter per cent
    assert pricing.price(Decimal("0.1"), FIGURES).rate == Decimal("0.2350")
    dear = pricing.price(Decimal("0.4"), FIGURES)
    assert (dear.rate, dear.is_capped) == (Decimal("0.3600"), True)
    cheap = pricing.price(Decimal(0), replace(FIGURES, margin=Decimal(0), floor_rate=Decimal("0.13")))
    assert cheap.rate == Decimal("0.1300")


@given(st.decimals(0, Decimal("0.99"), places=4), st.decimals(0, Decimal("0.99"), places=4))
def test_more_risk_is_never_cheaper(one, other):
    low, high = sorted((one, other))
    assert pricing.price(low, FIGURES).rate <= pricing.price(high, FIGURES).rate <= FIGURES.cap_rate


def test_a_limit_is_four_fifths_of_the_average_deposit_under_the_cap():
    def largest(deposit, cap="15000"):
        return pricing.largest_loan(deposit, share=Decimal("0.8"), first_loan=kes("2000"), cap=cap and kes(cap))

    assert largest(kes("5000")) == kes("4000")
    assert largest(kes("50000")) == kes("15000")
    assert largest(kes("50000"), cap=None) == kes("40000")
    assert largest(None) == kes("2000")
    assert largest(None, cap="1500") == kes("1500")


def test_nobody_is_listed_early_or_for_little():
    figures, day = bureau.Listing(30, kes("1000")), date(2026, 3, 1)
    assert bureau.why_not(kes("1000"), noticed_on=day, on=day + timedelta(days=99), figures=figures)
    assert bureau.why_not(kes("1000.01"), noticed_on=None, on=day, figures=figures) == "NOT_NOTICED"
    for days, why in ((29, "NOTICE_RUNS"), (30, None)):
        on = day + timedelta(days=days)
        assert bureau.why_not(kes("1000.01"), noticed_on=day, on=on, figures=figures) == why


def position(owed="100000", pd="0.05", late=0, **more):
    return stress.Position(
        owed=kes(owed),
        probability=Decimal(pd),
        loss_given_default=Decimal("0.6"),
        rate=Decimal("0.18"),
        days_late=late,
        **more,
    )


def test_provisions_follow_the_stage():
    assert stress.expected_loss(position()) == kes("3000")
    assert stress.expected_loss(position(late=31, months_left=24)) == kes("5850")  # 1 − 0.95² = 9.75 %
    assert stress.expected_loss(position(late=91)) == kes("60000")


def test_a_shock_costs_provisions_and_margin():
    book = [position(), position(reprices=True)]
    shock = stress.Shock(name="Drought", defaults_times=Decimal(2), rates_plus=Decimal("0.04"))
    told = stress.stress(book, shock, capital=kes("50000"))
    assert (told.provisions_before, told.provisions_after) == (kes("6000"), kes("12000"))
    assert told.margin_change == kes("-4000")  # the loan that reprices earns what its funding costs more
    assert told.capital_after == kes("40000")
    assert told.capital_ratio == Decimal("0.2000")
    assert told.loss == kes("10000")
    calm = stress.stress([], stress.Shock(name="Nothing"), capital=kes("1"))
    assert (calm.loss, calm.capital_ratio) == (kes("0"), None)


@given(st.decimals(1, 9, places=2), st.decimals(0, Decimal("0.4"), places=2), st.integers(0, 200))
def test_a_shock_never_frees_provisions(times, plus, late):
    shock = stress.Shock(name="x", defaults_times=times, loss_plus=plus)
    told = stress.stress([position(late=late)], shock, capital=kes("1000000"))
    assert told.provisions_before <= told.provisions_after <= told.owed
