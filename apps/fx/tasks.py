"""The jobs of exchange: fresh rates every hour, no old quotes."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.schedules import crontab

from apps.fx import operations, queries
from apps.fx.models import RefusedFeed
from apps.kernel.clock import now

PAUSE = timedelta(minutes=5)  # after a feed was refused


@shared_task
def refresh_rates(**later: Any) -> None:
    """Fetch rates when the hour of those we have is over; a refused feed is asked for again after five minutes."""
    at = now()
    held = queries.newest(at)
    if held is not None and not held.is_stale:
        return
    if not RefusedFeed.objects.filter(received_at__gt=at - PAUSE).exists():
        operations.refresh_rates(at=at)


@shared_task
def drop_unused_quotes(**later: Any) -> None:
    """Once a day."""
    operations.drop_unused(at=now())


SCHEDULE = {
    # Looks every minute, fetches every hour: a bank that has just been started does not wait an hour for its rates.
    "fx.refresh_rates": {"task": "apps.fx.tasks.refresh_rates", "schedule": 60.0},
    "fx.drop_unused_quotes": {"task": "apps.fx.tasks.drop_unused_quotes", "schedule": crontab(hour=3, minute=40)},
}
