"""Explanations: working out what they state again, apart from the engine, gives the cell."""

from decimal import ROUND_CEILING, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.lending import rules
from apps.lending.rules.explain import Cell, Explanation, explain
from apps.lending.tests import loans

MODES = {"half_even": ROUND_HALF_EVEN, "half_up": ROUND_HALF_UP, "up": ROUND_CEILING}
MANY = settings(max_examples=150, deadline=None)


def rounded(exact: Fraction, numbers):
    """An exact fraction, at the unit and in the mode that the explanation states."""
    steps = exact / Fraction(numbers["unit"])
    with localcontext(prec=80):
        quotient = Decimal(steps.numerator) / Decimal(steps.denominator)
        return quotient.quantize(Decimal(1), rounding=MODES[numbers["rounding"]]) * numbers["unit"]


def borne(numbers):
    """balance x rate x time, as stated."""
    part = Fraction(numbers.get("part_days", 1), numbers.get("part_of", 1)) + numbers.get("more_periods", 0)
    time = Fraction(numbers["times"], numbers["of"])
    if "days_of_365" in numbers:
        assert time == Fraction(numbers["days_of_365"], 365) + Fraction(numbers["days_of_366"], 366)
    rate = Fraction(numbers["rate_pct"]) * numbers.get("rate_times", 1) / numbers.get("rate_of", 1)
    return Fraction(numbers["balance"]) * rate / 100 * time * part


def again(told: Explanation):
    """The figure, worked out from what the explanation states and from nothing else."""
    said = told.numbers
    kind, _, code = told.code.partition(".")
    if kind == "interest":
        return interest(told, code)
    return {
        "days.between": lambda: (said["due"] - said["start"]).days,
        "total.sum": lambda: said["principal"] + said["interest"] + said["fees"],
        "balance.left": lambda: said["opening"] - said["principal"],
        "balance.drawn": lambda: said["opening"] + said["drawn"] - said["principal"],
        "principal.down_payment": lambda: min(
            rounded(Fraction(said["percent"] * said["lent"]) / 100, said), said["lent"]
        ),
        "principal.grace": lambda: 0,
        "principal.put_off": lambda: 0,
        "principal.covered": lambda: 0,
        "principal.instalment": lambda: said["instalment"] - said["accrued"],
        "principal.share": lambda: rounded(Fraction(said["owed"]) / said["rows"], said),
        "principal.percent": lambda: rounded(Fraction(said["percent"] * said["lent"]) / 100, said),
        "principal.last": lambda: said["owed"],
        "principal.cleared": lambda: said["owed"],
        "principal.ahead": lambda: said["early"],
        "principal.beyond": lambda: said["owed"] + said["beyond"],
        "principal.settled": lambda: said["instalment"],
    }[told.code]()


def interest(told, code):
    """The figure of an interest cell, from its parts."""
    said = told.numbers
    if code in ("free", "down_payment", "nothing_owed"):
        return 0
    if code == "put_off":
        assert again(told.parts[0]) == said["accrued"]
        return 0
    if code == "with_put_off":
        assert again(told.parts[0]) == said["accrued"]
        return said["accrued"] + said["brought"]
    if code == "segments":
        assert all(again(part) == part.value for part in told.parts)
        return sum(part.value for part in told.parts)
    if code.startswith("share"):
        assert rounded(sum(borne(part.numbers) for part in told.parts), said) == said["total"]
        if code == "share":
            return rounded(Fraction(said["total"]) / said["rows"], said)
        if code == "share_left":
            return said["total"] - said["before"]
        return rounded(Fraction(said["amount"]) * said["part_days"] / said["part_of"], said)
    return rounded(borne(said), said)


def all_told(schedule):
    for n, row in enumerate(schedule.rows, 1):
        for cell in Cell:
            told = explain(schedule, n, cell)
            assert told.value == getattr(row, cell)
            assert again(told) == told.value, (n, cell, told)


@MANY
@given(loans.terms())
def test_states_the_numbers_that_give_the_cell(terms):
    all_told(rules.plan(terms))


@MANY
@given(loans.with_tranches())
def test_states_them_when_money_goes_out_in_parts(terms):
    all_told(rules.plan(terms))


@MANY
@given(st.data())
def test_states_them_after_anything_that_happened(data):
    terms = data.draw(loans.recalculated())
    events, as_of = data.draw(loans.histories(terms))
    try:
        after = rules.replay(terms, events, as_of)
    except rules.BadTerms:
        return
    all_told(after)


@pytest.mark.parametrize("method", rules.Method)
@pytest.mark.parametrize("day_count", rules.DayCount)
@pytest.mark.parametrize("calculation", rules.Calculation)
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_states_them_for_every_method_and_day_count(method, day_count, calculation, data):
    given_ = {"interest_method": method, "day_count": day_count, "interest_calculation": calculation}
    terms = data.draw(loans.terms(**given_, instalment_sizing=rules.Sizing.PERIOD_DAYS))
    rate = {"annual_rate_pct": None, "period_rate_pct": terms.annual_rate_pct} if data.draw(st.booleans()) else {}
    said = {name: getattr(terms, name) for name in terms.__dataclass_fields__ if name not in loans.WORKED_OUT}
    all_told(rules.plan(rules.LoanTerms(**{**said, **rate})))


def test_tells_the_days_of_a_loan_without_dates_as_unknown():
    terms = rules.LoanTerms(principal=Decimal(100), periods=2, annual_rate_pct=Decimal(12))
    told = explain(rules.plan(terms), 1, Cell.DAYS)
    assert (told.code, told.value) == ("days.undated", None)


@pytest.mark.parametrize("n", [0, 3])
def test_refuses_a_row_there_is_not(n):
    terms = rules.LoanTerms(principal=Decimal(100), periods=2, annual_rate_pct=Decimal(12))
    with pytest.raises(IndexError):
        explain(rules.plan(terms), n, Cell.TOTAL)
