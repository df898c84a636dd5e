"""What accounts do at the end of the bank's day."""

from datetime import date, datetime

from apps.accounts import operations
from apps.ledger import eod


def _statements(day: date, at: datetime) -> str:
    return f"{operations.make_month_statements(day=day, at=at)} statements made"


def register() -> None:
    """Statements, once the month's last day has closed."""
    eod.register(eod.Step(name="accounts.month_statements", order=800, run=_statements))
