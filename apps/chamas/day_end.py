"""What groups do at the end of the bank's day."""

from datetime import date, datetime, timedelta

from apps.chamas import operations
from apps.ledger import eod


def _open_cycles(day: date, at: datetime) -> str:
    return operations.open_due(day=day + timedelta(days=1), at=at)


def register() -> None:
    """Cycles that begin tomorrow are open when tomorrow begins, with what was paid ahead in them."""
    eod.register(eod.Step(name="chamas.open_cycles", order=210, run=_open_cycles))
