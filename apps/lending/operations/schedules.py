"""Keeping a schedule: the version that counts from now on, the older ones as they were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from apps.lending.models import Instalment, Loan, Schedule
from apps.lending.planning import Plan, PlannedRow
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class Carried:
    """What is owed beside a new plan and is due with its first row (minor units). Interest below nothing was paid
    before: the plan asks for so much less.
    """

    interest: int = 0
    fee: int = 0
    penalty: int = 0

    @classmethod
    def over(cls, kept: Sequence[Instalment], left_out: Sequence[Instalment]) -> "Carried":
        """From rows that stay, the interest they earned and do not ask for; from rows left out, their charges."""
        return cls(
            interest=unasked_minor(kept),
            fee=sum(row.fee_minor - row.paid_fee_minor for row in left_out),
            penalty=sum(row.penalty_minor - row.paid_penalty_minor for row in left_out),
        )


NOTHING = Carried()


def unasked_minor(rows: Sequence[Instalment]) -> int:
    """Interest that rows earned and do not ask for themselves: put off to a later row; below nothing, paid ahead."""
    return sum(row.earned_minor - row.interest_minor for row in rows)


def paid_ahead(
    loan: Loan, left_out: Sequence[Instalment], *, since: date, on: date, earned_minor: int
) -> Instalment | None:
    """A settled row for what was paid on rows that a new version leaves out; none where nothing was."""
    paid = {kind: sum(getattr(row, f"paid_{kind}_minor") for row in left_out) for kind in _KINDS}
    if not any(paid.values()) and not earned_minor:
        return None
    asked = {f"{kind}_minor": minor for kind, minor in paid.items()}
    return Instalment(
        loan=loan,
        starts_on=min(since, on),
        due_on=on,
        currency=loan.currency,
        earned_minor=earned_minor,
        balance_minor=sum(row.principal_minor for row in left_out) - paid["principal"],
        settled_on=on,
        **asked,
        **{f"paid_{name}": minor for name, minor in asked.items()},
    )


_KINDS = ("principal", "interest", "fee", "penalty")


def keep(
    loan: Loan,
    plan: Plan | None,
    *,
    why: str,
    by: User,
    at: datetime,
    kept: Sequence[Instalment] = (),
    closing: Instalment | None = None,
    carried: Carried = NOTHING,
    note: str = "",
    terms: dict[str, Any] | None = None,
) -> Schedule:
    """Make a new version the one that counts: the rows `kept` of the one before, a `closing` row, then `plan`, with
    what is `carried` over due with its first row.

    Under the caller's lock of the loan. Kept rows are copied with what was paid on them, so that a version reads as a
    whole; numbers go on after them. `terms` are the engine's for rows that are all kept.
    """
    version = Schedule.objects.filter(loan=loan).count() + 1
    inputs = plan.inputs if plan else terms or {"kind": "closed"}
    schedule = Schedule.objects.create(
        loan=loan, version=version, why=why, note=note[:200], terms=inputs, made_by=by, made_at=at
    )
    Instalment.objects.filter(loan=loan, is_current=True).update(is_current=False)
    rows = [_copy(row, schedule) for row in kept]
    if closing:
        closing.schedule, closing.number = schedule, len(rows) + 1
        rows.append(closing)
    if plan:
        first = len(rows)
        rows += _carrying([_row(loan, schedule, row, first) for row in plan.rows], carried)
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


def _carrying(rows: list[Instalment], carried: Carried) -> list[Instalment]:
    left = carried.interest
    for row in rows:
        asked = row.interest_minor + left
        row.interest_minor, left = max(asked, 0), min(asked, 0)
    rows[0].fee_minor += carried.fee
    rows[0].penalty_minor += carried.penalty
    return rows


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
