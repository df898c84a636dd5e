"""Sleeping accounts at the desk: the register, and by two people what goes to the Authority and comes back."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations
from apps.accounts.models import SleepingAccount, SleepStatus
from apps.accounts.operations.unclaimed import is_due
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

A_PAGE = 25


class Why(Sheet):
    """The person who decides reads it."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


@staff_page("accounts.view_transactions")
def dormant(request: HttpRequest) -> HttpResponse:
    """The register, the longest asleep first; of one status when that is asked for."""
    rows = SleepingAccount.objects.select_related("account__owner").order_by("last_act_on", "pk")
    wanted = request.GET.get("status", "")
    if wanted in SleepStatus.values:
        rows = rows.filter(status=wanted)
    found = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    at = now()
    shown = [(row, is_due(row, at)) for row in found]
    return page(
        request, "dormant", place="dormant", rows=shown, found=found, statuses=SleepStatus.choices, wanted=wanted
    )


@staff_page("accounts.approve_cash")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the payment to the Authority, or for what it gave back."""
    row = get_object_or_404(SleepingAccount.objects.select_related("account__owner"), pk=pk)
    at, form = now(), Why(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        ask = operations.ask_reclaim if row.status == SleepStatus.HANDED_OVER else operations.ask_hand_over
        try:
            approval = ask(row=row, reason=form.cleaned_data["reason"], by=signed_in(request), at=at)
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Asked. Another member of staff decides."))
            return go(request, reverse("admin:approval", args=[approval.pk]))
    return page(request, "dormant_one", status=form.status, place="dormant", form=form, row=row, due=is_due(row, at))
