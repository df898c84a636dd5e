"""Files sent to other banks and where they stand; their statements beside our books."""

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.payments.models import (
    BankFile,
    BankNews,
    BankOrder,
    Channel,
    NostroBreak,
    NostroStatement,
    OrderOutStatus,
    PaymentReturn,
)
from apps.payments.operations.banks.nostro import RIGHT, fetch_and_compare
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

MOST = 50


class Compare(Sheet):
    """Whose statement, of which day and currency."""

    channel = forms.ChoiceField(label=_("Account at"), choices=Channel.choices)
    day = forms.DateField(label=_("Day of the statement"), widget=forms.DateInput(attrs={"type": "date"}))
    currency = forms.RegexField(r"^[A-Z]{3}$", label=_("Currency"), initial="KES")


@staff_page(RIGHT)
def other_banks(request: HttpRequest) -> HttpResponse:
    """Files, what waits for one, statements, differences, returns, and entries that nobody could place."""
    user, at = signed_in(request), now()
    sent = request.method == "POST"
    form = Compare(request.POST if sent else None, initial={"day": local_date(at).isoformat(), "currency": "KES"})
    if sent and form.is_valid():
        asked = form.cleaned_data
        try:
            made = fetch_and_compare(
                channel=Channel(asked["channel"]), day=asked["day"], currency=asked["currency"], by=user, at=at
            )
        except DomainError as no:
            form.refuse(no)
        else:
            words = _now("Compared. Entries: %(count)s; alike: %(matched)s.")
            messages.success(request, words % {"count": made.count, "matched": made.matched})
            return go(request, reverse("admin:other-banks"))
    over = Q(orders__status__in=["SETTLED", "REJECTED", "RETURNED"])
    return page(
        request,
        "other_banks",
        status=form.status,
        form=form,
        files=BankFile.objects.defer("content").annotate(over=Count("orders", filter=over)).order_by("-pk")[:MOST],
        waiting=BankOrder.objects.filter(status=OrderOutStatus.WAITING).count(),
        statements=NostroStatement.objects.order_by("-day", "-pk")[:MOST],
        breaks=NostroBreak.objects.filter(healed_at=None).select_related("statement").order_by("pk")[:MOST],
        returns=PaymentReturn.objects.select_related("payment").order_by("-pk")[:MOST],
        disputed=BankNews.objects.exclude(disputed=[]).order_by("-pk")[:MOST],
        place="other-banks",
    )


@staff_page(RIGHT)
def bank_file(request: HttpRequest, pk: int) -> HttpResponse:
    """One file with its payments."""
    file = get_object_or_404(BankFile, pk=pk)
    orders = file.orders.select_related("payment").order_by("pk")[:2_000]
    return page(request, "bank_file", file=file, orders=orders, place="other-banks")
