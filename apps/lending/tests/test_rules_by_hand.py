"""Small loans worked out by hand, for what no published case shows."""

from dataclasses import fields
from datetime import date
from decimal import Decimal

import pytest

from apps.lending import rules
from apps.lending.rules import Amortisation, Calculation, DayCount, Draw, LoanTerms, Method, Rounding
from apps.lending.tests.loans import WORKED_OUT, sound

D = Decimal
START = date(2026, 1, 1)


def loan(**given):
    """1,000 at 12 % over three months, unless said otherwise."""
    usual = {"principal": D(1000), "disbursed": START, "periods": 3, "annual_rate_pct": D(12)}
    return LoanTerms(**{**usual, **given})


def column(schedule, name):
    sound(schedule)
    return [str(getattr(row, name)) for row in schedule.rows]


def test_pays_all_at_the_end_of_a_bullet():
    plan = rules.plan(loan(amortisation=Amortisation.BULLET))
    assert column(plan, "total") == ["0.00", "0.00", "1030.00"]
    assert column(plan, "balance") == ["1000.00", "1000.00", "0.00"]
    assert plan.instalment is None


def test_pays_interest_only_until_the_last():
    plan = rules.plan(loan(amortisation=Amortisation.INTEREST_ONLY))
    assert column(plan, "total") == ["10.00", "10.00", "1010.00"]


def test_pays_a_share_of_the_original_principal_and_the_rest_at_once():
    plan = rules.plan(loan(amortisation=Amortisation.FIXED_PRINCIPAL_PCT, principal_pct_per_period=D(5)))
    assert column(plan, "principal") == ["50.00", "50.00", "900.00"]
    assert column(plan, "interest") == ["10.00", "9.50", "9.00"]


def test_moves_deferred_interest_and_nothing_else():
    usual, deferred = rules.plan(loan()), rules.plan(loan(grace=rules.Grace(interest_deferred_periods=1)))
    assert column(deferred, "principal") == column(usual, "principal") == ["330.02", "333.32", "336.66"]
    assert column(usual, "interest") == ["10.00", "6.70", "3.37"]
    assert column(deferred, "interest") == ["0.00", "16.70", "3.37"]


def test_sizes_an_interest_free_period_at_nothing():
    plan = rules.plan(loan(grace=rules.Grace(interest_free_periods=1)))
    # x + x/1.01 + x/1.01^2 = 1000 at the start of period 2: x = 1000 / 2.970395...
    assert plan.instalment == D("336.66")
    assert column(plan, "interest") == ["0.00", "6.63", "3.33"]


def test_bears_interest_from_the_day_the_money_goes_out():
    plan = rules.plan(loan(schedule_start=date(2025, 12, 15), first_due=None))
    assert plan.rows[0].due == date(2026, 1, 15)
    assert plan.rows[0].interest == D("4.52")  # 1000 x 1% x 14/31
    assert plan.rows[0].days == 31
    assert abs(plan.rows[-1].total - plan.instalment) < D("0.03")


@pytest.mark.parametrize(("day_count", "interest"), [(None, "10.00"), (DayCount.ACTUAL_365, "10.00")])
def test_charges_a_whole_period_however_long_the_first(day_count, interest):
    plan = rules.plan(loan(first_due=date(2026, 2, 15), day_count=day_count))
    assert str(plan.rows[0].interest) == interest
    assert [row.due.day for row in plan.rows] == [15, 15, 15]


def test_counts_the_days_of_a_long_first_period_where_days_count():
    plan = rules.plan(
        loan(first_due=date(2026, 2, 15), interest_calculation=Calculation.DAILY, day_count=DayCount.ACTUAL_365)
    )
    assert plan.rows[0].interest == D("14.79")  # 1000 x 12% x 45/365
    assert abs(plan.rows[-1].total - plan.instalment) < D("0.03")


def test_multiplies_a_periods_rate_up_where_days_count():
    given = {"annual_rate_pct": None, "period_rate_pct": D(1)}
    plan = rules.plan(loan(**given, interest_calculation=Calculation.DAILY, day_count=DayCount.ACTUAL_365))
    assert plan.rows[0].interest == D("10.19")  # 1000 x 12% x 31/365


@pytest.mark.parametrize(
    ("unit", "day_count", "interest"),
    [("day", None, "0.33"), ("day", DayCount.ACTUAL_360, "0.33"), ("week", None, "2.31"), ("year", None, "120.00")],
)
def test_takes_the_rate_of_its_unit(unit, day_count, interest):
    plan = rules.plan(loan(repay_every=rules.Every(1, rules.Unit(unit)), day_count=day_count))
    assert str(plan.rows[0].interest) == interest


@pytest.mark.parametrize(
    ("mode", "shares", "interest"),
    [
        (Rounding.HALF_EVEN, ["333.33", "333.33", "333.34"], "10.02"),
        (Rounding.HALF_UP, ["333.33", "333.33", "333.34"], "10.03"),
        (Rounding.UP, ["333.34", "333.34", "333.32"], "10.03"),
    ],
)
def test_rounds_halves_as_agreed(mode, shares, interest):
    terms = loan(amortisation=Amortisation.EQUAL_PRINCIPAL, rounding=mode, annual_rate_pct=D("12.03"))
    plan = rules.plan(terms)
    assert column(plan, "principal") == shares
    assert str(plan.rows[0].interest) == interest  # 1000 x 12.03% / 12 = 10.025


