"""An alert joins the one open case of its subject, opens it, waits for a person, or is closed with a reason."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.compliance import rules
from apps.compliance.errors import ReasonNeeded
from apps.compliance.events import AlertRaised, CaseOpened
from apps.compliance.models import (
    LIVE,
    AlertStatus,
    Case,
    CaseEntry,
    EntryKind,
    Source,
    SuspiciousActivityAlert,
)
from apps.compliance.policies import require_may_know
from apps.compliance.states import ALERT
from apps.kernel import events
from apps.kernel.errors import Conflict, NotFound
from apps.users.models import User
from apps.users.queries import system_user


@transaction.atomic
def raise_alert(
    *, source: str, subject_id: int | None, key: str, facts: dict[str, object], amount_minor: int = 0, at: datetime
) -> SuspiciousActivityAlert | None:
    """What another watcher saw, once for what `key` names; None when it was told before. It joins or opens a case."""
    alert, is_new = SuspiciousActivityAlert.objects.get_or_create(
        code=source,
        rule=None,
        subject_id=subject_id,
        key=key,
        defaults={
            "source": source, "first_at": at, "last_at": at, "facts": facts, "raised_at": at,
            "severity": rules.SEVERITY[source], "amount_minor": amount_minor,
        },
    )  # fmt: skip
    if not is_new:
        return None
    arrive(alert, at=at)
    return alert


@transaction.atomic
def arrive(alert: SuspiciousActivityAlert, *, at: datetime) -> Case | None:
    """A new alert joins its subject's open case; one that weighs more than little opens it. None: it waits."""
    events.publish(AlertRaised(alert_id=alert.pk))
    case = open_case_of(alert.subject_id)
    if case is None and alert.severity == "LOW":
        return None
    case = case or _open_case(alert.subject_id, at=at)
    _join(alert, case, by=system_user(), at=at)
    return case


def open_case_of(subject_id: int | None) -> Case | None:
    """The one case of a subject that is worked on, locked until the transaction ends."""
    rows = Case.objects.select_for_update().filter(status__in=LIVE)
    return rows.filter(subject_id=subject_id).first() if subject_id else rows.filter(subject=None).first()


@transaction.atomic
def merge(*, alerts: Sequence[SuspiciousActivityAlert], by: User, at: datetime) -> Case:
    """Put alerts of one subject into its case, opened if there is none. Raises NotFound, Conflict, IllegalMove."""
    require_may_know(by)
    subjects = {alert.subject_id for alert in alerts}
    if not alerts or not all(_is_there_for(by, alert) for alert in alerts):
        raise NotFound(_("There is nothing here."))
    if len(subjects) > 1:
        raise Conflict(_("These alerts are about different customers: a case has one. Nothing was merged."))
    subject = subjects.pop()
    case = open_case_of(subject) or _open_case(subject, at=at)
    for alert in alerts:
        _join(alert, case, by=by, at=at)
    audit_trail.record("compliance.alerts.merged", on=case, by=by, at=at, after={"alerts": len(alerts)})
    return case


@transaction.atomic
def close_alert(*, alert: SuspiciousActivityAlert, reason: str, by: User, at: datetime) -> None:
    """Say that an alert that is in no case means nothing. Raises NotFound, ReasonNeeded, IllegalMove."""
    require_may_know(by)
    if not _is_there_for(by, alert):
        raise NotFound(_("There is nothing here."))
    if not reason.strip():
        raise ReasonNeeded(_("Say why: the record of this decision is read later."))
    if alert.status == AlertStatus.GROUPED:
        raise Conflict(_("It is part of a case: decide on the case. Nothing was changed."))
    ALERT.make(alert, AlertStatus.CLOSED, closed_by=by, closed_at=at, closed_because=reason.strip()[:500])
    audit_trail.record("compliance.alert.closed", on=alert, by=by, at=at, reason=reason)


def _is_there_for(by: User, alert: SuspiciousActivityAlert) -> bool:
    return SuspiciousActivityAlert.objects.not_about(by.pk).filter(pk=alert.pk).exists()


def _open_case(subject_id: int | None, *, at: datetime) -> Case:
    """A case for who has none; when another opened it in this very moment, that one."""
    try:
        with transaction.atomic():
            case = Case.objects.create(reference=f"new-{subject_id or 0}", subject_id=subject_id, severity="LOW",
                                       opened_at=at)  # fmt: skip
    except IntegrityError:
        found = open_case_of(subject_id)
        if found is None:
            raise
        return found
    case.reference = f"KB-{at:%Y}-{case.pk:04d}"
    Case.objects.filter(pk=case.pk).update(reference=case.reference)
    CaseEntry.objects.create(case=case, kind=EntryKind.OPENED, by=system_user(), at=at)
    audit_trail.record("compliance.case.opened", on=case, by=system_user(), at=at)
    events.publish(CaseOpened(case_id=case.pk))
    return case


def _join(alert: SuspiciousActivityAlert, case: Case, *, by: User, at: datetime) -> None:
    ALERT.make(alert, AlertStatus.GROUPED, case=case)
    worse = max(case.severity, alert.severity, key=rules.LEVELS.index)
    if worse != case.severity:
        case.severity = worse
        Case.objects.filter(pk=case.pk).update(severity=worse)
    label = alert.rule.__str__() if alert.rule else Source(alert.source).value
    CaseEntry.objects.create(case=case, kind=EntryKind.ALERT, text=label, by=by, at=at)
