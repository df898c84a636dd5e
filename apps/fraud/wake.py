"""Wake-up calls for the worker. When the broker is away they are lost, and the sweep of each minute does the work."""

import structlog
from celery import current_app
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def run_back_test(job_id: int) -> None:
    """A back-test waits."""
    try:
        current_app.send_task("apps.fraud.tasks.run_back_test", kwargs={"job_id": job_id}, retry=False)
    except (OperationalError, OSError) as no:
        log.warning("no_wake_up_call", task="run_back_test", because=str(no))
