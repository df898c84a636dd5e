"""The accounting periods in their order, the days between them, and which closed ones somebody asked to reopen."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat

from apps.kernel.clock import local_date, month_bounds
from apps.kernel.models import Approval, ApprovalStatus
from apps.ledger.models import Period, PeriodStatus
from apps.ledger.queries.days import business_day

REOPEN = "ledger.reopen_period"  # a request that waits for a second person
ABOUT_PERIOD = "ledger/periods/"  # and before the period's id, what it is about
A_DAY = timedelta(days=1)


def reopening_asked() -> Subquery:
    """For a queryset of periods: the id of the request to reopen one that waits; none where nothing does."""
    about = Concat(Value(ABOUT_PERIOD), Cast(OuterRef("pk"), CharField()))
    waiting = Approval.objects.filter(kind=REOPEN, status=ApprovalStatus.PENDING, subject=about)
    return Subquery(waiting.values("pk")[:1])


def period(period_id: int) -> Period | None:
    """One of any state; its `changes` say who did what when and why."""
    return Period.objects.filter(pk=period_id).first()


def reopening_of(period_id: int) -> Approval | None:
    """The request to reopen this one that waits, with who asked."""
    waiting = Approval.objects.filter(kind=REOPEN, status=ApprovalStatus.PENDING, subject=f"{ABOUT_PERIOD}{period_id}")
    return waiting.select_related("maker").first()


@dataclass(frozen=True, slots=True)
class Days:
    """From one day to another, both among them."""

    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class PeriodShown:
    """One period; `asked` is the request to reopen it that waits. `is_over` says that all its days are over and their
    ends of day have run, so that it may be closed. `gap` are the days after it that no period has, when one follows.
    """

    id: int
    name: str
    first_on: date
    last_on: date
    is_closed: bool
    asked: int | None
    is_over: bool
    gap: Days | None


def over_before(at: datetime) -> date:
    """The first day that is not over: today, or an earlier one whose end of day has not run."""
    return min(local_date(at), business_day() or date.max)


def periods(at: datetime, *, before: date | None = None, limit: int | None = None) -> list[PeriodShown]:
    """The newest first, without what was taken back; with `before` those that begin earlier. Two queries."""
    stand = Period.objects.exclude(status=PeriodStatus.WITHDRAWN)
    rows = stand.annotate(asked=reopening_asked()).order_by("-first_on")
    follows = stand.filter(first_on__gt=OuterRef("last_on")).order_by("first_on").values("first_on")
    rows = rows.annotate(next_on=Subquery(follows[:1]))
    if before is not None:
        rows = rows.filter(first_on__lt=before)
    running = over_before(at)
    return [
        PeriodShown(
            id=row.pk,
            name=row.name,
            first_on=row.first_on,
            last_on=row.last_on,
            is_closed=row.status == PeriodStatus.CLOSED,
            asked=row.asked,
            is_over=row.last_on < running,
            gap=_between(row.last_on, row.next_on),
        )
        for row in rows[:limit]
    ]


def _between(last_on: date, next_on: date | None) -> Days | None:
    if next_on is None or next_on == last_on + A_DAY:
        return None
    return Days(last_on + A_DAY, next_on - A_DAY)


def next_days(at: datetime) -> Days:
    """The days that the next period would have: from where the last one ends to the end of that month; the month of
    today when there is none.
    """
    stand = Period.objects.exclude(status=PeriodStatus.WITHDRAWN)
    last = stand.order_by("-last_on").values_list("last_on", flat=True).first()
    first = month_bounds(local_date(at))[0] if last is None else last + A_DAY
    return Days(first, month_bounds(first)[1])
