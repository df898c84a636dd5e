"""The jobs of the audit trail: seal every minute, verify every night, anchor every day."""

from typing import Any

from celery import shared_task
from celery.schedules import crontab

from apps.audit_trail import operations
from apps.kernel.clock import now


@shared_task
def seal_records(**later: Any) -> None:
    """Seal what is not sealed yet."""
    operations.seal_due(at=now())


@shared_task
def verify_chain(**later: Any) -> None:
    """Check every record and every seal."""
    operations.verify(at=now())


@shared_task
def anchor_root(**later: Any) -> None:
    """Write the day's root down outside, where a place is registered."""
    operations.seal_due(at=now())
    operations.anchor_day(at=now())


SCHEDULE = {
    "audit_trail.seal_records": {"task": "apps.audit_trail.tasks.seal_records", "schedule": 60.0},
    "audit_trail.verify_chain": {"task": "apps.audit_trail.tasks.verify_chain", "schedule": crontab(hour=2, minute=40)},
    "audit_trail.anchor_root": {"task": "apps.audit_trail.tasks.anchor_root", "schedule": crontab(hour=23, minute=50)},
}
