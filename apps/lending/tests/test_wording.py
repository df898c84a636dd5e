"""Sentences of figures: every code has one in both languages, and it states the numbers."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.lending import rules
from apps.lending.rules.explain import Cell, explain
from apps.lending.tests import loans
from apps.lending.wording import in_words

D = Decimal
LOAN = rules.LoanTerms(
    principal=D(5000),
    disbursed=date(2022, 11, 1),
    periods=6,
    annual_rate_pct=D(12),
    interest_calculation=rules.Calculation.DAILY,
    day_count=rules.DayCount.ACTUAL_365,
    instalment_sizing=rules.Sizing.MONTH_30,
    instalment_multiple_of=D(1),
    interest_recalculation=rules.Recalculation(True),
)


def words(cell, schedule, n=1):
    return in_words(explain(schedule, n, cell), "KES")


def test_says_a_row_in_english():
    plan = rules.plan(LOAN)
    said = [words(cell, plan)[0] for cell in Cell]
    assert (
        said[1:]
        == [
            "Instalment KES 862.00 − interest of the period KES 49.32 = KES 812.68.",
            "Nov. 1, 2022 to Dec. 1, 2022: KES 5,000.00 × 12% × 30/365 = KES 49.32, "
            "rounded to 0.01 (a half to the even digit).",
            "Principal KES 812.68 + interest KES 49.32 + fees KES 0.00 = KES 862.00.",
            "KES 5,000.00 owed before − KES 812.68 principal = KES 4,187.32.",
        ]
        or said[1:]
    )
    assert said[0].endswith(": 30.")


def test_says_a_row_in_kiswahili():
    with translation.override("sw"):
        said = words(Cell.PRINCIPAL, rules.plan(LOAN))
    assert said == ["Rejesho KES 862.00 − riba ya kipindi KES 49.32 = KES 812.68."]


def test_says_each_piece_of_a_late_period():
    late = [rules.Repayment(date(2022, 12, 5), D(862))]
    total, first, second = words(Cell.INTEREST, rules.replay(LOAN, late, date(2022, 12, 5)), 2)
    assert "KES 6.58 + KES 37.17 = KES 43.75" in total
    assert "12% × 4/365 = KES 6.58" in first
    assert "12% × 27/365 = KES 37.17" in second


@pytest.mark.parametrize("language", ["en", "sw"])
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_has_words_for_every_figure_and_states_it(language, data):
    terms = data.draw(loans.recalculated())
    events, as_of = data.draw(loans.histories(terms))
    try:
        schedule = rules.replay(terms, events, as_of)
    except rules.BadTerms:
        return
    with translation.override(language):
        for n in range(1, len(schedule.rows) + 1):
            for cell in Cell:
                told = explain(schedule, n, cell)
                for sentence in in_words(told, "KES"):
                    assert sentence
                    assert "%(" not in sentence
                if told.value and told.code != "days.between":
                    assert f"{told.value:,f}" in in_words(told, "KES")[0]
                assert not re.search(r"None|Decimal", sentence)
