"""The jobs of notifications: deliver, read reports, and pick up whatever was left lying."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.schedules import crontab

from apps.kernel.clock import now
from apps.kernel.sweeps import alone
from apps.notifications import operations, wake
from apps.notifications.models import ProviderReport

ONE_SWEEP = 200  # reports
A_TURN = timedelta(seconds=5)  # of a sweep, after which others may have the worker


@shared_task
def deliver_message(*, message_id: int, **later: Any) -> None:
    """Deliver one message, if it is due."""
    operations.deliver(message_id=message_id, at=now())


@shared_task
def deliver_code(*, message_id: int, **later: Any) -> None:
    """Deliver a one-time code, from a queue in which nothing else waits."""
    operations.deliver(message_id=message_id, at=now())


@shared_task
def apply_report(*, report_id: int, **later: Any) -> None:
    """Read one delivery report."""
    operations.apply_report(report_id=report_id, at=now())


@shared_task
def sweep_messages(**later: Any) -> None:
    """What no wake-up call reached: messages due, senders that died, reports not read."""
    operations.drop_expired(at=now())
    operations.give_up_abandoned(at=now())
    if operations.deliver_due(at=now(), for_at_most=A_TURN):
        wake.sweep()
    for report_id in ProviderReport.objects.filter(outcome="").order_by("pk").values_list("pk", flat=True)[:ONE_SWEEP]:
        with alone("delivery_report_waits", report=report_id):
            operations.apply_report(report_id=report_id, at=now())
    operations.match_waiting(at=now())


@shared_task
def drop_old_reports(**later: Any) -> None:
    """Forget delivery reports after 90 days."""
    ProviderReport.objects.filter(received_at__lt=now() - ProviderReport.LIFE).delete()


@shared_task
def send_digests(**later: Any) -> None:
    """Remind people of alerts they have not looked at."""
    operations.send_digests(at=now())


SCHEDULE = {
    "notifications.sweep_messages": {"task": "apps.notifications.tasks.sweep_messages", "schedule": 30.0},
    "notifications.drop_old_reports": {"task": "apps.notifications.tasks.drop_old_reports", "schedule": 86_400.0},
    "notifications.send_digests": {
        "task": "apps.notifications.tasks.send_digests",
        "schedule": crontab(hour=8, minute=0),
    },
}