def test_rounds_every_amount_to_a_coarser_unit():
    terms = loan(principal=D(100_000), decimals=0, amount_multiple_of=D(100))
    plan = rules.plan(terms)
    assert column(plan, "principal") == ["33000", "33300", "33700"]
    assert column(plan, "interest") == ["1000", "700", "300"]


def test_brings_the_last_instalment_closer_by_smoothing():
    given = {"principal": D(278), "periods": 11, "annual_rate_pct": D("30.55")}
    rough, smooth = rules.plan(loan(**given)), rules.plan(loan(**given, smoothing=True))
    assert (rough.instalment, rough.rows[-1].total) == (D("29.29"), D("29.35"))
    assert (smooth.instalment, smooth.rows[-1].total) == (D("29.30"), D("29.25"))
    sound(smooth)


def test_sizes_again_from_the_period_a_tranche_falls_in():
    parts = (Draw(START, D(1000)), Draw(date(2026, 2, 11), D(500)))
    plan = rules.plan(loan(principal=None, disbursed=None, tranches=parts))
    assert plan.rows[1].interest == D("9.91")  # 2.39 for 10 of 28 days on 669.98, 7.52 for 18 on 1169.98
    assert (plan.first_instalment, plan.rows[0].total) == (D("340.02"), D("340.02"))
    assert plan.rows[1].total == plan.instalment
    assert abs(plan.rows[2].total - plan.instalment) <= D("0.02")
    sound(plan)


def test_spreads_the_balance_over_rows_added():
    plan = rules.replay(
        loan(principal=D(3000), annual_rate_pct=D(0)),
        [rules.Reschedule(from_due=date(2026, 3, 1), extra_periods=2)],
    )
    assert column(plan, "principal") == ["1000.00", "500.00", "500.00", "500.00", "500.00"]


def test_shares_flat_interest_by_days_over_the_rows_left_when_the_rate_changes():
    terms = loan(interest_method=Method.FLAT, interest_calculation=Calculation.DAILY, day_count=DayCount.ACTUAL_365)
    assert column(rules.plan(terms), "interest") == ["9.86", "9.86", "9.87"]  # 1000 x 12% x 90/365 = 29.59
    event = rules.Reschedule(from_due=date(2026, 3, 1), annual_rate_pct=D(6))
    assert column(rules.replay(terms, [event]), "interest") == ["9.86", "4.85", "4.85"]  # 1000 x 6% x 59/365 = 9.70


def test_takes_a_down_payment_first():
    plan = rules.plan(loan(down_payment_pct=D(25)))
    assert column(plan, "principal")[0] == "250.00"
    assert (plan.rows[0].due, plan.rows[0].days, plan.periods, len(plan.rows)) == (START, 0, 3, 4)
    assert plan.rows[1].interest == D("7.50")
    assert plan.disbursements[0].balance == 1000


def test_finds_the_number_of_rows_of_a_given_instalment():
    plan = rules.plan(loan(periods=None, fixed_instalment=D(300)))
    assert column(plan, "total") == ["300.00", "300.00", "300.00", "122.48"]
    assert plan.periods == 4


def test_raises_the_row_and_sizes_again_when_more_is_paid_on_the_day():
    plan = rules.replay(loan(), [rules.Repayment(date(2026, 2, 1), D(500))])
    assert (plan.rows[0].principal, plan.rows[0].total) == (D("490.00"), D("500.00"))
    assert plan.instalment == D("258.83")  # 510 over two months at 1 %
    sound(plan)


def test_owes_nothing_before_the_money_goes_out():
    plan = rules.plan(loan(schedule_start=date(2025, 11, 15), periods=4))
    assert column(plan, "total")[0] == "0.00"
    assert plan.first_instalment == plan.instalment == plan.rows[1].total
    assert plan.rows[1].interest == D("4.52")


def test_keeps_the_instalments_of_a_loan_paid_off_with_its_down_payment():
    plan = rules.replay(loan(down_payment_pct=D(25)), [rules.Payoff(START)])
    assert column(plan, "total") == ["250.00", "255.02", "255.02", "239.96"]
    assert plan.closes_when_paid == 0
    assert plan.totals.interest == 0


def test_keeps_dates_out_of_a_loan_that_needs_none():
    plan = rules.plan(loan(disbursed=None))
    assert [(row.due, row.days) for row in plan.rows] == [(None, None)] * 3
    assert column(plan, "interest") == ["10.00", "6.70", "3.37"]


def test_keeps_the_names_of_the_published_fields():
    names = {field.name for field in fields(LoanTerms)} - set(WORKED_OUT)
    assert {"schedule_start", "instalment_sizing", "principal_pct_per_period"} < names
