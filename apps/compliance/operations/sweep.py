"""The nightly look of all rules over the days that are over: each day once, in any number of tries."""

from datetime import date, datetime, timedelta

from django.db import transaction

from apps.compliance.detectors.look import can_see
from apps.compliance.models import Sweep
from apps.compliance.operations.look import look
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
