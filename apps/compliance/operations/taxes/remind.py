"""Reminding staff with the right of returns that are due soon, or late."""

from datetime import datetime, timedelta

from django.utils import translation

from apps.compliance.models import TaxReturn
from apps.compliance.policies import FILE_TAXES, holders
from apps.kernel.clock import local_date
from apps.notifications import operations as notifications

SOON = timedelta(days=5)
TOMORROW = timedelta(days=1)


def remind_due(*, at: datetime) -> int:
    """Tell each of them of what is not done: five days before, the day before, and once when it is late.

    Returns how many returns wait; each message is sent once, however often this runs.
    """
    today = local_date(at)
    rows = TaxReturn.objects.exclude(status="PAID").filter(due_on__lte=today + SOON).select_related("computation")
    waiting = [row for row in rows.order_by("due_on", "pk") if not row.is_settled]
    people = list(holders(FILE_TAXES)) if waiting else []
    for row in waiting:
        left = row.due_on - today
        stage = "late" if left < timedelta() else "tomorrow" if left <= TOMORROW else "soon"
        for person in people:
            with translation.override(person.language):
                context = {"tax": row.get_kind_display(), "month": f"{row.first_on:%m/%Y}",
                           "day": f"{row.due_on:%d/%m/%Y}"}  # fmt: skip
            key = f"taxes/{row.pk}/{stage}/{person.pk}"
            notifications.send("taxes.due", to=person, context=context, at=at, key=key)
    return len(waiting)
