"""Reminding staff with the right of returns, and of tax withheld within the month, that are due soon or late."""

from datetime import date, datetime, timedelta

from django.utils import translation

from apps.compliance.models import DueUnit, TaxDueRule, TaxKind, TaxReturn
from apps.compliance.operations.taxes.on_account import all_open
from apps.compliance.policies import FILE_TAXES, holders
from apps.kernel.clock import local_date
from apps.notifications import operations as notifications

SOON = timedelta(days=5)
TOMORROW = timedelta(days=1)


def remind_due(*, at: datetime) -> int:
    """Tell each of them of what is not done: five days before, the day before, and once when it is late.

    Returns how many wait; each message is sent once, however often this runs.
    """
    today = local_date(at)
    rows = TaxReturn.objects.exclude(status="PAID").filter(due_on__lte=today + SOON).select_related("computation")
    by_day = set(TaxDueRule.objects.filter(unit=DueUnit.WORKING_DAYS).values_list("kind", flat=True))
    waiting = [(f"{row.pk}", row.kind, row.first_on, row.due_on) for row in rows if not row.is_settled]
    waiting += [
        (f"{one.kind}/{one.amount.currency}/{one.since}", one.kind, one.since, one.due_on)
        for one in all_open()
        if one.kind in by_day and one.due_on <= today + SOON
    ]
    people = list(holders(FILE_TAXES)) if waiting else []
    for name, kind, month, due in waiting:
        for person in people:
            with translation.override(person.language):
                context = {"tax": str(TaxKind(kind).label), "month": f"{month:%m/%Y}", "day": f"{due:%d/%m/%Y}"}
            key = f"taxes/{name}/{_stage(due, today)}/{person.pk}"
            notifications.send("taxes.due", to=person, context=context, at=at, key=key)
    return len(waiting)


def _stage(due: date, today: date) -> str:
    left = due - today
    return "late" if left < timedelta() else "tomorrow" if left <= TOMORROW else "soon"
