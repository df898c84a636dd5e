"""The jobs of the books: the end of the day, holds that ran out, seals through the day."""

from typing import Any

from celery import shared_task
from celery.schedules import crontab

from apps.kernel.clock import now
from apps.ledger import eod, operations


@shared_task
def end_days(**later: Any) -> None:
    """End every business day that is over."""
    eod.run_due(at=now())


@shared_task
def expire_holds(**later: Any) -> None:
    """Release the holds whose time is up."""
    operations.expire_holds(at=now())


@shared_task
def seal_entries(**later: Any) -> None:
    """Seal what is settled, so that the end of the day finds little to do."""
    operations.seal_up_to(at=now())


SCHEDULE = {
    "ledger.end_days": {"task": "apps.ledger.tasks.end_days", "schedule": crontab(hour=0, minute=30)},
    "ledger.expire_holds": {"task": "apps.ledger.tasks.expire_holds", "schedule": 60.0},
    "ledger.seal_entries": {"task": "apps.ledger.tasks.seal_entries", "schedule": crontab(minute=0)},
}
