"""Loans for property tests: terms of every kind, and what may happen to them."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from apps.lending import rules
from apps.lending.rules import Amortisation, Calculation, DayCount, Frequency, LoanTerms, Method, Rounding, Sizing, Unit

DAYS = st.dates(date(2019, 1, 1), date(2028, 12, 31)) | st.sampled_from(
    [date(2024, 1, 31), date(2024, 2, 29), date(2023, 12, 31), date(2024, 8, 31), date(2023, 1, 30)]
)


def amounts(least="0.01", most="100000", places=2):
    """Amounts of money with so many places."""
    return st.decimals(Decimal(least), Decimal(most), places=places, allow_nan=False)


@st.composite
def terms(draw, most_rows=14, **given):
    """Terms that can be computed, of every method, day count, rounding, unit, grace and down payment."""
    put = {}
    rows = draw(st.integers(1, most_rows))
    put["repay_every"] = rules.Every(draw(st.integers(1, 3)), draw(st.sampled_from(Unit)))
    put["disbursed"] = start = draw(DAYS)
    put["periods"] = rows
    put["principal"] = draw(amounts())
    put["annual_rate_pct"] = draw(st.just(Decimal(0)) | amounts("0", "120", 4))
    put["interest_method"] = given.get("interest_method") or draw(st.sampled_from(Method))
    put["interest_calculation"] = calculation = given.get("interest_calculation") or draw(st.sampled_from(Calculation))
    put["day_count"] = draw(st.sampled_from(DayCount))
    put["amortisation"] = way = draw(st.sampled_from(Amortisation))
    put["rounding"] = draw(st.sampled_from(Rounding))
    put["amount_multiple_of"] = draw(st.sampled_from([None, None, None, Decimal("0.05"), Decimal(1), Decimal(100)]))
    put["instalment_multiple_of"] = draw(st.sampled_from([None, None, Decimal(1), Decimal(50)]))
    put["instalment_rounding"] = draw(st.none() | st.sampled_from(Rounding))
    grace = [draw(st.integers(0, rows - 1)) if draw(st.booleans()) else 0 for _ in range(3)]
    put["grace"] = rules.Grace(*grace)
    put["down_payment_pct"] = down = draw(st.sampled_from([Decimal(0), Decimal(0), Decimal(25), Decimal("33.33")]))
    if way is Amortisation.FIXED_PRINCIPAL_PCT:
        left = Decimal(100 - down) / max(rows - 1 - grace[0], 1)
        put["principal_pct_per_period"] = draw(st.decimals(0, min(left, 100), places=2)).quantize(Decimal(1))
        if put["principal_pct_per_period"] > left:
            put["principal_pct_per_period"] -= 1
    equal = way is Amortisation.EQUAL_INSTALMENTS and put["interest_method"] is Method.DECLINING
    put["smoothing"] = equal and draw(st.booleans())
    counted = put["day_count"] not in (DayCount.THIRTY_360, DayCount.ACTUAL_ACTUAL)
    if calculation is Calculation.DAILY and counted and draw(st.booleans()):
        put["instalment_sizing"] = Sizing.MONTH_30
    if put["repay_every"].unit is not Unit.DAY and draw(st.integers(0, 3)) == 0:
        put["schedule_start"] = start - timedelta(days=draw(st.integers(0, 5)))
    if draw(st.integers(0, 3)) == 0:
        put["first_due"] = start + timedelta(days=draw(st.integers(6, 70)))
    put.update(given)
    return LoanTerms(**put)


@st.composite
def with_tranches(draw):
    """Terms whose money goes out in several draws, on due dates too."""
    whole = draw(terms())
    plan = rules.plan(whole)
    days = [row.due for row in plan.rows[:-1]] + [whole.disbursed + timedelta(days=n) for n in (0, 3, 17, 40)]
    days = [day for day in days if whole.disbursed <= day < plan.rows[-1].due]
    chosen = sorted(draw(st.lists(st.sampled_from(days), max_size=4))) if days else []
    draws = [rules.Draw(whole.disbursed, whole.principal), *(rules.Draw(day, draw(amounts("1"))) for day in chosen)]
    said = {name: getattr(whole, name) for name in whole.__dataclass_fields__ if name not in WORKED_OUT}
    return LoanTerms(**{**said, "principal": None, "tranches": tuple(draws), "down_payment_pct": Decimal(0)})


WORKED_OUT = ("draws", "start", "cent", "unit")


@st.composite
def recalculated(draw):
    """Terms whose interest is worked out again as payments come early or late, or are not."""
    how = rules.Recalculation(draw(st.booleans()), draw(st.sampled_from(Frequency)))
    return draw(terms(interest_recalculation=how))


@st.composite
def histories(draw, whole):
    """Payments, questions and maybe the payoff, in date order, and a day to look at it all."""
    span = (rules.plan(whole).rows[-1].due - whole.disbursed).days
    days = sorted(draw(st.lists(st.integers(0, span), max_size=6)))
    events = []
    for nth in days:
        on = whole.disbursed + timedelta(days=nth)
        kind = draw(st.sampled_from(["pay", "pay", "pay", "ask", "ask_end"]))
        if kind == "pay":
            part = draw(st.sampled_from(["0.03", "0.1", "0.25", "0.6"]))
            events.append(rules.Repayment(on, max((whole.principal * Decimal(part)).quantize(whole.cent), whole.cent)))
        else:
            to = rules.InterestTo.PERIOD_END if kind == "ask_end" else rules.InterestTo.PAYOFF_DATE
            events.append(rules.PayoffQuote(on, to))
    if draw(st.booleans()):
        last = events[-1].on if events else whole.disbursed
        left = max(span - (last - whole.disbursed).days, 0)
        events.append(rules.Payoff(last + timedelta(days=draw(st.integers(0, left)))))
    as_of = draw(st.none() | st.integers(0, span + 30).map(lambda n: whole.disbursed + timedelta(days=n)))
    return events, as_of


def sound(schedule):
    """What must hold of any schedule, planned or after anything that happened."""
    lent = sum(one.amount for one in schedule.disbursements)
    balance = Decimal(0)
    for row in schedule.rows:
        assert row.opening == balance
        assert row.principal >= 0
        assert row.interest >= 0
        assert row.accrued >= 0
        assert all(segment.interest >= 0 and segment.balance > 0 for segment in row.segments)
        assert row.total == row.principal + row.interest + row.fees
        balance = row.opening + row.drawn - row.principal
        assert row.balance == balance + row.drawn_at_due
        assert balance >= 0
        assert 0 <= row.paid_principal <= row.principal
        assert 0 <= row.paid_interest <= row.interest
        assert row.principal == row.principal.quantize(schedule.terms.cent)
    assert balance == 0
    totals = schedule.totals
    assert totals.principal == lent == sum(row.principal for row in schedule.rows)
    assert totals.total == totals.principal + totals.interest == sum(row.total for row in schedule.rows)
    assert sum(row.accrued for row in schedule.rows) == totals.interest
    assert schedule.closes_when_paid == totals.total - totals.paid >= 0
