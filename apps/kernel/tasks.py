"""Upkeep of the kernel: the outbox swept, old keys and counters dropped."""

from datetime import timedelta
from typing import Any

from celery import shared_task

from apps.kernel.clock import now
from apps.kernel.models import IdempotencyKey, RateCounter
from apps.kernel.relay import deliver_due

KEY_LIFE = timedelta(hours=48)


@shared_task
def sweep_outbox(**later: Any) -> None:
    """Deliver what a relay that is down has left."""
    deliver_due()


@shared_task
def drop_old_keys(**later: Any) -> None:
    """Forget idempotency keys after 48 hours and rate counters after a day."""
    IdempotencyKey.objects.filter(created_at__lt=now() - KEY_LIFE).delete()
    RateCounter.objects.filter(window__lt=int(now().timestamp()) - 86_400).delete()


SCHEDULE = {
    "kernel.sweep_outbox": {"task": "apps.kernel.tasks.sweep_outbox", "schedule": 15.0},
    "kernel.drop_old_keys": {"task": "apps.kernel.tasks.drop_old_keys", "schedule": 3600.0},
}
