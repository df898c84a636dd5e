"""The job of users: forget browser sessions whose time is over."""

from typing import Any

from celery import shared_task
from celery.schedules import crontab

from apps.kernel.clock import now
from apps.users import operations


@shared_task
def drop_ended_sessions(**later: Any) -> None:
    """Forget what browsers kept here, once it opens nothing any more."""
    operations.drop_ended_sessions(at=now())


SCHEDULE = {
    "users.drop_ended_sessions": {
        "task": "apps.users.tasks.drop_ended_sessions",
        "schedule": crontab(hour=3, minute=20),
    },
}
