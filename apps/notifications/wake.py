"""Wakes the workers: a Celery message says that there is something to do, the database says what."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from celery import current_app
from kombu.exceptions import OperationalError

from apps.notifications.models import Message

log = structlog.get_logger(__name__)


def deliver(message: Message) -> None:
    """Have a message delivered now; a one-time code waits in a queue of its own, before everything else."""
    task = "deliver_code" if message.is_secret else "deliver_message"
    _wake(f"apps.notifications.tasks.{task}", message_id=message.pk)


def apply_report(report_id: int) -> None:
    """Have a delivery report read now."""
    _wake("apps.notifications.tasks.apply_report", report_id=report_id)


def sweep() -> None:
    """Have everything that is due delivered now: for many messages at once."""
    _wake("apps.notifications.tasks.sweep_messages")


_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


@contextmanager
def quietly() -> Iterator[None]:
    """Wake nobody inside: for work that tells of the past, which the sweeper tidies up."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def is_quiet() -> bool:
    """Whether this work tells of the past."""
    return _quiet.get()


def _wake(task: str, **arguments: int) -> None:
    if _quiet.get():
        return
    try:
        current_app.send_task(task, kwargs=arguments, retry=False)
    except OperationalError as no:
        # The sweeper finds it within half a minute.
        log.warning("broker_unreachable", task=task, exc_info=no)
