"""The jobs of the gateway: webhooks sent as they come and as they fall due again, old rows forgotten."""

from typing import Any

from celery import shared_task
from celery.schedules import crontab

from apps.gateway import operations
from apps.kernel.clock import now


@shared_task
def send_webhooks(**later: Any) -> None:
    """Send what is due."""
    operations.visit_due()


@shared_task
def forget_old(**later: Any) -> None:
    """Forget requests and deliveries after 30 days."""
    operations.purge(at=now())


SCHEDULE = {
    "gateway.send_webhooks": {"task": "apps.gateway.tasks.send_webhooks", "schedule": 15.0},
    "gateway.forget_old": {"task": "apps.gateway.tasks.forget_old", "schedule": crontab(hour="3", minute="20")},
}
