"""From which amount on a payment or a sale is a large one: what holds, what comes, and asking for another by two."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import LargePaymentFloor
from apps.accounts.operations.floor import Floor
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval, ApprovalStatus
from apps.payments import operations as payments
from apps.payments.models import SaleAlertFloor
from apps.payments.operations.shop import CURRENCY
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

Words = Promise | str
SHOWN = 10
SALE = "sale"  # before the names of the fields of sales


class LargeChange(Sheet):
    """From which amount on, from when, and why."""

    amount = AmountField(label=_("From this amount on"))
    valid_from = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label=_("Reason"), max_length=200)


@dataclass(frozen=True, slots=True)
class Part:
    """One of the two parts of the page: what it is about, its rows by day, what waits, and its form."""

    name: str
    title: Words
    says: Words
    none: Words
    held: Any
    coming: Any
    waiting: Any
    form: LargeChange


@staff_page("accounts.manage_products")
def large_payments(request: HttpRequest) -> HttpResponse:
    """The amounts of today, those to come and those before, what waits for a second person, and asking for others."""
    today = local_date(now())
    is_sale = f"{SALE}-amount" in request.POST
    first = {"valid_from": today + timedelta(days=14)}
    of_payments = LargeChange(request.POST if request.method == "POST" and not is_sale else None, initial=first)
    of_sales = LargeChange(request.POST if is_sale else None, initial=first, prefix=SALE)
    form, floor = (of_sales, payments.LARGE_SALE) if is_sale else (of_payments, accounts.LARGE_PAYMENT)
    if form.is_bound and form.is_valid() and (asked := _asked(request, form, floor)):
        messages.success(request, _now("Asked. Another member of staff decides."))
        return go(request, reverse("admin:approval", args=[asked.pk]))
    parts = [
        _part("pay", _PAYMENTS, LargePaymentFloor.objects.all(), accounts.LARGE_PAYMENT.kind, of_payments, today),
        _part(
            SALE, _SALES, SaleAlertFloor.objects.filter(currency=CURRENCY), payments.LARGE_SALE.kind, of_sales, today
        ),
    ]
    facts = {"currency": settings.HOME_CURRENCY, "parts": parts}
    return page(request, "large_payments", status=form.status, place="large-payments", **facts)


def _asked(request: HttpRequest, form: LargeChange, floor: Floor) -> Approval | None:
    try:
        return floor.ask(**form.cleaned_data, by=signed_in(request), at=now())
    except DomainError as no:
        form.refuse(no)
        return None


_PAYMENTS = (
    _("Large payments"),
    _(
        "From this amount on, customers find a payment, a file of payments or cash taken out among their alerts. Other "
        "currencies count at their middle rate. A change begins on its day, once a second person has allowed it."
    ),
    _("No amount is set: nobody finds a payment among their alerts."),
)
_SALES = (
    _("Large sales"),
    _(
        "From this amount on, a shop that hears of large sales gets an SMS of a sale. A change begins on its day, once "
        "a second person has allowed it; shops read the amount where they choose of which sales they hear."
    ),
    _("No amount is set: no shop hears of a sale as a large one."),
)


def _part(name: str, words: tuple[Words, Words, Words], rows: Any, kind: str, form: LargeChange, today: date) -> Part:
    title, says, none = words
    waiting = Approval.objects.filter(kind=kind, status=ApprovalStatus.PENDING).select_related("maker")
    return Part(
        name=name,
        title=title,
        says=says,
        none=none,
        held=rows.filter(valid_from__lte=today).order_by("-valid_from")[:SHOWN],
        coming=rows.filter(valid_from__gt=today).order_by("valid_from"),
        waiting=waiting.order_by("pk"),
        form=form,
    )
