"""The jobs of accounts: automatic transfers and instalments of the day, from six in the morning."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.schedules import crontab

from apps.accounts import operations
from apps.kernel.clock import local_date, now
from apps.kernel.sweeps import alone

FIRST_LOOK = timedelta(hours=6)  # of the bank's day, as standing orders


@shared_task
def run_transfer_rules(**later: Any) -> None:
    """Every person whose rules were not looked at today, a transaction each: one who cannot be served stops nobody."""
    at = now()
    if local_date(at - FIRST_LOOK) != local_date(at):
        return
    for owner_id in operations.owners_to_look_at(on=local_date(at)):
        with alone("transfer_rules_wait", owner=owner_id):
            operations.run_day(owner_id=owner_id, at=now())


@shared_task
def pay_instalments(**later: Any) -> None:
    """The instalments of growing deposits that are due, from six in the morning, a transaction each."""
    at = now()
    if local_date(at - FIRST_LOOK) != local_date(at):
        return
    for deposit_id in operations.instalments_due(on=local_date(at)):
        with alone("instalment_waits", deposit=deposit_id):
            operations.pay_instalment(deposit_id=deposit_id, at=now())


SCHEDULE = {
    "accounts.run_transfer_rules": {"task": "apps.accounts.tasks.run_transfer_rules", "schedule": 300.0},
    "accounts.pay_instalments": {
        "task": "apps.accounts.tasks.pay_instalments",
        "schedule": crontab(minute=10, hour="6,11,16"),
    },
}
