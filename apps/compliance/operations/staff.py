"""Watching over staff: a day of the audit trail looked through, alerts raised once, closed by somebody else."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.compliance.detectors import staff as detectors
from apps.compliance.errors import ReasonNeeded
from apps.compliance.models import StaffAlert, StaffRule
from apps.compliance.policies import require_may_know
from apps.kernel.clock import local_date
from apps.kernel.errors import Conflict, NotFound
from apps.users.models import User
from apps.users.queries import system_user


@transaction.atomic
def watch_staff(*, day: date, at: datetime) -> int:
    """Look through one day; what was raised before is brought up to date while nobody has closed it.

    Returns how many alerts are new.
    """
    return sum(_raise(found, day, at) for found in detectors.look(day))


def watch_staff_due(*, at: datetime) -> int:
    """Today so far, and yesterday to its end."""
    today = local_date(at)
    return sum(watch_staff(day=day, at=at) for day in (today - timedelta(days=1), today))


@transaction.atomic
def hear_of_glass(*, glass_id: int, staff_id: int, at: datetime) -> None:
    """Broken glass is an alert at once; several on a day are one."""
    row, is_new = StaffAlert.objects.get_or_create(
        rule=StaffRule.BROKEN_GLASS, staff_id=staff_id, day=local_date(at),
        defaults={"count": 1, "threshold": 1, "records": [f"glass/{glass_id}"], "raised_at": at},
    )  # fmt: skip
    if is_new:
        _told(row, at)
    elif f"glass/{glass_id}" not in row.records:
        again = [*row.records, f"glass/{glass_id}"]
        StaffAlert.objects.filter(pk=row.pk).update(count=len(again), records=again)


@transaction.atomic
def close_staff_alert(*, alert: StaffAlert, note: str, by: User, at: datetime) -> StaffAlert:
    """Say what came of it. Raises NotFound (also to whom it is about), ReasonNeeded, Conflict."""
    require_may_know(by)
    if alert.staff_id == by.pk:
        raise NotFound(_("There is nothing here."))
    if not note.strip():
        raise ReasonNeeded(_("Say why: the record of this decision is read later."))
    if not StaffAlert.objects.filter(pk=alert.pk, closed_at=None).update(
        closed_by=by, closed_at=at, note=note.strip()[:400]
    ):
        raise Conflict(_("Somebody has closed it already. Nothing was changed."))
    audit_trail.record("compliance.staff_alert.closed", on=alert, by=by, at=at, reason=note)
    alert.refresh_from_db()
    return alert


def _raise(found: detectors.Found, day: date, at: datetime) -> bool:
    facts = {"count": found.count, "threshold": found.threshold, "records": found.records}
    row, is_new = StaffAlert.objects.get_or_create(
        rule=found.rule, staff_id=found.staff_id, day=day, defaults=facts | {"raised_at": at}
    )
    if is_new:
        _told(row, at)
    elif row.closed_at is None:
        StaffAlert.objects.filter(pk=row.pk).update(**facts)
    return is_new


def _told(alert: StaffAlert, at: datetime) -> None:
    facts = {"rule": alert.rule, "staff": alert.staff_id, "count": alert.count}
    audit_trail.record("compliance.staff_alert.raised", on=alert, by=system_user(), at=at, after=facts)
