"""What fraud does by itself."""

from typing import Any

from celery import shared_task
from celery.schedules import crontab

from apps.fraud import operations
from apps.fraud.errors import CannotTrain
from apps.kernel.clock import now
from apps.users.queries import system_user


@shared_task
def escalate(**later: Any) -> int:
    """Held payments whose promised hour comes near are told to those who decide."""
    return operations.escalate(at=now())


@shared_task
def run_back_test(*, job_id: int, **later: Any) -> None:
    """Work one back-test off."""
    operations.run_back_test(job_id=job_id, at=now())


@shared_task
def run_back_tests(**later: Any) -> int:
    """Back-tests that no wake-up call reached, or whose worker is gone."""
    return operations.run_waiting(at=now())


@shared_task
def ask_sim_ages(**later: Any) -> int:
    """Ask the operator about the SIMs of those who signed in."""
    return operations.ask_sim_ages(at=now())


@shared_task
def read_drift(**later: Any) -> None:
    """How far the week's payments are from those the model was made of."""
    operations.read_drift(at=now())


@shared_task
def retrain(**later: Any) -> str:
    """A new candidate from the bank's own checks; two people decide whether it is used. Few checks make none."""
    try:
        return operations.train_model(dataset="bank", by=system_user(), at=now()).name
    except CannotTrain as no:
        return str(no)


SCHEDULE = {
    "fraud.retrain": {"task": "apps.fraud.tasks.retrain", "schedule": crontab(hour=4, minute=40, day_of_month=1)},
    "fraud.escalate": {"task": "apps.fraud.tasks.escalate", "schedule": crontab(minute="*/10")},
    "fraud.back_tests": {"task": "apps.fraud.tasks.run_back_tests", "schedule": crontab(minute="*")},
    "fraud.sim_ages": {"task": "apps.fraud.tasks.ask_sim_ages", "schedule": crontab(minute="*")},
    "fraud.drift": {"task": "apps.fraud.tasks.read_drift", "schedule": crontab(hour=4, minute=20, day_of_week=1)},
}
