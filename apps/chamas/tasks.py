"""The jobs of groups: ending votes whose time is over."""

from typing import Any

from celery import shared_task

from apps.chamas import operations
from apps.kernel.clock import now


@shared_task
def settle_proposals(**later: Any) -> None:
    """Votes that closed, signatures that did not come in time."""
    operations.settle_due(at=now())


SCHEDULE = {
    "chamas.settle_proposals": {"task": "apps.chamas.tasks.settle_proposals", "schedule": 300.0},
}
