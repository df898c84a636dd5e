"""Airtime at the desk: orders nobody knows the end of, statuses that say otherwise, and one click to decide by two."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.payments import operations
from apps.payments.models import AirtimeOrder
from apps.payments.operations.airtime_decide import RIGHT
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

MOST = 100


class Console(Sheet):
    """What the provider's console shows; the button says which."""

    loaded = forms.ChoiceField(choices=[("yes", _("Loaded")), ("no", _("Not loaded"))])
    why = forms.CharField(label=_("What does the provider's console show?"), max_length=200)


@staff_page(RIGHT)
def airtime(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first."""
    return _shown(request)


@staff_page(RIGHT)
def decide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask a second person to agree on one order."""
    order = get_object_or_404(AirtimeOrder.objects.select_related("payment"), payment__public_id=public_id)
    form = Console(request.POST, auto_id=f"o{order.pk}_%s")
    if form.is_valid():
        asked = form.cleaned_data
        try:
            approval = operations.ask_to_decide_airtime(
                order=order, loaded=asked["loaded"] == "yes", reason=asked["why"], by=signed_in(request), at=now()
            )
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Asked. When a second person agrees, it is booked so."))
            return go(request, reverse("admin:approval", args=[approval.pk]))
    return _shown(request, order, form)


def _shown(request: HttpRequest, asked: AirtimeOrder | None = None, form: Console | None = None) -> HttpResponse:
    at = now()
    orders = [
        (row, form if asked is not None and row.pk == asked.pk else Console(auto_id=f"o{row.pk}_%s"))
        for row in operations.airtime_in_doubt(at)[:MOST]
    ]
    return page(
        request,
        "airtime",
        status=form.status if form else 200,
        form=form,
        orders=orders,
        callbacks=operations.odd_airtime_callbacks(at)[:MOST],
    )
