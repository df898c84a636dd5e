"""The nightly look of all rules over the days that are over: each day once, in any number of tries."""

from datetime import date, datetime, timedelta
from itertools import islice

from django.db import transaction

from apps.compliance.detectors import seen
from apps.compliance.detectors.look import can_see
from apps.compliance.models import AmlRule, Source, SuspiciousActivityAlert, Sweep
from apps.compliance.operations.alert import arrive
from apps.compliance.operations.rule import in_force
from apps.kernel.clock import day_start, local_date

CATCHES_UP = 90  # days; a bank that was down for longer asks for a sweep by hand


def sweep_due(*, at: datetime) -> int:
    """Look at every day that is over and was not looked at; returns the alerts raised. Safe to stop and run again."""
    today = local_date(at)
    last = Sweep.objects.order_by("-on_date").values_list("on_date", flat=True).first()
    day = max(last + timedelta(days=1), today - timedelta(days=CATCHES_UP)) if last else today - timedelta(days=1)
    raised = 0
    while day < today:
        raised += sweep_day(day=day, at=at)
        day += timedelta(days=1)
    return raised


@transaction.atomic
def sweep_day(*, day: date, at: datetime) -> int:
    """Look at one day; returns the new alerts. A day that was looked at raises nothing again."""
    held = [rule for rule in in_force().values() if rule.is_active]
    raised = sum(
        look(rule=rule, since=day_start(day), until=day_start(day + timedelta(days=1)), at=at) for rule in held
    )
    blind = [rule.code for rule in held if not can_see(rule.code, rule.parameters, at=day_start(day))]
    Sweep.objects.bulk_create(
        [Sweep(on_date=day, raised=raised, not_asked=blind, finished_at=at)], ignore_conflicts=True
    )
    return raised


@transaction.atomic
def look(*, rule: AmlRule, since: datetime, until: datetime, at: datetime) -> int:
    """Ask one rule about a stretch of time and keep what is new; each new alert joins or opens a case."""
    sights = [
        SuspiciousActivityAlert(
            source=Source.RULE, rule=rule, code=rule.code, subject_id=one.subject_id, key=one.key,
            first_at=one.first_at, last_at=one.last_at, threshold=one.threshold, actual=one.actual, usual=one.usual,
            amount_minor=one.amount_minor, lines=one.lines, facts=one.facts, severity=rule.severity, raised_at=at,
        )
        for one in seen(rule.code, rule.parameters, since=since, until=until)
    ]  # fmt: skip
    known = {(row.subject_id, row.key) for row in SuspiciousActivityAlert.objects.filter(
        rule=rule, key__in={one.key for one in sights}).only("subject_id", "key")}  # fmt: skip
    fresh = (one for one in sights if (one.subject_id, one.key) not in known)
    raised = 0
    while batch := list(islice(fresh, 500)):
        # A sweep that runs beside this one may have kept the same sight: the constraint leaves one of the two.
        SuspiciousActivityAlert.objects.bulk_create(batch, ignore_conflicts=True)
        kept = SuspiciousActivityAlert.objects.filter(
            rule=rule, status="OPEN", case=None, raised_at=at,
            key__in={one.key for one in batch}, subject__in={one.subject_id for one in batch},
        )  # fmt: skip
        pairs = {(one.subject_id, one.key) for one in batch}
        for alert in kept.select_related("rule").order_by("pk"):
            if (alert.subject_id, alert.key) not in pairs:
                continue
            arrive(alert, at=at)
            raised += 1
    return raised
