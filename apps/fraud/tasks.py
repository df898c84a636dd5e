"""What fraud does by itself."""

from typing import Any

from celery import shared_task
from celery.schedules import crontab

from apps.fraud import operations
from apps.kernel.clock import now


@shared_task
def escalate(**later: Any) -> int:
    """Held payments whose promised hour comes near are told to those who decide."""
    return operations.escalate(at=now())


SCHEDULE = {"fraud.escalate": {"task": "apps.fraud.tasks.escalate", "schedule": crontab(minute="*/10")}}
