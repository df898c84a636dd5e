"""Wake-up calls for the worker. When the broker is away they are lost, and the sweep does the work a little later."""

import structlog
from celery import current_app
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def hand_over(payment_id: int) -> None:
    """A payment waits for its rail."""
    _wake("apps.payments.tasks.hand_over", {"payment_id": payment_id})


def let_go_on(payment_id: int, *, in_seconds: float) -> None:
    """A hold ends soon."""
    _wake("apps.payments.tasks.let_go_on", {"payment_id": payment_id}, countdown=in_seconds)


def pay_order(order_id: int) -> None:
    """A standing order is due."""
    _wake("apps.payments.tasks.pay_order", {"order_id": order_id})


def carry_on(bulk_id: int) -> None:
    """A batch was allowed."""
    _wake("apps.payments.tasks.carry_on_with_bulk", {"bulk_id": bulk_id})


def apply_airtime(callback_id: int) -> None:
    """A status of airtime was kept."""
    _wake("apps.payments.tasks.apply_airtime", {"callback_id": callback_id})


def _wake(task: str, words: dict[str, int], *, countdown: float | None = None) -> None:
    try:
        current_app.send_task(task, kwargs=words, countdown=countdown, retry=False)
    except (OperationalError, OSError) as no:
        log.warning("no_wake_up_call", task=task, because=str(no))
