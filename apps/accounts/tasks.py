"""The jobs of accounts: automatic transfers of the day, from six in the morning."""

from datetime import timedelta
from typing import Any

import structlog
from celery import shared_task

from apps.accounts import operations
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError

log = structlog.get_logger(__name__)
FIRST_LOOK = timedelta(hours=6)  # of the bank's day, as standing orders


@shared_task
def run_transfer_rules(**later: Any) -> None:
    """Every person whose rules were not looked at today, a transaction each: one who cannot be served stops nobody."""
    at = now()
    if local_date(at - FIRST_LOOK) != local_date(at):
        return
    for owner_id in operations.owners_to_look_at(on=local_date(at)):
        try:
            operations.run_day(owner_id=owner_id, at=now())
        except DomainError as no:
            log.warning("transfer_rules_wait", owner=owner_id, because=str(no))


SCHEDULE = {
    "accounts.run_transfer_rules": {"task": "apps.accounts.tasks.run_transfer_rules", "schedule": 300.0},
}
