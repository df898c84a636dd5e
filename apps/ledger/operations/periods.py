"""Opening, closing and reopening accounting periods."""

from datetime import date, datetime
from typing import Any

from django.db import DatabaseError, connection, transaction

from apps.audit_trail import operations as audit_trail
from apps.ledger.models import Period, PeriodChange, PeriodStatus
from apps.ledger.operations.refusals import in_words
from apps.ledger.policies import require_may_close_periods
from apps.ledger.states import PERIOD

PATIENCE = "5s"  # how long a closing waits for postings under way before it gives up


@transaction.atomic
def open_period(*, name: str, first_on: date, last_on: date, by: Any, at: datetime) -> Period:
    """Declare a period. Raises NotAllowed; IntegrityError when it overlaps another, or ends before it starts."""
    require_may_close_periods(by)
    period = Period.objects.create(name=name, first_on=first_on, last_on=last_on)
    return _written_down("opened", period, by, at, "")


@transaction.atomic
def close_period(*, period: Period, by: Any, at: datetime) -> Period:
    """Take no more entries for its days. Waits for postings under way, which would land in it.

    Raises NotAllowed, IllegalMove, BooksBusy.
    """
    require_may_close_periods(by)
    _wait_for_postings()
    PERIOD.make(period, PeriodStatus.CLOSED)
    return _written_down("closed", period, by, at, "")


@transaction.atomic
def reopen_period(*, period: Period, reason: str, by: Any, at: datetime) -> Period:
    """Take entries for its days again, with the reason on the record. Raises NotAllowed, IllegalMove."""
    require_may_close_periods(by)
    if not reason.strip():
        raise ValueError("a period is reopened for a reason")
    PERIOD.make(period, PeriodStatus.OPEN)
    return _written_down("reopened", period, by, at, reason.strip())


def _wait_for_postings() -> None:
    """Each posting reads the periods and keeps a share of the table until it commits: this lock waits for them all,
    and holds new ones back for the moment until the closing is committed."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            cursor.execute("LOCK TABLE ledger_period IN ACCESS EXCLUSIVE MODE")
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
        except DatabaseError as no:
            raise in_words(no) from no


def _written_down(verb: str, period: Period, by: Any, at: datetime, reason: str) -> Period:
    PeriodChange.objects.create(period=period, status=period.status, reason=reason, by=by, at=at)
    audit_trail.record(f"ledger.period.{verb}", on=period, by=by, at=at, after={"status": period.status}, reason=reason)
    return period
