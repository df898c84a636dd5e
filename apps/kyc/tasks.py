"""What kyc does by itself."""

from typing import Any

from celery import shared_task
from celery.schedules import crontab

from apps.kernel.clock import now
from apps.kyc.operations import screening


@shared_task
def screen_changed(**later: Any) -> str:
    """Screen who is new or has changed, and wake what slept long enough."""
    return screening.screen_changed(at=now())


SCHEDULE = {"kyc.screen_changed": {"task": "apps.kyc.tasks.screen_changed", "schedule": crontab(hour="2", minute="15")}}
