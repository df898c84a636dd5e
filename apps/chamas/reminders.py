"""Telling members what falls due, three days before."""

from datetime import datetime

from django.utils.formats import date_format

from apps.chamas.operations.cycles import due_in
from apps.kernel.money import Money
from apps.notifications import operations as notifications

DAYS_BEFORE = 3


def remind(*, at: datetime) -> int:
    """One message for each contribution; told again, nobody hears it twice. Returns how many."""
    rows = due_in(days=DAYS_BEFORE, at=at)
    for row in rows:
        context = {
            "group": row.group.name,
            "left": str(Money(row.open_minor, row.currency)),
            "due_on": date_format(row.due_on),
            "reference": row.member.reference,
        }
        key = f"chama/contribution/{row.pk}/due"
        notifications.send("chamas.due_soon", to=row.member.user, context=context, at=at, key=key)
    return len(rows)
