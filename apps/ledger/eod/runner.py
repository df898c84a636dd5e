"""Ends a business day: runs its steps in order, keeps what each did, and goes on from where a failure left off."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import structlog
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.kernel import events, locks
from apps.kernel.clock import local_date, now
from apps.ledger.eod.registry import Step, steps
from apps.ledger.errors import BooksBusy, DayNotClosed
from apps.ledger.events import DayClosed
from apps.ledger.models import BusinessDay, DayStatus, EodRun, EodStep, RunStatus
from apps.ledger.states import BUSINESS_DAY

log = structlog.get_logger(__name__)


class StepFailed(Exception):
    """A step's own word that it failed; `event` is published although the step's work is undone."""

    def __init__(self, message: str, event: events.Event | None = None) -> None:
        super().__init__(message)
        self.event = event


def open_day(day: date, *, at: datetime) -> BusinessDay:
    """The bank's first day; later ones are opened by the end of the day before. Raises DayNotClosed."""
    current = BusinessDay.objects.exclude(status=DayStatus.CLOSED).first()
    if current is None:
        if BusinessDay.objects.filter(day__gte=day).exists():
            raise DayNotClosed(_("That day has been closed before."), day=day.isoformat())
        return BusinessDay.objects.create(day=day, opened_at=at)
    if current.day != day:
        raise DayNotClosed(_("Another day is open. End that one first."), day=current.day.isoformat())
    return current


def run(*, at: datetime, day: date | None = None) -> EodRun:
    """End `day` (the open one unless given) and open the next. A day that has ended stays as it is.

    A step that fails stops the day: the run comes back FAILED with the step's words in `steps`, and the next call goes
    on there. Each step is done in one transaction with the note that it is done. Raises BooksBusy when another run is
    at work, DayNotClosed when an earlier day is still open.
    """
    with _alone():
        if day is not None:
            ended = EodRun.objects.filter(day_id=day, status=RunStatus.DONE).first()
            if ended is not None:
                return ended
        business_day = _day_to_end(day, at)
        if business_day.status == DayStatus.OPEN:
            BUSINESS_DAY.make(business_day, DayStatus.CLOSING)
        run_row, _new = EodRun.objects.get_or_create(day=business_day, defaults={"started_at": now()})
        run_row.status, run_row.attempts = RunStatus.RUNNING, run_row.attempts + 1
        run_row.save(update_fields=["status", "attempts"])
        for step in steps():
            if not _done(run_row, step, at):
                run_row.status = RunStatus.FAILED
                run_row.save(update_fields=["status"])
                return run_row
        return _close(run_row, business_day, at)


def run_due(*, at: datetime) -> list[EodRun]:
    """End every day that is over at `at`, oldest first, until one fails; opens a first day when there is none."""
    today = local_date(at)
    current = BusinessDay.objects.exclude(status=DayStatus.CLOSED).first() or open_day(today, at=at)
    ended: list[EodRun] = []
    for days_on in range((today - current.day).days):
        ended.append(run(at=at, day=current.day + timedelta(days=days_on)))
        if ended[-1].status != RunStatus.DONE:
            break
    return ended


def _day_to_end(day: date | None, at: datetime) -> BusinessDay:
    current = BusinessDay.objects.exclude(status=DayStatus.CLOSED).first()
    if current is not None and day is None:
        return current
    return open_day(day or local_date(at), at=at)


@contextmanager
def _alone() -> Iterator[None]:
    """One run at a time in the whole bank."""
    with locks.alone("ledger.eod") as is_alone:
        if not is_alone:
            raise BooksBusy(_("The end of the day is already running. Nothing was changed. Look again in a moment."))
        yield


def _done(run_row: EodRun, step: Step, at: datetime) -> bool:
    """Do one step unless it is done; False when it failed."""
    row, _new = EodStep.objects.get_or_create(run=run_row, name=step.name, defaults={"position": step.order})
    if row.status == RunStatus.DONE:
        return True
    row.status, row.attempts, row.started_at = RunStatus.RUNNING, row.attempts + 1, now()
    row.save(update_fields=["status", "attempts", "started_at"])
    try:
        with transaction.atomic():
            row.outcome = step.run(run_row.day_id, at) or ""
            row.status, row.finished_at = RunStatus.DONE, now()
            row.save(update_fields=["status", "outcome", "finished_at"])
    except Exception as problem:
        _failed(row, problem)
        return False
    log.info("eod_step_done", step=step.name, day=str(run_row.day_id), outcome=row.outcome)
    return True


def _failed(row: EodStep, problem: Exception) -> None:
    log.error("eod_step_failed", step=row.name, day=str(row.run.day_id), exc_info=problem)
    with transaction.atomic():
        row.status, row.finished_at = RunStatus.FAILED, now()
        row.outcome = f"{type(problem).__name__}: {problem}"[:4000]
        row.save(update_fields=["status", "outcome", "finished_at"])
        event = getattr(problem, "event", None)
        if event is not None:
            events.publish(event)


@transaction.atomic
def _close(run_row: EodRun, business_day: BusinessDay, at: datetime) -> EodRun:
    BUSINESS_DAY.make(business_day, DayStatus.CLOSED, closed_at=at)
    tomorrow = business_day.day + timedelta(days=1)
    BusinessDay.objects.create(day=tomorrow, opened_at=at)
    run_row.status, run_row.finished_at = RunStatus.DONE, now()
    run_row.save(update_fields=["status", "finished_at"])
    events.publish(DayClosed(day=business_day.day.isoformat(), next_day=tomorrow.isoformat()))
    return run_row
