"""Telling borrowers what falls due: three days and one day before, and on the day."""

from datetime import date, datetime, timedelta

from django.utils.formats import date_format

from apps.kernel.clock import local_date
from apps.lending.models import Instalment, LoanStatus
from apps.notifications import operations as notifications

DAYS_BEFORE = (3, 1, 0)
AT_ONCE = 500


def remind(*, at: datetime) -> int:
    """One message for each instalment and day of the ladder; told again, nobody hears it twice. Returns how many."""
    today = local_date(at)
    return sum(_remind(today + timedelta(days=days), days, at) for days in DAYS_BEFORE)


def _remind(due_on: date, days: int, at: datetime) -> int:
    rows = Instalment.objects.current().filter(due_on=due_on, settled_on=None, loan__status=LoanStatus.ACTIVE)
    told = 0
    for row in rows.select_related("loan__borrower").order_by("pk").iterator(AT_ONCE):
        loan = row.loan
        context = {"reference": loan.reference, "amount": str(row.left), "due_on": date_format(due_on)}
        key = f"loan/{loan.pk}/due/{due_on}/{days}"
        notifications.send("lending.due_soon", to=loan.borrower, context=context, at=at, key=key)
        told += 1
    return told
