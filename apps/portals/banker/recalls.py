"""Recalls at the desk: what was asked back of other banks, what they answered, and asking for one."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.payments.banks.reasons import why
from apps.payments.models import BankOrder, PaymentRecall, RecallReason
from apps.payments.operations import banks
from apps.payments.operations.banks.recall import RIGHT
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

MOST = 50


class Recall(Sheet):
    """Which payment, and why."""

    where = {"not_to_recall": "reference"}
    reference = forms.CharField(label=_("Reference of the payment"), max_length=12)
    code = forms.ChoiceField(label=_("Why it should come back"), choices=RecallReason.choices)
    words = forms.CharField(
        label=_("What the other bank is told (you may leave it out)"), max_length=100, required=False
    )
    reason = forms.CharField(label=_("Reason, for our record"), max_length=200)


@staff_page(RIGHT)
def recalls(request: HttpRequest) -> HttpResponse:
    """The newest first; asking needs a second person."""
    form = Recall(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        orders = BankOrder.objects.select_related("payment")
        order = orders.filter(payment__reference=asked["reference"].strip().upper()).first()
        if order is None:
            form.add_error("reference", _now("No payment to another bank has that reference. Nothing was asked."))
        else:
            try:
                approval = banks.ask_recall(
                    order=order,
                    reason=asked["code"],
                    words=asked["words"],
                    why=asked["reason"],
                    by=signed_in(request),
                    at=now(),
                )
            except DomainError as no:
                form.refuse(no)
            else:
                messages.success(request, _now("Asked. When a second person agrees, the other bank is asked."))
                return go(request, reverse("admin:approval", args=[approval.pk]))
    rows = PaymentRecall.objects.select_related("order__payment", "asked_by", "allowed_by").order_by("-pk")[:MOST]
    shown = [(row, _now(why(row.answer)) if row.answer else "") for row in rows]
    return page(request, "recalls", status=form.status, form=form, recalls=shown, place="other-banks")
