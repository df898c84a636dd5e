"""The demo's books: each month is a period, closed once its taxes are paid; one is asked to be opened again."""

from datetime import datetime, timedelta

from apps.kernel.clock import day_start, local_date, month_bounds
from apps.ledger import operations as ledger
from apps.portals.demo.taxes import months_before
from apps.users.models import User

OPEN_MONTHS = 2  # last month, whose taxes are not paid, and this one
CLOSING = timedelta(days=9, hours=15)  # after a month is over


def close_the_months(*, accountant: User, end: datetime) -> int:
    """Declare and close each; how many are closed. Nothing may be booked for their days afterwards."""
    firsts = [*months_before(end), local_date(end).replace(day=1)]
    periods = [
        ledger.open_period(
            name=f"{first:%Y-%m}", first_on=first, last_on=month_bounds(first)[1], by=accountant, at=day_start(first)
        )
        for first in firsts
    ]
    over = periods[:-OPEN_MONTHS]
    for period in over:
        at = day_start(period.last_on + timedelta(days=1)) + CLOSING
        ledger.close_period(period=period, by=accountant, at=at)
    ledger.ask_reopening(
        period=over[-1],
        reason="The auditors move a bill for electricity to the month it was for",
        by=accountant,
        at=end - timedelta(hours=3),
    )
    return len(over)
