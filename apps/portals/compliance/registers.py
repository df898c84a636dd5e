"""The registers of data protection: breaches, processing, retention; to read, to print, as CSV."""

import csv
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.compliance.models import Basis, Breach, RetentionRule, RetentionRun
from apps.compliance.operations import privacy as operations
from apps.compliance.policies import KEEP
from apps.kernel.cells import safe_cell
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.portals.compliance.door import did, page, register_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

MOST = 100
COLUMNS = ("code", "version", "name", "purpose", "basis", "law", "people", "categories", "recipients", "retention",
           "abroad", "dpia", "is_active")  # fmt: skip
_WHEN = {"type": "datetime-local"}


def _moment(label: Any, *, required: bool) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs=_WHEN, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, required=required, widget=widget, input_formats=["%Y-%m-%dT%H:%M"])


class NewBreach(Sheet):
    """What is known of it."""

    title = forms.CharField(label=_("In a few words"), max_length=120)
    what = forms.CharField(label=_("What happened"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    categories = forms.CharField(label=_("Which data"), max_length=300)
    people = forms.IntegerField(label=_("About how many people"), min_value=0)
    aware_at = _moment(_("When the bank knew"), required=True)
    is_risky = forms.BooleanField(label=_("People may be harmed"), required=False)
    why_not_risky = forms.CharField(label=_("If not: why not"), max_length=500, required=False)
    processor = forms.CharField(label=_("Who works for the bank and told it"), max_length=120, required=False)
    processor_knew_at = _moment(_("When they knew"), required=False)


class Act(Sheet):
    """Something that is done about it."""

    act = forms.ChoiceField(
        choices=[(way, way) for way in ("note", "measure", "report", "people", "tell", "close")],
        widget=forms.HiddenInput,
    )
    text = forms.CharField(label=_("What was found or done"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    late_because = forms.CharField(label=_("If late: why"), max_length=500, required=False)


class NewActivity(Sheet):
    """One thing the bank does with data; a code that is there gets its next version."""

    code = forms.SlugField(label=_("Code"), max_length=30)
    name = forms.CharField(label=_("Name"), max_length=120)
    purpose = forms.CharField(label=_("Purpose"), max_length=500)
    basis = forms.ChoiceField(label=_("Basis"), choices=Basis.choices)
    law = forms.CharField(label=_("Law"), max_length=200)
    people = forms.CharField(label=_("Whose data"), max_length=200)
    categories = forms.CharField(label=_("Which data"), max_length=500)
    recipients = forms.CharField(label=_("Who gets it"), max_length=500)
    retention = forms.CharField(label=_("How long it is kept"), max_length=200)
    abroad = forms.CharField(label=_("Sent abroad"), max_length=300)
    dpia = forms.CharField(label=_("Impact assessment"), max_length=300)


class NewLength(Sheet):
    """Another length for one rule."""

    code = forms.CharField(widget=forms.HiddenInput)
    keep_days = forms.IntegerField(label=_("Days"), min_value=1, max_value=36525)
    law = forms.CharField(label=_("Law"), max_length=200)
    reason = forms.CharField(label=_("Reason"), max_length=400)


@register_page
def breaches(request: HttpRequest) -> HttpResponse:
    """The register, what runs out first on top; and a new one."""
    user, at = signed_in(request), now()
    form = NewBreach(request.POST if request.method == "POST" else None, initial={"is_risky": True})
    gone = did(
        request, form, lambda: operations.open_breach(found=operations.Found(**form.cleaned_data), by=user, at=now()),
        _now("Written down. The clock of 72 hours runs."), reverse("compliance:privacy-breaches"),
    )  # fmt: skip
    rows = Breach.objects.order_by("closed_at", "report_due_at", "-pk")[:MOST]
    facts = {"rows": [(row, row.is_overdue(at)) for row in rows], "may": user.has_perm(KEEP), "place": "privacy"}
    return gone or page(request, "privacy_breaches", status=form.status, form=form, **facts)


@register_page
def breach(request: HttpRequest, reference: str) -> HttpResponse:
    """One: its clock, what was done, and the next step."""
    user = signed_in(request)
    row = get_object_or_404(Breach, reference=reference)
    form = Act(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            said = _act(row, form.cleaned_data, user)
        except DomainError as no:
            form.refuse(no)
            row.refresh_from_db()
        else:
            messages.success(request, said)
            return go(request, reverse("compliance:privacy-breach", args=[reference]))
    facts = {
        "row": row,
        "overdue": row.is_overdue(now()),
        "entries": row.entries.select_related("by").order_by("pk"),
        "touched": row.touched.count(),
        "told": row.touched.filter(told_at__isnull=False).count(),
        "may": user.has_perm(KEEP),
        "place": "privacy",
    }
    return page(request, "privacy_breach", status=form.status, form=form, **facts)


def _act(row: Breach, asked: dict[str, Any], user: Any) -> str:
    what, text = asked["act"], asked["text"]
    said: dict[str, Any] = {"breach": row, "by": user, "at": now()}
    if what == "report":
        operations.report_breach(reference=text, late_because=asked["late_because"], **said)
    elif what == "tell":
        operations.ask_tell(reason=text, **said)
        return _now("A second person is asked. Until then nothing is changed.")
    elif what == "people":
        new, unknown = operations.name_people(phones=text.split(), **said)
        words = _now("%(new)s people named. Not found: %(unknown)s")
        return words % {"new": new, "unknown": ", ".join(unknown) or "-"}
    elif what == "close":
        operations.close_breach(reason=text, **said)
    else:
        operations.note_breach(text=text, is_measure=what == "measure", **said)
    return _now("Written down.")


@register_page
def activities(request: HttpRequest) -> HttpResponse:
    """What the bank does with personal data; `?export=csv` for the Commissioner."""
    rows = operations.activities()
    if request.GET.get("export") == "csv":
        return _csv(rows)
    user = signed_in(request)
    form = NewActivity(request.POST if request.method == "POST" else None)

    def write() -> Any:
        facts = dict(form.cleaned_data)
        code = facts.pop("code")
        return operations.write_activity(code=code, said=operations.Activity(**facts), by=user, at=now())

    gone = did(request, form, write, _now("Written down."), reverse("compliance:privacy-activities"))
    facts = {"rows": rows, "may": user.has_perm(KEEP), "place": "privacy"}
    return gone or page(request, "privacy_activities", status=form.status, form=form, **facts)


def _csv(rows: Any) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="processing-{local_date(now()):%Y%m%d}.csv"'
    writer = csv.writer(answer)
    writer.writerow(COLUMNS)
    writer.writerows([safe_cell(str(getattr(row, name))) for name in COLUMNS] for row in rows)
    return answer


@register_page
def retention(request: HttpRequest) -> HttpResponse:
    """How long what is kept, by which law; what the last runs did."""
    user = signed_in(request)
    form = NewLength(request.POST if request.method == "POST" else None)
    gone = did(
        request, form, lambda: operations.ask_retention(by=user, at=now(), **form.cleaned_data),
        _now("A second person is asked. Until then nothing is changed."), reverse("compliance:privacy-retention"),
    )  # fmt: skip
    rules: list[RetentionRule] = list(operations.retention_rules().values())
    runs = RetentionRun.objects.order_by("-pk")[:MOST]
    facts = {"rules": rules, "runs": runs, "may": user.has_perm(KEEP), "place": "privacy"}
    return gone or page(request, "privacy_retention", status=form.status, form=form, **facts)
