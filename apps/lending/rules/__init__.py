"""The arithmetic of loans: numbers in, numbers out; no ORM, no clock, no settings.

`plan(terms)` is a loan as agreed, `replay(terms, events, as_of)` after what happened, `annual_percentage_rate(...)` its
price; amounts are Decimals at the currency's places. `explain.explain(...)` says how a figure came about.
"""

from apps.lending.rules.apr import Apr, AprMethod, Flow, annual_percentage_rate, effective_annual
from apps.lending.rules.choices import (
    Amortisation,
    Calculation,
    DayCount,
    Frequency,
    Method,
    Prepayment,
    Sizing,
    Unit,
)
from apps.lending.rules.errors import BadTerms
from apps.lending.rules.events import Event, InterestTo, Payoff, PayoffQuote, Repayment, Reschedule
from apps.lending.rules.figures import Rounding
from apps.lending.rules.payments import plan, replay
from apps.lending.rules.schedule import Row, Schedule, Totals
from apps.lending.rules.terms import Draw, Every, Grace, LoanTerms, Recalculation

__all__ = [
    "Amortisation",
    "Apr",
    "AprMethod",
    "BadTerms",
    "Calculation",
    "DayCount",
    "Draw",
    "Event",
    "Every",
    "Flow",
    "Frequency",
    "Grace",
    "InterestTo",
    "LoanTerms",
    "Method",
    "Payoff",
    "PayoffQuote",
    "Prepayment",
    "Recalculation",
    "Repayment",
    "Reschedule",
    "Rounding",
    "Row",
    "Schedule",
    "Sizing",
    "Totals",
    "Unit",
    "annual_percentage_rate",
    "effective_annual",
    "plan",
    "replay",
]
