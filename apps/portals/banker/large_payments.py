"""From which amount on a payment is a large one: what holds, what comes, and asking a second person for another."""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations
from apps.accounts.models import LargePaymentFloor
from apps.accounts.operations.large_floor import CHANGE_LARGE
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval, ApprovalStatus
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

SHOWN = 10


class LargeChange(Sheet):
    """From which amount on, from when, and why."""

    amount = AmountField(label=_("From this amount on"))
    valid_from = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label=_("Reason"), max_length=200)


@staff_page("accounts.manage_products")
def large_payments(request: HttpRequest) -> HttpResponse:
    """The amount of today, those to come and those before, what waits for a second person, and asking for another."""
    today = local_date(now())
    form = LargeChange(
        request.POST if request.method == "POST" else None, initial={"valid_from": today + timedelta(days=14)}
    )
    if form.is_bound and form.is_valid():
        try:
            approval = operations.ask_large_payment_change(**form.cleaned_data, by=signed_in(request), at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Asked. Another member of staff decides."))
            return go(request, reverse("admin:approval", args=[approval.pk]))
    held = LargePaymentFloor.objects.filter(valid_from__lte=today).order_by("-valid_from")
    waiting = Approval.objects.filter(kind=CHANGE_LARGE, status=ApprovalStatus.PENDING).select_related("maker")
    return page(
        request,
        "large_payments",
        status=form.status,
        place="large-payments",
        form=form,
        currency=settings.HOME_CURRENCY,
        coming=LargePaymentFloor.objects.filter(valid_from__gt=today).order_by("valid_from"),
        held=held[:SHOWN],
        waiting=waiting.order_by("pk"),
    )
