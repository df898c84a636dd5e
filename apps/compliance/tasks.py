"""What compliance does by itself."""

from typing import Any

from celery import shared_task
from celery.schedules import crontab

from apps.compliance import operations
from apps.kernel.clock import now


@shared_task
def sweep(**later: Any) -> None:
    """Look at the days that are over."""
    operations.sweep_due(at=now())


@shared_task
def remind(**later: Any) -> None:
    """Remind of reports that are due within twelve hours."""
    operations.remind_due(at=now())


SCHEDULE = {
    "compliance.sweep": {"task": "apps.compliance.tasks.sweep", "schedule": crontab(hour="3", minute="10")},
    "compliance.remind": {"task": "apps.compliance.tasks.remind", "schedule": 3600.0},
}
