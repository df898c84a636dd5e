"""Credit at the desk: how good the model is, whether it still fits, what it decided, and what waits for a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.credit_scoring import operations as credit
from apps.credit_scoring import policies, queries, wording
from apps.credit_scoring.champion import champion
from apps.credit_scoring.models import Decision, DriftReading, EarlyWarning, ModelVersion, Outcome
from apps.credit_scoring.operations.drift import ALARM
from apps.credit_scoring.states import DecisionStatus, ModelStatus, WarningStatus
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.portals.banker.customer import record_look
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.portals.templatetags.kit import short_day
from apps.users.doors import signed_in

MOST, SHOWN = 20, 2
LEFT, RIGHT, TOP, FOOT = 40.0, 590.0, 12.0, 150.0  # the drift chart
FIGURES = (
    ("auc", _("AUC")),
    ("ks", _("KS")),
    ("brier", _("Brier")),
    ("accuracy", _("Right at one half")),
    ("base_rate", _("Calling everybody good")),
)


class Review(Sheet):
    """Whether an automatic decline stands."""

    note = forms.CharField(label=_("What you found out"), max_length=300)
    decision = forms.ChoiceField(choices=[("uphold", "uphold"), ("overturn", "overturn")], widget=forms.HiddenInput)


class Override(Sheet):
    """What it shall be instead."""

    outcome = forms.ChoiceField(
        label=_("It shall be"), choices=[(Outcome.APPROVED, _("Approved")), (Outcome.REJECTED, _("Declined"))]
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)


class Promote(Sheet):
    """Which model shall be put to use."""

    model = forms.ModelChoiceField(label=_("Model"), queryset=ModelVersion.objects.none())
    to = forms.ChoiceField(
        label=_("Use"),
        choices=[(ModelStatus.CHAMPION, _("Decides")), (ModelStatus.CHALLENGER, _("Runs beside the champion"))],
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        idle = [ModelStatus.CANDIDATE, ModelStatus.CHALLENGER]
        self.fields["model"].queryset = ModelVersion.objects.filter(status__in=idle).order_by("-pk")  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Dot:
    """One reading on the chart."""

    x: float
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The stability of the champion's population, week by week: arithmetic only."""

    points: str
    dots: Sequence[Dot]
    alarm_y: float
    grid: Sequence[tuple[float, str]]
    sentence: str


