"""What payments do at the end of the bank's day."""

from datetime import date, datetime

from apps.ledger import eod
from apps.payments import operations


def _revalue(day: date, at: datetime) -> str:
    rows = operations.revalue_positions(day=day, at=at)
    home = sum(row.gain_minor for row in rows)
    return f"{len(rows)} positions revalued, {home:+d} minor units"


def register() -> None:
    """Positions at closing rates, before the day is rolled up."""
    eod.register(eod.Step(name="payments.revalue_positions", order=500, run=_revalue))
