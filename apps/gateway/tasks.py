"""The jobs of the gateway: webhooks sent as they come and as they fall due again, connections looked at, old
rows forgotten.
"""

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


@shared_task
def look_at_connections(**later: Any) -> None:
    """Keep the list of connections as the bank is set up, and ask those nobody called for five minutes."""
    operations.keep_built_in(at=now())
    operations.probe_due(at=now())


SCHEDULE = {
    "gateway.look_at_connections": {"task": "apps.gateway.tasks.look_at_connections", "schedule": 300.0},
    "gateway.send_webhooks": {"task": "apps.gateway.tasks.send_webhooks", "schedule": 15.0},
    "gateway.forget_old": {"task": "apps.gateway.tasks.forget_old", "schedule": crontab(hour="3", minute="20")},
}
