"""What happens to a loan: payments, questions, the payoff, other terms."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from apps.lending import rules
from apps.lending.rules import BadTerms, Frequency, Payoff, PayoffQuote, Repayment
from apps.lending.tests import loans
from apps.lending.tests.loans import sound

D = Decimal
MANY = settings(max_examples=400, deadline=None)
BY_DAY = rules.Recalculation(True, Frequency.DAILY)


def paid(events):
    return sum((event.amount for event in events if isinstance(event, Repayment)), D(0))


@MANY
@given(st.data())
def test_keeps_every_sum_whatever_is_paid_and_when(data):
    terms = data.draw(loans.recalculated())
    events, as_of = data.draw(loans.histories(terms))
    try:
        after = rules.replay(terms, events, as_of)
    except BadTerms as no:
        assert no.code == "more_than_owed"
        assume(False)
    sound(after)
    assert all(0 <= quote.interest <= quote.amount or not quote.interest for quote in after.quotes)
    assert all(quote.amount >= 0 for quote in after.quotes)
    if any(isinstance(event, Payoff) for event in events):
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
    event = rules.Reschedule(from_due=due, extra_periods=extra, grace_principal_periods=grace, annual_rate_pct=rate)
    after = rules.replay(terms, [event])
    sound(after)
    assert after.periods == terms.periods + extra + grace
    before = [row for row in rules.plan(terms).rows if row.due < due]
    assert [row.total for row in after.rows[: len(before)]] == [row.total for row in before]
