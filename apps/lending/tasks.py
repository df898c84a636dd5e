"""The jobs of lending: reminders in the morning, offers that ran out."""

from typing import Any

from celery import shared_task
from celery.schedules import crontab

from apps.kernel.clock import now
from apps.lending import operations, reminders


@shared_task
def remind_borrowers(**later: Any) -> None:
    """What falls due in three days, tomorrow and today."""
    reminders.remind(at=now())


@shared_task
def expire_offers(**later: Any) -> None:
    """Offers nobody took, and parts of loans nobody asked for in time."""
    operations.expire_offers(at=now())
    operations.lapse_parts(at=now())


SCHEDULE = {
    "lending.remind_borrowers": {
        "task": "apps.lending.tasks.remind_borrowers",
        "schedule": crontab(hour="8", minute="0"),
    },
    "lending.expire_offers": {"task": "apps.lending.tasks.expire_offers", "schedule": crontab(minute="*/15")},
}
