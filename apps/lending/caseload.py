"""What the collections desk asks: which cases wait, how many of each kind, and everything that happened in one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.formats import date_format
from django.utils.functional import Promise as Words
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import day_start
from apps.kernel.money import Money
from apps.lending.models import (
    CallOutcome,
    CollectionCase,
    CollectionCaseQuerySet,
    CollectionEntry,
    CollectionStage,
    Did,
    LetterKind,
    MoreTime,
    MoreTimeStatus,
    NextAct,
    Promise,
    PromiseStatus,
    Repayment,
    VisitOutcome,
)
from apps.lending.operations.collections.contacts import TEXTS
from apps.users.models import User

VIEWS: dict[str, Words] = {
    "all": _("All open"),
    "mine": _("Mine"),
    "free": _("Nobody's yet"),
    "due": _("To do today"),
    "promised": _("Promised today"),
    "broken": _("Broken promises"),
    "more-time": _("More time asked"),
}
LATE = (1, 7, 30, 90, 180)


def cases(user: User, *, view: str = "all", stage: str = "", late: int = 0, on: date) -> CollectionCaseQuerySet:
    """Open cases but one's own, the most money at risk first (`at_risk_minor`)."""
    found = CollectionCase.objects.open().visible_to(user).filter(_filters(user, on)[view])
    if stage:
        found = found.filter(stage=stage)
    if late:
        found = found.filter(loan__days_past_due__gte=late)
    at_risk = F("loan__principal_left_minor") + F("loan__written_off_minor") - F("loan__recovered_minor")
    return found.shown().annotate(at_risk_minor=at_risk).order_by("-at_risk_minor", "pk")


def counts(user: User, on: date) -> tuple[dict[str, int], dict[str, int]]:
    """How many open cases each view and each stage holds, in two queries."""
    rows = CollectionCase.objects.open().visible_to(user)
    views = {f"n{nth}": Count("pk", filter=found) for nth, found in enumerate(_filters(user, on).values())}
    counted = rows.aggregate(**views)
    stages = dict(rows.order_by().values_list("stage").annotate(n=Count("pk")))
    return {view: counted[f"n{nth}"] for nth, view in enumerate(VIEWS)}, stages


def _filters(user: User, on: date) -> dict[str, Q]:
    promises = Promise.objects.filter(case=OuterRef("pk"))
    running = promises.filter(status=PromiseStatus.OPEN)
    broken = promises.filter(status__in=[PromiseStatus.BROKEN, PromiseStatus.PARTLY_KEPT])
    wishes = MoreTime.objects.filter(case=OuterRef("pk"), status=MoreTimeStatus.ASKED)
    return {
        "all": Q(),
        "mine": Q(officer=user),
        "free": Q(officer=None),
        "due": Q(next_on__lte=on) & ~Q(next_act=NextAct.WAIT),
        "promised": Q(Exists(running.filter(due_on=on))),
        "broken": Q(Exists(broken)) & ~Q(Exists(running)),
        "more-time": Q(Exists(wishes)),
    }


@dataclass(frozen=True, slots=True)
class Line:
    """One thing in the history of a case: when, what, by whom, with its words."""

    at: datetime
    what: str
    label: str
    says: str
    note: str
    by: str
    is_ours: bool  # the bank's own doing, without anybody's


def timeline(case: CollectionCase) -> list[Line]:
    """Everything since the case was opened, payments included, the newest first; two queries."""
    entries = CollectionEntry.objects.filter(case=case).select_related("by", "contacted").order_by("-pk")
    paid = Repayment.objects.filter(loan_id=case.loan_id, made_at__gte=day_start(case.opened_on))
    if case.closed_at:
        paid = paid.filter(made_at__lte=case.closed_at)
    paid = paid.select_related("reversal")
    lines = [_line(row) for row in entries]
    lines += [
        Line(row.made_at, "PAID", str(_("Paid")), _paid(row), "", str(row.get_source_display()), is_ours=False)
        for row in paid
    ]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _paid(row: Repayment) -> str:
    back = row.taken_back
    return f"{row.amount} · {back.get_because_display()}, {date_format(back.reversed_on)}" if back else str(row.amount)


def _line(row: CollectionEntry) -> Line:
    return Line(
        row.at, row.what, str(Did(row.what).label), _says(row), row.note, str(row.by), is_ours=bool(row.by.is_service)
    )


def _says(row: CollectionEntry) -> str:
    """The facts of an entry in words."""
    facts: dict[str, Any] = row.facts
    parts: list[str] = []
    if row.what == Did.CALL:
        parts.append(str(CallOutcome(row.outcome).label))
    elif row.what == Did.VISIT:
        parts.append(str(VisitOutcome(row.outcome).label))
    elif row.what == Did.STAGE:
        parts.append(f"{CollectionStage(facts['before']).label} → {CollectionStage(facts['after']).label}")
    elif row.what == Did.LETTER:
        parts.append(str(LetterKind(facts["kind"]).label))
    elif row.what == Did.MESSAGE:
        parts.append(str(TEXTS[facts["text"]][1]))
    elif row.what == Did.NEXT:
        parts.append(str(NextAct(facts["act"]).label))
    if row.contacted_as == "GUARANTOR" and row.contacted:
        parts.append(str(row.contacted))
    if "amount_minor" in facts:
        parts.append(_of(facts))
    parts += [str(facts[name]) for name in ("amount", "place") if name in facts]
    parts += [date_format(date.fromisoformat(facts[name])) for name in ("due_on", "on") if name in facts]
    return " · ".join(parts)


def _of(facts: dict[str, Any]) -> str:
    received, amount = (Money(facts[f"{name}_minor"], facts["currency"]) for name in ("received", "amount"))
    return str(_("%(received)s of %(amount)s") % {"received": received, "amount": amount})


def stage_choices(counted: dict[str, int]) -> Sequence[tuple[str, str, int]]:
    """Every stage with its words and how many cases stand on it."""
    return [(stage.value, str(stage.label), counted.get(stage.value, 0)) for stage in CollectionStage]
