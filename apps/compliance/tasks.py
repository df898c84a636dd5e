"""What compliance does by itself."""

from typing import Any

from celery import shared_task
from celery.schedules import crontab

from apps.compliance import operations
from apps.compliance.operations import privacy, taxes
from apps.kernel.clock import now


@shared_task
def sweep(**later: Any) -> None:
    """Look at the days that are over."""
    operations.sweep_due(at=now())


@shared_task
def remind(**later: Any) -> None:
    """Remind of reports that are due within twelve hours."""
    operations.remind_due(at=now())


@shared_task
def make_exports(**later: Any) -> None:
    """Make the copies that people asked for."""
    privacy.make_exports(at=now())


@shared_task
def keep_no_longer(**later: Any) -> None:
    """Delete copies whose days are over, carry the retention rules out, erase whose day has come."""
    at = now()
    privacy.expire_exports(at=at)
    privacy.run_retention(at=at)
    privacy.erase_due(at=at)


@shared_task
def watch_staff(**later: Any) -> None:
    """Look through what staff did today and yesterday."""
    operations.watch_staff_due(at=now())


@shared_task
def make_tax_returns(**later: Any) -> None:
    """Make the returns of months that are over; each day, so that a month that was missed is made the next morning."""
    taxes.draft_due(at=now())


@shared_task
def remind_of_taxes(**later: Any) -> None:
    """Remind staff of returns that are due soon, or late."""
    taxes.remind_due(at=now())


SCHEDULE = {
    "compliance.watch_staff": {"task": "apps.compliance.tasks.watch_staff", "schedule": crontab(minute="25")},
    "compliance.sweep": {"task": "apps.compliance.tasks.sweep", "schedule": crontab(hour="3", minute="10")},
    "compliance.make_exports": {"task": "apps.compliance.tasks.make_exports", "schedule": 60.0},
    "compliance.keep_no_longer": {
        "task": "apps.compliance.tasks.keep_no_longer", "schedule": crontab(hour="2", minute="40"),
    },
    "compliance.make_tax_returns": {
        "task": "apps.compliance.tasks.make_tax_returns", "schedule": crontab(hour="4", minute="20"),
    },
    "compliance.remind_of_taxes": {
        "task": "apps.compliance.tasks.remind_of_taxes", "schedule": crontab(hour="8", minute="0"),
    },
    "compliance.remind": {"task": "apps.compliance.tasks.remind", "schedule": 3600.0},
}  # fmt: skip
