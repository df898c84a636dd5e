"""Every file that was made for the Financial Reporting Centre, and the next weekly and annual ones."""

from datetime import date, timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.compliance import operations
from apps.compliance.models import ComplianceReport
from apps.kernel.clock import local_date, now
from apps.portals.compliance.door import console_page, did, page
from apps.portals.customer.forms import Sheet
from apps.users.doors import signed_in

MOST = 50


class Make(Sheet):
    """Which report."""

    kind = forms.ChoiceField(choices=[("cash", "cash"), ("annual", "annual")], widget=forms.HiddenInput)
    day = forms.DateField(
        label=_("A day of the week or year"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


@console_page
def reports(request: HttpRequest) -> HttpResponse:
    """The newest first; files about oneself are not there."""
    user, today = signed_in(request), local_date(now())
    form = Make(request.POST if request.method == "POST" else None, initial={"day": today - timedelta(days=7)})

    def make() -> ComplianceReport:
        day: date = form.cleaned_data["day"]
        if form.cleaned_data["kind"] == "cash":
            return operations.make_cash_report(week_of=day, by=user, at=now())
        return operations.make_annual_report(year=day.year, by=user, at=now())

    gone = did(request, form, make, _now("The report is made."), reverse("compliance:reports"))
    rows = ComplianceReport.objects.not_about(user.pk).select_related("made_by", "receipt")
    shown = rows.defer("content").order_by("-pk")[:MOST]
    return gone or page(request, "reports", status=form.status, form=form, rows=shown)


@console_page
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """One file as it was made."""
    user = signed_in(request)
    row = get_object_or_404(ComplianceReport.objects.not_about(user.pk), pk=pk)
    audit_trail.record("compliance.report.exported", on=row, by=user, at=now())
    answer = HttpResponse(bytes(row.content), content_type=row.content_type)
    answer["Content-Disposition"] = f'attachment; filename="{row.name}"'
    return answer
