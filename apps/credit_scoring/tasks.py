"""The jobs of scoring: warnings every day, drift every week, scores every month, training every quarter."""

from typing import Any

from celery import shared_task
from celery.schedules import crontab

from apps.credit_scoring import operations
from apps.credit_scoring.errors import CannotTrain
from apps.credit_scoring.operations.train import BANK, SYNTHETIC
from apps.kernel.clock import now
from apps.users.queries import system_user


@shared_task
def look_for_warnings(**later: Any) -> None:
    """Every live loan, once a day."""
    operations.look_for_warnings(at=now())


@shared_task
def read_drift(**later: Any) -> None:
    """The models beside today's customers, once a week."""
    operations.read_drift(at=now())


@shared_task
def rescore(**later: Any) -> None:
    """Scores that are a month old; looks every night, so that no night has all of them."""
    operations.rescore(at=now())


@shared_task
def retrain(**later: Any) -> None:
    """New candidates of the bank's own loans; of the invented year while there are too few. People choose."""
    at, bank = now(), system_user()
    try:
        operations.train_models(dataset=BANK, by=bank, at=at)
    except CannotTrain:
        operations.train_models(dataset=SYNTHETIC, by=bank, at=at)


def _job(name: str, **when: Any) -> dict[str, Any]:
    return {"task": f"apps.credit_scoring.tasks.{name}", "schedule": crontab(**when)}


SCHEDULE = {
    "credit_scoring.look_for_warnings": _job("look_for_warnings", hour=5, minute=20),
    "credit_scoring.read_drift": _job("read_drift", hour=4, minute=10, day_of_week="mon"),
    "credit_scoring.rescore": _job("rescore", hour=2, minute=40),
    "credit_scoring.retrain": _job("retrain", hour=3, minute=30, day_of_month=1, month_of_year="1,4,7,10"),
}
