"""The jobs of open banking: consents whose time is over, warnings a week before, codes and tokens nobody needs,
and what customers linked at other banks.
"""

from typing import Any

from celery import shared_task
from celery.schedules import crontab
from oauth2_provider.models import clear_expired

from apps.kernel.clock import now
from apps.open_banking import operations
from apps.open_banking.operations import sandbox


@shared_task
def expire_consents(**later: Any) -> None:
    """End what is over."""
    while operations.expire_due(at=now()):
        pass


@shared_task
def warn_before_end(**later: Any) -> None:
    """Tell who has an app whose access ends within a week."""
    while operations.warn_before_end(at=now()):
        pass


@shared_task
def clear_tokens(**later: Any) -> None:
    """Codes and tokens whose time is over; refresh tokens that were used stay until reuse could not matter."""
    clear_expired()
    operations.forget_pushed(at=now())


@shared_task
def settle_sandbox(**later: Any) -> None:
    """Payments of the sandbox that were on their way."""
    while sandbox.settle_due(at=now()):
        pass


@shared_task
def read_linked(**later: Any) -> None:
    """Read what customers linked at other banks, and tell those banks of links that ended."""
    operations.read_due_links(at=now())
    operations.end_links_there(at=now())


SCHEDULE = {
    "open_banking.settle_sandbox": {
        "task": "apps.open_banking.tasks.settle_sandbox",
        "schedule": crontab(),
    },
    "open_banking.read_linked": {
        "task": "apps.open_banking.tasks.read_linked",
        "schedule": crontab(minute="7-59/10"),
    },
    "open_banking.expire_consents": {
        "task": "apps.open_banking.tasks.expire_consents",
        "schedule": crontab(minute="*/10"),
    },
    "open_banking.warn_before_end": {
        "task": "apps.open_banking.tasks.warn_before_end",
        "schedule": crontab(hour="9", minute="20"),
    },
    "open_banking.clear_tokens": {
        "task": "apps.open_banking.tasks.clear_tokens",
        "schedule": crontab(hour="3", minute="50"),
    },
}
