"""What payments do at the end of the bank's day."""

from datetime import date, datetime

from apps.ledger import eod
from apps.payments import operations


def _revalue(day: date, at: datetime) -> str:
    rows = operations.revalue_positions(day=day, at=at)
    home = sum(row.gain_minor for row in rows)
    return f"{len(rows)} positions revalued, {home:+d} minor units"


def _pay_out(day: date, at: datetime) -> str:
    paid = operations.pay_out_merchants(day=day, at=at)
    left = f", {paid.left} wait for an open account" if paid.left else ""
    return f"{paid.shops} shops paid out, {paid.minor} minor units{left}"


def register() -> None:
    """Shops are paid what they took; then positions at closing rates, before the day is rolled up."""
    eod.register(eod.Step(name="payments.pay_out_merchants", order=250, run=_pay_out))
    eod.register(eod.Step(name="payments.revalue_positions", order=500, run=_revalue))
