"""What kyc does by itself."""

from typing import Any

from celery import shared_task
from celery.schedules import crontab

from apps.kernel.clock import now
from apps.kyc.operations import papers, screening


@shared_task
def screen_changed(**later: Any) -> str:
    """Screen who is new or has changed, and wake what slept long enough."""
    return screening.screen_changed(at=now())


@shared_task
def check_papers(**later: Any) -> int:
    """Check the papers that were handed in."""
    return papers.check_due(at=now())


@shared_task
def watch_expiry(**later: Any) -> str:
    """Remind of papers that expire, end what expired ones proved, delete pictures that are not needed."""
    at = now()
    return f"{papers.remind(at=at)} reminded, {papers.expire(at=at)} expired, {papers.purge(at=at)} purged"


SCHEDULE = {
    "kyc.screen_changed": {"task": "apps.kyc.tasks.screen_changed", "schedule": crontab(hour="2", minute="15")},
    "kyc.check_papers": {"task": "apps.kyc.tasks.check_papers", "schedule": 60.0},
    "kyc.watch_expiry": {"task": "apps.kyc.tasks.watch_expiry", "schedule": crontab(hour="3", minute="10")},
}
