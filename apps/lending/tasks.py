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


@shared_task
def speak_with_who_is_late(**later: Any) -> None:
    """Reminders of the ladder, of promises, and what became of them: in the hours in which people may be reached."""
    operations.collections.tell_in_the_morning(at=now())


SCHEDULE = {
    "lending.speak_with_who_is_late": {
        "task": "apps.lending.tasks.speak_with_who_is_late",
        "schedule": crontab(hour="9", minute="0"),
    },
    "lending.remind_borrowers": {
        "task": "apps.lending.tasks.remind_borrowers",
        "schedule": crontab(hour="8", minute="0"),
    },
    "lending.expire_offers": {"task": "apps.lending.tasks.expire_offers", "schedule": crontab(minute="*/15")},
}
