"""The report of a case: drafted with its transactions, approved by the MLRO, exported, filed, its receipt recorded."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import Http404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.compliance import operations, policies, queries
from apps.compliance.models import Case, ReportStatus, SuspiciousTransactionReport
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.portals.compliance.case import find
from apps.portals.compliance.door import console_page, page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in
from apps.users.models import User


class Draft(Sheet):
    """The words and the transactions of a report."""

    narrative = forms.CharField(label=_("What happened: facts, dates and amounts"), max_length=8000,
                                widget=forms.Textarea(attrs={"rows": 8}))  # fmt: skip
    action = forms.CharField(label=_("What the bank did"), max_length=2000, required=False,
                             widget=forms.Textarea(attrs={"rows": 2}))  # fmt: skip


class Answer(Sheet):
    """A reason to send back, or a receipt's number."""

    text = forms.CharField(label=_("Reason, or the number of the receipt"), max_length=500, required=False)


@console_page
def report(request: HttpRequest, reference: str) -> HttpResponse:
    """Where it stands, and the next step for who may make it."""
    row, user = find(request, reference), signed_in(request)
    held = row.reports.select_related("drafted_by", "approved_by", "case", "file").order_by("-pk").first()
    last = held.versions.order_by("-number").first() if held else None
    shown = queries.transactions(row.alerts.all())
    people = queries.people_of(row)
    own = [one for one in shown if one.line.account.owner_id in people]
    chosen = set(last.lines) if last else {one.line.pk for one in own}
    start = {"narrative": last.narrative if last else row.decision_reason, "action": last.action if last else ""}
    act = request.POST.get("act", "") if request.method == "POST" else ""
    form: Sheet = Draft(request.POST, initial=start) if act == "draft" else Draft(initial=start)
    answer = Answer(request.POST if act and act != "draft" else None)
    if act == "draft":
        chosen = {
            int(text) for text in request.POST.getlist("line") if text.isascii() and text.isdigit() and len(text) < 19
        }
    bound = form if act == "draft" else answer
    if act and bound.is_valid():
        try:
            said = _run(act, row, held, bound, chosen, user)
        except DomainError as no:
            if no.status == 404:
                raise
            bound.refuse(no)
        else:
            messages.success(request, said)
            return go(request, reverse("compliance:report", args=[row.reference]))
    facts: dict[str, Any] = {
        "case": row, "report": held, "last": last, "own": own, "chosen": chosen, "draft": form, "answer": answer,
        "versions": list(held.versions.select_related("by").order_by("-number")) if held else [],
        "file": getattr(held, "file", None) if held else None, "at": now(), "place": "queue",
        "is_mlro": user.has_perm(policies.APPROVE), "form": bound if act else None,
        "receipt": getattr(getattr(held, "file", None), "receipt", None) if held else None,
    }  # fmt: skip
    return page(request, "report", status=bound.status if act else 200, **facts)


def _run(
    act: str, row: Case, held: SuspiciousTransactionReport | None, form: Sheet, chosen: set[int], user: User
) -> str:
    given, at = form.cleaned_data, now()
    if act == "draft":
        operations.draft_report(
            case=row, narrative=given["narrative"], action=given["action"], lines=sorted(chosen),
            indicators=sorted(set(row.alerts.values_list("code", flat=True))), by=user, at=at,
        )  # fmt: skip
        return _now("The draft is kept. The MLRO is asked.")
    if held is None:
        raise Http404
    if act == "approve":
        operations.approve_report(report=held, by=user, at=at)
        return _now("Approved. The goAML file is made.")
    if act == "back":
        operations.send_report_back(report=held, reason=given["text"], by=user, at=at)
        return _now("Sent back to its maker.")
    if act == "file":
        operations.file_report(report=held, by=user, at=at)
        return _now("Recorded as filed.")
    if act == "receive" and held.status in {ReportStatus.FILED, ReportStatus.RECEIVED}:
        operations.receive(kept=held.file, number=given["text"], by=user, at=at)
        return _now("The receipt is recorded.")
    raise Http404


@console_page
def export(request: HttpRequest, reference: str) -> HttpResponse:
    """The goAML file of the newest approved report, as it was made."""
    row = find(request, reference)
    held = row.reports.exclude(status=ReportStatus.DRAFT).select_related("file").order_by("-pk").first()
    if held is None:
        raise Http404
    audit_trail.record("compliance.report.exported", on=held, by=signed_in(request), at=now())
    answer = HttpResponse(bytes(held.file.content), content_type="application/xml")
    answer["Content-Disposition"] = f'attachment; filename="{held.file.name}"'
    return answer
