"""Questions to the books: `from apps.ledger import queries as books`."""

from apps.ledger.queries.accounts import account_by_code, accounts_by_id, gl_tree
from apps.ledger.queries.balances import Balance, balance, balance_as_of, balances, balances_as_of
from apps.ledger.queries.calendar import Calendar, HolidayShown, calendar_of, holidays
from apps.ledger.queries.days import business_day, open_holds
from apps.ledger.queries.lines import Line, lines
from apps.ledger.queries.periods import Days, PeriodShown, next_days, over_before, period, periods, reopening_of
from apps.ledger.queries.statements import (
    BalanceSheet,
    IncomeStatement,
    StatementLine,
    TrialBalance,
    balance_sheet,
    income_statement,
    trial_balance,
)

__all__ = [
    "Balance",
    "BalanceSheet",
    "Calendar",
    "Days",
    "HolidayShown",
    "IncomeStatement",
    "Line",
    "PeriodShown",
    "StatementLine",
    "TrialBalance",
    "account_by_code",
    "accounts_by_id",
    "balance",
    "balance_as_of",
    "balance_sheet",
    "balances",
    "balances_as_of",
    "business_day",
    "calendar_of",
    "gl_tree",
    "holidays",
    "income_statement",
    "lines",
    "next_days",
    "open_holds",
    "over_before",
    "period",
    "periods",
    "reopening_of",
    "trial_balance",
]
