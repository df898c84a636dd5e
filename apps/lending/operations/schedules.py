"""Keeping a schedule: the version that counts from now on, the older ones as they were."""

from collections.abc import Sequence
from datetime import datetime

from apps.lending.models import Instalment, Loan, Schedule
from apps.lending.planning import Plan, PlannedRow
from apps.users.models import User


def keep(
    loan: Loan,
    plan: Plan | None,
    *,
    why: str,
    by: User,
    at: datetime,
    kept: Sequence[Instalment] = (),
    closing: Instalment | None = None,
    note: str = "",
) -> Schedule:
    """Make a new version the one that counts: the rows `kept` of the one before, a `closing` row, then `plan`.

    Under the caller's lock of the loan. Kept rows are copied with what was paid on them, so that a version reads as a
    whole; numbers go on after them.
    """
    version = Schedule.objects.filter(loan=loan).count() + 1
    inputs = plan.inputs if plan else {"kind": "closed"}
    schedule = Schedule.objects.create(
        loan=loan, version=version, why=why, note=note[:200], terms=inputs, made_by=by, made_at=at
    )
    Instalment.objects.filter(loan=loan, is_current=True).update(is_current=False)
    rows = [_copy(row, schedule) for row in kept]
    if closing:
        closing.schedule, closing.number = schedule, len(rows) + 1
        rows.append(closing)
    rows += [_row(loan, schedule, row, len(rows)) for row in plan.rows] if plan else []
    Instalment.objects.bulk_create(rows)
    future = [row for row in rows if row.settled_on is None]
    changes = {
        "version": version,
        "first_due_on": rows[0].due_on,
        "last_due_on": rows[-1].due_on,
        "oldest_due_on": future[0].due_on if future else None,
    }
    Loan.objects.filter(pk=loan.pk).update(**changes)
    for name, value in changes.items():
        setattr(loan, name, value)
    return schedule


def _row(loan: Loan, schedule: Schedule, row: PlannedRow, first: int) -> Instalment:
    return Instalment(
        loan=loan,
        schedule=schedule,
        number=first + row.number,
        starts_on=row.starts_on,
        due_on=row.due_on,
        currency=loan.currency,
        principal_minor=row.principal_minor,
        interest_minor=row.interest_minor,
        earned_minor=row.earned_minor,
        balance_minor=row.balance_minor,
    )


def _copy(row: Instalment, schedule: Schedule) -> Instalment:
    fields = {field.attname: getattr(row, field.attname) for field in Instalment._meta.concrete_fields}
    fields |= {"id": None, "schedule_id": schedule.pk, "is_current": True}
    return Instalment(**fields)
