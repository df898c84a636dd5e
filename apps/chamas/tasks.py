"""The jobs of groups: votes that close, who is late, reminders, draws whose time is over, swaps nobody answered."""

from typing import Any

from celery import shared_task
from celery.schedules import crontab

from apps.chamas import operations, reminders, telling
from apps.kernel.clock import now


@shared_task
def settle_proposals(**later: Any) -> None:
    """Votes that closed, signatures that did not come in time."""
    operations.settle_due(at=now())


@shared_task
def mark_late(**later: Any) -> None:
    """Contributions whose grace is over, and instalments of groups' loans."""
    operations.mark_late(at=now())
    operations.fine_late_instalments(at=now())


@shared_task
def remind_members(**later: Any) -> None:
    """What falls due in three days."""
    reminders.remind(at=now())


@shared_task
def tell_of_days(**later: Any) -> None:
    """Who paid in yesterday, in one line to every member."""
    telling.tell_of_days(at=now())


@shared_task
def lapse_swaps(**later: Any) -> None:
    """Swaps that nobody answered in their time."""
    operations.lapse_swaps(at=now())


@shared_task
def order_rounds(**later: Any) -> None:
    """Draw, or open bids, when members' time to add theirs is over."""
    operations.order_due(at=now())


SCHEDULE = {
    "chamas.mark_late": {"task": "apps.chamas.tasks.mark_late", "schedule": crontab(minute="*/15")},
    "chamas.remind_members": {
        "task": "apps.chamas.tasks.remind_members",
        "schedule": crontab(hour="8", minute="10"),
    },
    "chamas.tell_of_days": {"task": "apps.chamas.tasks.tell_of_days", "schedule": crontab(hour="7", minute="20")},
    "chamas.lapse_swaps": {"task": "apps.chamas.tasks.lapse_swaps", "schedule": crontab(minute="*/15")},
    "chamas.order_rounds": {"task": "apps.chamas.tasks.order_rounds", "schedule": crontab(minute="*/15")},
    "chamas.settle_proposals": {"task": "apps.chamas.tasks.settle_proposals", "schedule": 300.0},
}
