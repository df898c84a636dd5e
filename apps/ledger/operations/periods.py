"""Declaring, closing and taking back accounting periods, by one; reopening them, by two."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.ledger.errors import BadPeriod, PeriodMovedOn, PeriodNotOver, PeriodOpen, PeriodTaken, PeriodUsed
from apps.ledger.models import Period, PeriodChange, PeriodStatus
from apps.ledger.operations.refusals import in_words
from apps.ledger.policies import require_may_close_periods
from apps.ledger.queries.days import business_day
from apps.ledger.queries.periods import ABOUT_PERIOD, REOPEN
from apps.ledger.states import PERIOD

LONGEST = timedelta(days=366)
PATIENCE = "5s"  # how long a closing waits for postings under way before it gives up


@transaction.atomic
def open_period(*, name: str, first_on: date, last_on: date, by: Any, at: datetime) -> Period:
    """Declare a period. Raises NotAllowed, BadPeriod, and PeriodTaken when it shares a day or its name with another."""
    require_may_close_periods(by)
    _require_sound(name, first_on, last_on, at)
    _one_after_another()
    period = Period(name=name.strip(), first_on=first_on, last_on=last_on)
    try:
        with transaction.atomic():
            period.save()
    except IntegrityError as no:
        raise PeriodTaken(
            _(
                "Another period has one of these days, or this name. Nothing was changed. Look at the periods there "
                "are, then choose other days or another name."
            )
        ) from no
    return _written_down("opened", period, by, at, "")


@transaction.atomic
def close_period(*, period: Period, by: Any, at: datetime) -> Period:
    """Take no more entries for its days. Waits for postings under way, which would land in it.

    Raises NotAllowed, IllegalMove when it is closed already, BooksBusy, and PeriodNotOver while one of its days is not
    over by the clock, or its end of day has not run: payments of today, and what the end of a day books, would be
    refused by the books.
    """
    require_may_close_periods(by)
    _require_over(period, at)  # before the lock as well: a refusal holds up no payment, and reads no period
    _wait_for_postings()
    held = Period.objects.get(pk=period.pk)
    PERIOD.make(held, PeriodStatus.CLOSED)
    _require_over(held, at)
    return _written_down("closed", held, by, at, "")


@transaction.atomic
def withdraw_period(*, period: Period, reason: str, by: Any, at: datetime) -> Period:
    """Take back one that was declared by mistake; its days and its name are free again.

    Raises NotAllowed without the right or a reason, IllegalMove unless it is open, PeriodUsed when it was ever closed.
    """
    require_may_close_periods(by)
    if not reason.strip():
        raise NotAllowed(_("Say why: whoever reads the periods later reads your reason. Nothing was changed."))
    held = Period.objects.get(pk=period.pk)
    PERIOD.make(held, PeriodStatus.WITHDRAWN)  # from here the row is locked: nobody closes it meanwhile
    if held.changes.filter(status=PeriodStatus.CLOSED).exists():
        raise PeriodUsed(
            _("This period was closed before, and reports may stand on it. It stays. Nothing was changed.")
        )
    return _written_down("withdrawn", held, by, at, reason.strip())


def _require_sound(name: str, first_on: date, last_on: date, at: datetime) -> None:
    """A slip of the hand, as of a year, would take the days of many periods."""
    if not name.strip() or last_on < first_on:
        raise BadPeriod(
            _("A period has a name, and its last day is not before its first. Nothing was changed. Write it anew.")
        )
    if last_on - first_on >= LONGEST or first_on > local_date(at) + LONGEST:
        raise BadPeriod(
            _("A period is a year long at most, and begins within a year. Nothing was changed. Look at its days again.")
        )


def _require_over(period: Period, at: datetime) -> None:
    """Days only end, so what is over when this looks is over when the closing is committed."""
    if period.last_on >= local_date(at):
        raise PeriodNotOver(
            _(
                "The last day of this period is not over: closed now, it would stop every payment of the bank. Nothing "
                "was changed. Close it once that day is over and its end of day has run."
            ),
            last_on=period.last_on.isoformat(),
        )
    day = business_day()
    if day is not None and period.last_on >= day:
        raise PeriodNotOver(
            _(
                "The end of day has not run for all days of this period: their interest and fees are still to be "
                "booked. Nothing was changed. Have the end of day run first, then close it."
            ),
            last_on=period.last_on.isoformat(),
            business_day=day.isoformat(),
        )


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
    _lock("ACCESS EXCLUSIVE")


def _one_after_another() -> None:
    """Two who declare at once would find each other's days in the index and wait for one another. Postings go on."""
    _lock("SHARE ROW EXCLUSIVE")


def _lock(mode: str) -> None:
    with connection.cursor() as cursor:
        try:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            cursor.execute(f"LOCK TABLE ledger_period IN {mode} MODE")
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
        except DatabaseError as no:
            raise in_words(no) from no


def _written_down(verb: str, period: Period, by: Any, at: datetime, reason: str, *, asked_by: Any = None) -> Period:
    PeriodChange.objects.create(period=period, status=period.status, reason=reason, by=by, asked_by=asked_by, at=at)
    after = {"status": period.status} | ({"asked_by": asked_by.pk} if asked_by else {})
    audit_trail.record(f"ledger.period.{verb}", on=period, by=by, at=at, after=after, reason=reason)
    return period
