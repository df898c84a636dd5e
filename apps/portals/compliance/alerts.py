"""Alerts that are in no case: merged into one, or closed with a reason."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.compliance import operations, wording
from apps.compliance.models import SuspiciousActivityAlert
from apps.kernel.clock import now
from apps.portals.compliance.door import console_page, did, page
from apps.portals.customer.forms import Sheet
from apps.users.doors import signed_in

MOST = 100


class Merge(Sheet):
    """Which belong together."""

    alert = forms.ModelMultipleChoiceField(
        queryset=SuspiciousActivityAlert.objects.open().select_related("subject", "rule"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose the alerts that belong together.")},
        label=_("Alerts"),
    )


class Close(Sheet):
    """Why it means nothing."""

    reason = forms.CharField(label=_("Why it means nothing"), max_length=500)


@console_page
def alerts(request: HttpRequest) -> HttpResponse:
    """By customer, the newest first; those of one customer become one case."""
    user = signed_in(request)
    form = Merge(request.POST if request.method == "POST" else None)
    gone = did(
        request,
        form,
        lambda: operations.merge(alerts=list(form.cleaned_data["alert"]), by=user, at=now()),
        _now("Merged into one case."),
        reverse("compliance:queue"),
    )
    if gone:
        return gone
    rows = SuspiciousActivityAlert.objects.open().not_about(user.pk).select_related("subject", "rule")
    shown = [(row, wording.sentence(row), wording.measure(row)) for row in rows.order_by("subject", "-last_at")[:MOST]]
    return page(request, "alerts", status=form.status, form=form, rows=shown)


@console_page
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """One that means nothing."""
    user = signed_in(request)
    alert = get_object_or_404(
        SuspiciousActivityAlert.objects.select_related("subject", "rule").not_about(user.pk), pk=pk
    )
    form = Close(request.POST if request.method == "POST" else None)
    gone = did(
        request,
        form,
        lambda: operations.close_alert(alert=alert, reason=form.cleaned_data["reason"], by=user, at=now()),
        _now("The alert is closed."),
        reverse("compliance:alerts"),
    )
    facts = {"alert": alert, "words": wording.sentence(alert), "measure": wording.measure(alert), "place": "alerts"}
    return gone or page(request, "alert_close", status=form.status, form=form, **facts)
