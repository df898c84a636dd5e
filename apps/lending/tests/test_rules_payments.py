"""What happens to a loan: payments, questions, the payoff, other terms."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from apps.lending import rules
from apps.lending.rules import BadTerms, Calculation, DayCount, Frequency, LoanTerms, Payoff, PayoffQuote, Repayment
from apps.lending.tests import loans
from apps.lending.tests.loans import sound

D = Decimal
MANY = settings(max_examples=150, deadline=None)
BY_DAY = rules.Recalculation(True, Frequency.DAILY)


def paid(events):
    return sum((one.amount for one in events if isinstance(one, Repayment)), D(0))


@MANY
@given(st.data())
def test_keeps_every_sum_whatever_is_paid_and_when(data):
    terms = data.draw(loans.recalculated())
    events, as_of = data.draw(loans.histories(terms))
    try:
        after = rules.replay(terms, events, as_of)
    except BadTerms as no:
        event(no.code)
        return
    sound(after)
    assert all(0 <= quote.interest <= quote.amount for quote in after.quotes)
    assert all(quote.amount >= 0 for quote in after.quotes)
    if any(isinstance(one, Payoff) for one in events):
        assert after.closes_when_paid == 0
    else:
        assert after.totals.paid == paid(events)


@MANY
@given(st.data())
def test_is_paid_off_by_what_the_quote_of_that_day_said(data):
    terms = data.draw(loans.recalculated())
    span = (rules.plan(terms).rows[-1].due - terms.disbursed).days
    on = terms.disbursed + timedelta(days=data.draw(st.integers(0, span)))
    events = [PayoffQuote(on), Payoff(on)]
    after = rules.replay(terms, events, as_of=on)
    sound(after)
    assert after.closes_when_paid == 0
    assert after.quotes[0].amount == after.totals.total


@MANY
@given(st.data())
def test_owes_the_same_principal_after_a_reschedule(data):
    terms = data.draw(loans.terms())
    due = data.draw(st.sampled_from([row.due for row in rules.plan(terms).rows if row.why != "down_payment"]))
    extra, grace = data.draw(st.integers(0, 3)), data.draw(st.integers(0, 3))
    rate = data.draw(st.none() | loans.amounts("0", "60"))
    assume(extra or grace or rate is not None)
    other = rules.Reschedule(from_due=due, extra_periods=extra, grace_principal_periods=grace, annual_rate_pct=rate)
    after = rules.replay(terms, [other])
    sound(after)
    assert after.periods == terms.periods + extra + grace
    before = [row for row in rules.plan(terms).rows if row.due < due]
    assert [row.total for row in after.rows[: len(before)]] == [row.total for row in before]


@MANY
@given(loans.recalculated(), st.integers(0, 800))
def test_stays_as_planned_when_every_instalment_is_paid_on_its_day(terms, days):
    before = rules.plan(terms)
    kept = [Repayment(row.due, row.total) for row in before.rows if row.total]
    after = rules.replay(terms, kept, as_of=terms.disbursed + timedelta(days=days))
    assert [row.total for row in after.rows] == [row.total for row in before.rows]
    assert after.closes_when_paid == 0


@MANY
@given(loans.recalculated(), st.integers(0, 800))
def test_charges_no_less_for_paying_nothing(terms, days):
    late = rules.replay(terms, as_of=terms.disbursed + timedelta(days=days))
    sound(late)
    assert late.totals.interest >= rules.plan(terms).totals.interest


# ---- told in figures ----

FIVE_THOUSAND = LoanTerms(
    principal=D(5000),
    disbursed=date(2022, 11, 1),
    periods=6,
    annual_rate_pct=D(12),
    interest_calculation=Calculation.DAILY,
    day_count=DayCount.ACTUAL_365,
    instalment_sizing=rules.Sizing.MONTH_30,
    instalment_multiple_of=D(1),
    interest_recalculation=BY_DAY,
)


def test_rounds_each_segment_of_a_late_period_before_adding():
    late = [Repayment(date(2022, 12, 5), D(862))]
    row = rules.replay(FIVE_THOUSAND, late, as_of=date(2022, 12, 5)).rows[1]
    assert [segment.interest for segment in row.segments] == [D("6.58"), D("37.17")]
    assert row.interest == D("43.75")


@pytest.mark.parametrize("as_of", [date(2022, 12, 5), date(2022, 12, 20), date(2023, 3, 1)])
def test_stops_late_interest_on_the_day_of_the_payment(as_of):
    late = [Repayment(date(2022, 12, 5), D(862)), Repayment(date(2023, 1, 1), D(862))]
    row = rules.replay(FIVE_THOUSAND, late, as_of=as_of).rows[1]
    assert row.interest == D("43.75")


def test_charges_no_late_interest_when_nothing_counts_as_overdue():
    late = [Repayment(date(2022, 12, 5), D(862))]
    assert rules.replay(FIVE_THOUSAND, late).rows[1].interest == rules.plan(FIVE_THOUSAND).rows[1].interest


def test_ignores_days_late_and_early_when_interest_is_not_worked_out_again():
    terms = replace(FIVE_THOUSAND, interest_recalculation=rules.Recalculation())
    events = [Repayment(date(2022, 11, 20), D(200)), Repayment(date(2022, 12, 5), D(662))]
    after = rules.replay(terms, events, as_of=date(2023, 1, 20))
    assert [row.interest for row in after.rows] == [row.interest for row in rules.plan(terms).rows]
    assert after.rows[0].paid == D(862)


def test_pays_interest_before_principal_and_the_oldest_row_first():
    events = [Repayment(date(2022, 12, 1), D(30)), Repayment(date(2023, 1, 5), D(900))]
    first, second, *_ = rules.replay(FIVE_THOUSAND, events, as_of=date(2023, 1, 5)).rows
    assert (first.paid_interest, first.paid_principal) == (D("49.32"), D("812.68"))
    assert (second.paid_interest, second.paid_principal) == (D("50.96"), D("17.04"))


def test_quotes_to_the_day_and_to_the_end_of_the_period():
    terms = replace(FIVE_THOUSAND, instalment_multiple_of=None)
    day = date(2022, 11, 11)
    ask = [PayoffQuote(day), PayoffQuote(day, rules.InterestTo.PERIOD_END)]
    short, whole = rules.replay(terms, ask).quotes
    assert (short.amount, short.interest) == (D("5016.44"), D("16.44"))
    assert (whole.amount, whole.interest) == (D("5049.32"), D("49.32"))


def test_refuses_more_than_is_owed():
    with pytest.raises(BadTerms) as refusal:
        rules.replay(FIVE_THOUSAND, [Repayment(date(2022, 12, 1), D(9000))])
    assert refusal.value.code == "more_than_owed"


def test_takes_a_payment_that_clears_the_loan_with_the_interest_so_far():
    events = [Repayment(date(2022, 11, 11), D("5016.44"))]
    after = rules.replay(FIVE_THOUSAND, events, as_of=date(2022, 11, 11))
    assert after.closes_when_paid == 0
    assert after.totals.interest == D("16.44")


IMPOSSIBLE = [
    ([Repayment(date(2022, 12, 1), D(0))], "bad_number"),
    ([Repayment(date(2022, 12, 1), D("0.001"))], "too_fine"),
    ([Repayment(date(2022, 10, 1), D(5))], "disorder"),
    ([Repayment(date(2022, 12, 2), D(5)), Repayment(date(2022, 12, 1), D(5))], "disorder"),
    ([Payoff(date(2022, 12, 1)), Repayment(date(2022, 12, 2), D(5))], "paid_off"),
    ([Payoff(date(2022, 12, 1)), Payoff(date(2022, 12, 2))], "paid_off"),
    ([rules.Reschedule(from_due=date(2022, 12, 2), extra_periods=1)], "contradiction"),
    ([rules.Reschedule(from_due=date(2022, 12, 1))], "missing"),
    ([rules.Reschedule(from_due=date(2022, 12, 1), extra_periods=-1)], "bad_count"),
    ([rules.Reschedule(from_due=date(2022, 12, 1), extra_periods=4000)], "bad_count"),
    ([rules.Reschedule(from_due=date(2022, 12, 1), annual_rate_pct=D(-1))], "bad_number"),
]


@pytest.mark.parametrize(("events", "code"), IMPOSSIBLE, ids=[f"{code}-{n}" for n, (_, code) in enumerate(IMPOSSIBLE)])
def test_refuses_events_that_cannot_have_happened(events, code):
    with pytest.raises(BadTerms) as refusal:
        rules.replay(FIVE_THOUSAND, events)
    assert refusal.value.code == code


def test_refuses_events_of_a_loan_without_dates():
    terms = LoanTerms(principal=D(100), periods=2, annual_rate_pct=D(1))
    with pytest.raises(BadTerms):
        rules.replay(terms, [Repayment(date(2022, 12, 1), D(5))])
