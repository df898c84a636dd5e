"""Wake-up calls for the worker. When the broker is away they are lost, and the sweep does the work a little later."""

from typing import Any

import structlog
from celery import current_app
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def send_push(push_id: int) -> None:
    """A prompt waits to be sent."""
    _wake("send_push", push_id=push_id)


def send_reversal(reversal_id: int) -> None:
    """Money waits to be sent back."""
    _wake("send_reversal", reversal_id=reversal_id)


def apply_callback(callback_id: int) -> None:
    """Something M-Pesa said waits to be read."""
    _wake("apply_callback", callback_id=callback_id)


def ask_by_receipt(transaction_id: int, receipt: str) -> None:
    """A receipt has to be asked about."""
    _wake("ask_by_receipt", transaction_id=transaction_id, receipt=receipt)


def _wake(task: str, **words: Any) -> None:
    try:
        current_app.send_task(f"apps.mpesa.tasks.{task}", kwargs=words, retry=False)
    except (OperationalError, OSError) as no:
        log.warning("no_wake_up_call", task=task, because=str(no))
