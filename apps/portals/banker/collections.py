"""Collections at the desk: the queue of loans that are late, and early warnings of those that may become so."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.credit_scoring import operations as credit
from apps.credit_scoring.models import EarlyWarning
from apps.credit_scoring.states import WarningStatus
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.lending import caseload, warnings
from apps.lending.models import CollectionStage
from apps.portals.banker.customer import record_look
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in
from apps.users.models import User

RIGHT = "lending.collect_loans"
WARNINGS = "credit_scoring.approve_loan"
PER_PAGE = 25


class Agreed(Sheet):
    """What came of a warning."""

    agreed = forms.CharField(label=_("What was agreed"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


@staff_page(RIGHT)
def queue(request: HttpRequest) -> HttpResponse:
    """Open cases with counts and filters, the most money at risk first."""
    user, today = signed_in(request), local_date(now())
    view = request.GET.get("view", "all")
    view = view if view in caseload.VIEWS else "all"
    stage = request.GET.get("stage", "")
    stage = stage if stage in CollectionStage.values else ""
    late = request.GET.get("late", "")
    days = int(late) if late in {str(days) for days in caseload.LATE} else 0
    rows = caseload.cases(user, view=view, stage=stage, late=days, on=today)
    by_view, by_stage = caseload.counts(user, today)
    return page(
        request,
        "collections",
        rows=Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        views=[(code, label, by_view[code], code == view) for code, label in caseload.VIEWS.items()],
        stages=caseload.stage_choices(by_stage),
        lates=caseload.LATE,
        chosen={"view": view, "stage": stage, "late": days},
        warnings_open=EarlyWarning.objects.exclude(status=WarningStatus.CLOSED).count(),
        place="collections",
    )


@staff_page(WARNINGS)
def early(request: HttpRequest) -> HttpResponse:
    """Warnings that are open, the worst first, each with why in words and its loan; taken, then closed with a word."""
    user = signed_in(request)
    form = Agreed(request.POST if request.method == "POST" and request.POST.get("act") == "close" else None)
    if request.method == "POST":
        row = get_object_or_404(EarlyWarning.objects.select_related("user"), pk=_number(request.POST.get("warning")))
        if row.user_id != user.pk:
            record_look(user, row.user, _now("An early warning"))
        if said := _done(row, form, user):
            messages.success(request, said)
            return go(request, reverse("admin:warnings"))
    rows = EarlyWarning.objects.exclude(status=WarningStatus.CLOSED).exclude(user_id=user.pk)
    found = Paginator(warnings.worst_first(rows), PER_PAGE).get_page(request.GET.get("page"))
    told = warnings.told(list(found))
    return page(
        request,
        "warnings",
        status=form.status,
        rows=found,
        told=told,
        form=form,
        chosen=_number(request.POST.get("warning")),
        place="collections",
        me=user.pk,
    )


def _done(row: EarlyWarning, form: Agreed, by: User) -> str:
    """What is said when it was taken or closed; nothing when it was refused."""
    try:
        if not form.is_bound:
            credit.take_warning(warning=row, by=by, at=now())
            return _now("It is yours.")
        if form.is_valid():
            credit.close_warning(warning=row, agreed=form.cleaned_data["agreed"], by=by, at=now())
            return _now("Closed with what was agreed.")
    except DomainError as no:
        if not form.is_bound:
            raise
        form.refuse(no)
    return ""


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0