@staff_page()
def monitor(request: HttpRequest) -> HttpResponse:
    """The models in use with their figures and drift; decisions and reviews for who may see people."""
    user = signed_in(request)
    if not policies.sees_figures(user):
        raise PermissionDenied
    form = Promote(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _asked(form, request):
        return go(request, reverse("admin:credit"))
    found, sees = queries.monitor(), policies.sees_decisions(user)
    readings = [row for row in found.readings if found.champion and row.model_id == found.champion.pk]
    return page(
        request,
        "credit",
        status=form.status,
        form=form,
        note=wording.explain_notes([champion().note], _language()),
        models=[_model(row) for row in (found.champion, found.challenger) if row],
        names=[words for _key, words in FIGURES],
        latest=readings[0] if readings else None,
        shadow=next((row for row in found.readings if row.agreement), None),
        readings=readings[:8],
        chart=chart(readings),
        alarm=ALARM,
        sees=sees,
        **(_people() if sees else {}),
        at=now(),
        place="credit",
    )


def _asked(form: Promote, request: HttpRequest) -> bool:
    asked = form.cleaned_data
    try:
        credit.ask_promotion(
            model=asked["model"], to=asked["to"], reason=asked["reason"], by=signed_in(request), at=now()
        )
    except DomainError as no:
        form.refuse(no)
        return False
    messages.success(request, _now("Asked. A second person decides."))
    return True


def _model(row: ModelVersion) -> dict[str, Any]:
    later = row.metrics.get("out_of_time", {})
    return {
        "row": row,
        "figures": [later.get(key) for key, _words in FIGURES],
        "calibration": later.get("calibration", []),
        "stability": row.metrics.get("psi_out_of_time"),
    }


def _people() -> dict[str, Any]:
    rows = Decision.objects.select_related("user", "score")
    language = _language()
    made = rows.order_by("-pk")[:MOST]
    live = EarlyWarning.objects.exclude(status=WarningStatus.CLOSED).select_related("user")
    return {
        "waiting": [
            (row, wording.explain_reasons(row.reasons, language)[:SHOWN]) for row in rows.awaiting_review()[:MOST]
        ],
        "decisions": [(row, wording.explain_reasons(row.reasons, language)[:SHOWN]) for row in made],
        "warnings": list(live.order_by("-pk")[:MOST]),
    }


@staff_page()
def decision(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One decision: what it went by, why, and what a person makes of it. The look at its customer is recorded."""
    user = signed_in(request)
    if not policies.sees_decisions(user):
        raise PermissionDenied
    row = get_object_or_404(Decision.objects.select_related("user", "score", "reviewed_by"), public_id=public_id)
    record_look(user, row.user, _now("A credit decision"))
    is_override = "outcome" in request.POST
    review = Review(request.POST if request.method == "POST" and not is_override else None)
    change = Override(request.POST if request.method == "POST" and is_override else None)
    form: Sheet = change if is_override else review
    if form.is_bound and form.is_valid():
        try:
            _act(row, form, request)
        except DomainError as no:
            form.refuse(no)
            row.refresh_from_db()
        else:
            return go(request, reverse("admin:credit-decision", args=[row.public_id]))
    language = _language()
    return page(
        request,
        "credit_decision",
        status=form.status,
        row=row,
        review=review,
        change=change,
        errors_of=form,
        reasons=wording.explain_reasons(row.reasons, language),
        factors=[(row_, " ".join(wording.explain([row_], language))) for row_ in row.score.factors],
        notes=wording.explain_notes(row.score.notes, language),
        measured=row.inputs.get("measured", {}).items(),
        declared=row.inputs.get("declared", {}).items(),
        may=user.has_perm(policies.REVIEWS) and user.pk != row.user_id,
        mine=user.pk == row.user_id,
        is_open=row.status == DecisionStatus.REVIEW_OPEN,
        may_change=row.status != DecisionStatus.OVERRIDDEN,
        place="credit",
    )


def _act(row: Decision, form: Sheet, request: HttpRequest) -> None:
    asked, user, at = form.cleaned_data, signed_in(request), now()
    if isinstance(form, Override):
        credit.override(decision=row, outcome=asked["outcome"], reason=asked["reason"], by=user, at=at)
        messages.success(request, _now("Asked. A second person decides."))
        return
    credit.review(decision=row, by=user, uphold=asked["decision"] == "uphold", note=asked["note"], at=at)
    messages.success(request, _now("Written down. The customer can read it."))


@staff_page(policies.REVIEWS)
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that one works on a warning."""
    row = get_object_or_404(EarlyWarning.objects.select_related("user"), pk=pk)
    if request.method == "POST":
        credit.take_warning(warning=row, by=signed_in(request), at=now())
        messages.success(request, _now("It is yours."))
    return go(request, reverse("admin:credit"))


def chart(readings: Sequence[DriftReading]) -> Chart | None:
    """The champion's readings from the oldest on; None before there are two to draw a line between."""
    told = [(row.read_on, float(row.psi)) for row in reversed(readings) if row.psi is not None]
    if len(told) < 2:
        return None
    top = max(0.3, *(psi for _day, psi in told)) * 1.1
    first, last = told[0][0], told[-1][0]

    def place(day: date, psi: float) -> tuple[float, float]:
        along = (day - first).days / max((last - first).days, 1)
        return round(LEFT + along * (RIGHT - LEFT), 1), round(FOOT - psi / top * (FOOT - TOP), 1)

    dots = [Dot(*place(day, psi), short_day(day)) for day, psi in told]
    above = sum(psi > ALARM for _day, psi in told)
    words = _now(
        "Population stability over %(weeks)s readings: %(latest)s now; %(above)s above the alarm of %(alarm)s."
    )
    return Chart(
        points=" ".join(f"{dot.x},{dot.y}" for dot in dots),
        dots=dots,
        alarm_y=place(first, float(ALARM))[1],
        grid=[(place(first, level)[1], f"{level:.1f}") for level in (0.0, top / 2, top)],
        sentence=words % {"weeks": len(told), "latest": f"{told[-1][1]:.2f}", "above": above, "alarm": ALARM},
    )


def _language() -> str:
    return get_language() or "en"
