"""What borrowers who are late hear without anybody's doing: each rung of the ladder, promises due, what became of them.

Told in the morning job, never at the end of a day, which is at midnight; and only when messages are allowed. What a
Sunday or a holiday kept back is told on the next day that is open: only the newest rung, once.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format

from apps.kernel.clock import local_date
from apps.lending import contact
from apps.lending.models import (
    CaseStatus,
    CollectionCase,
    ContactedAs,
    ContactKind,
    Did,
    LoanStatus,
    Promise,
    PromiseStatus,
)
from apps.lending.operations.collections.log import lock_person, write
from apps.lending.operations.day.age import TELL_AT
from apps.notifications import operations as notifications
from apps.users.models import User
from apps.users.queries import system_user

AT_ONCE = 500
DECIDED = (PromiseStatus.KEPT, PromiseStatus.PARTLY_KEPT, PromiseStatus.BROKEN)


def tell_in_the_morning(*, at: datetime) -> dict[str, int]:
    """Everything that is to be told now; nothing outside the hours of messages. Told again, nobody hears it twice."""
    if not contact.is_open(ContactKind.MESSAGE, at):
        return {"reminded": 0, "promises_due": 0, "promises_decided": 0}
    return {
        "promises_decided": _decided(at),
        "promises_due": _due(at),
        "reminded": sum(_remind(pk, at) for pk in _rungs()),
    }


def _rungs() -> list[int]:
    """Open cases whose borrower has not heard of the rung the loan stands on, while no promise runs."""
    rung = Q()
    for days, beyond in zip(TELL_AT, (*TELL_AT[1:], 10**6), strict=True):
        rung |= Q(loan__days_past_due__gte=days, loan__days_past_due__lt=beyond, reminded_days__lt=days)
    running = Promise.objects.filter(status=PromiseStatus.OPEN).values("loan_id")
    rows = CollectionCase.objects.open().filter(rung, loan__status=LoanStatus.ACTIVE).exclude(loan_id__in=running)
    return list(rows.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _remind(pk: int, at: datetime) -> bool:
    person = User.objects.get(loans__cases=pk)
    lock_person(person)
    case = CollectionCase.objects.select_related("loan__borrower").select_for_update(of=("self",)).get(pk=pk)
    loan = case.loan
    days = max((one for one in TELL_AT if one <= loan.days_past_due), default=0)
    if case.status != CaseStatus.OPEN or case.reminded_days >= days or not loan.arrears_minor:
        return False
    if not contact.ways(person, at)[ContactKind.MESSAGE].is_allowed:
        return False
    case.reminded_days = days
    case.save(update_fields=["reminded_days"])
    facts: dict[str, Any] = {"days": loan.days_past_due, "amount": loan.arrears}
    write(case, Did.REMINDED, by=system_user(), at=at, contacted=person, contacted_as=ContactedAs.BORROWER, **facts)
    context = {"reference": loan.reference, "amount": str(loan.arrears), "days": str(loan.days_past_due)}
    key = f"loan/{loan.pk}/overdue/{loan.oldest_due_on}/{days}"
    notifications.send("lending.overdue", to=person, context=context, at=at, key=key)
    return True


def _due(at: datetime) -> int:
    """Promises for tomorrow and today."""
    today, told = local_date(at), 0
    rows = Promise.objects.select_related("loan__borrower").filter(
        status=PromiseStatus.OPEN, due_on__in=[today, today + timedelta(days=1)]
    )
    for row in rows.order_by("pk").iterator(AT_ONCE):
        context = {"reference": row.loan.reference, "amount": str(row.amount), "due_on": date_format(row.due_on)}
        key = f"promise/{row.pk}/due/{today}"
        notifications.send("lending.promise_due", to=row.loan.borrower, context=context, at=at, key=key)
        told += 1
    return told


def _decided(at: datetime) -> int:
    """Kept: thank you. Broken or partly kept: what came in, and the way to go on."""
    rows = Promise.objects.select_related("loan__borrower").filter(status__in=DECIDED, told_at=None)
    told = 0
    for row in rows.order_by("pk").iterator(AT_ONCE):
        told += _tell(row, at)
    return told


@transaction.atomic
def _tell(row: Promise, at: datetime) -> int:
    if not Promise.objects.filter(pk=row.pk, told_at=None).update(told_at=at):
        return 0
    context = {"reference": row.loan.reference, "amount": str(row.amount)}
    text = "lending.promise_kept"
    if row.status != PromiseStatus.KEPT:
        text = "lending.promise_broken"
        context |= {"received": str(row.received), "due_on": date_format(row.due_on)}
    notifications.send(text, to=row.loan.borrower, context=context, at=at, key=f"promise/{row.pk}/decided")
    return 1
