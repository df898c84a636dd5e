"""What accounts do at the end of the bank's day."""

from datetime import date, datetime

from apps.accounts import operations
from apps.ledger import eod


def _statements(day: date, at: datetime) -> str:
    return f"{operations.make_month_statements(day=day, at=at)} statements made"


def _monthly_fees(day: date, at: datetime) -> str:
    charged, left = operations.charge_monthly_fees(day=day, at=at)
    return f"{charged} monthly fees charged, {left} accounts could not pay"


def register() -> None:
    """Monthly fees, then statements, once the month's last day has closed."""
    eod.register(eod.Step(name="accounts.monthly_fees", order=300, run=_monthly_fees))
    eod.register(eod.Step(name="accounts.month_statements", order=800, run=_statements))
