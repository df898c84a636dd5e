"""What the watch over staff saw: each read and closed by somebody else."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.compliance import operations
from apps.compliance.models import StaffAlert
from apps.kernel.clock import now
from apps.portals.compliance.door import console_page, did, page
from apps.portals.customer.forms import Sheet
from apps.users.doors import signed_in

MOST = 100


class Close(Sheet):
    """What came of it."""

    note = forms.CharField(label=_("What came of it"), max_length=400)


@console_page
def staff(request: HttpRequest) -> HttpResponse:
    """Open ones first, none about oneself."""
    rows = StaffAlert.objects.exclude(staff=signed_in(request)).select_related("staff__staff", "closed_by")
    waiting = rows.filter(closed_at=None).order_by("-raised_at")[:MOST]
    return page(request, "staff", waiting=waiting, done=rows.exclude(closed_at=None).order_by("-closed_at")[:MOST])


@console_page
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """One, with what came of it."""
    user = signed_in(request)
    alert = get_object_or_404(StaffAlert.objects.exclude(staff=user).select_related("staff"), pk=pk)
    form = Close(request.POST if request.method == "POST" else None)
    gone = did(
        request,
        form,
        lambda: operations.close_staff_alert(alert=alert, note=form.cleaned_data["note"], by=user, at=now()),
        _now("The alert is closed."),
        reverse("compliance:staff"),
    )
    return gone or page(request, "staff_close", status=form.status, place="staff", form=form, alert=alert)
