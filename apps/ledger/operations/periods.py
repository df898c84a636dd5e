"""Opening and closing accounting periods, by one; reopening them, by two."""

from datetime import date, datetime
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals
from apps.kernel.models import Approval
from apps.ledger.errors import PeriodMovedOn, PeriodOpen
from apps.ledger.models import Period, PeriodChange, PeriodStatus
from apps.ledger.operations.refusals import in_words
from apps.ledger.policies import require_may_close_periods
from apps.ledger.queries.periods import ABOUT_PERIOD, REOPEN
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


def ask_reopening(*, period: Period, reason: str, by: Any, at: datetime) -> Approval:
    """Ask for a closed period to take entries again; nothing is reopened until another person approves.

    Raises NotAllowed without the right or a reason, PeriodOpen, AlreadyAsked.
    """
    require_may_close_periods(by)
    held = Period.objects.get(pk=period.pk)
    if held.status != PeriodStatus.CLOSED:
        raise PeriodOpen(_("This period is not closed. Nothing was changed."))
    days = {"name": held.name, "first day": held.first_on.isoformat(), "last day": held.last_on.isoformat()}
    return approvals.ask(
        kind=REOPEN,
        subject=f"{ABOUT_PERIOD}{held.pk}",
        payload={"period": held.pk, "reason": reason.strip(), "last_change": _last_change(held)},
        before={**days, "status": held.status},
        after={**days, "status": str(PeriodStatus.OPEN)},
        reason=reason,
        by=by,
        at=at,
    )


def run_reopening(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """The approved reopening: the period takes entries for its days again. Raises PeriodMovedOn, IllegalMove."""
    period = Period.objects.select_for_update().get(pk=payload["period"])
    if _last_change(period) != payload["last_change"]:
        raise PeriodMovedOn(
            _(
                "This period was opened or closed after the request. Nothing was changed. Return the request, or take "
                "it back; if it is still wanted, ask for it anew."
            )
        )
    PERIOD.make(period, PeriodStatus.OPEN)
    _written_down("reopened", period, checker, at, payload["reason"], asked_by=maker)
    return {"period": period.pk}


def _last_change(period: Period) -> int | None:
    return PeriodChange.objects.filter(period=period).aggregate(last=Max("pk"))["last"]  # type: ignore[no-any-return]


def register_kind() -> None:
    """Called in `AppConfig.ready()`."""
    approvals.register(
        approvals.Kind(
            code=REOPEN,
            label=_("Reopen an accounting period"),
            permission="ledger.close_periods",
            run=run_reopening,
            alone=True,
        )
    )


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


def _written_down(verb: str, period: Period, by: Any, at: datetime, reason: str, *, asked_by: Any = None) -> Period:
    PeriodChange.objects.create(period=period, status=period.status, reason=reason, by=by, asked_by=asked_by, at=at)
    after = {"status": period.status} | ({"asked_by": asked_by.pk} if asked_by else {})
    audit_trail.record(f"ledger.period.{verb}", on=period, by=by, at=at, after=after, reason=reason)
    return period
