"""Shops at the desk: whose money waits because its account is closed, and asking a second person for a change."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.payments import operations, queries
from apps.payments.models import Merchant, MerchantStatus
from apps.payments.operations.shop_change import RIGHT
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

MOST = 25


class Change(Sheet):
    """Another state, another account of its owner's, or both."""

    where = {"bad_merchant": "state", "account_closed": "account", "currency_mismatch": "account"}
    state = forms.ChoiceField(label=_("State"), required=False)
    account = forms.CharField(
        label=_("Paid into (account number; leave it out to keep it)"), max_length=24, required=False
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [("", _("Leave it as it is")), *MerchantStatus.choices]  # type: ignore[attr-defined]


@staff_page(RIGHT)
def shops(request: HttpRequest) -> HttpResponse:
    """Money that waits, the longest first; a shop found by its number or name."""
    text = request.GET.get("shop", "").replace("\0", "").strip()[:40]
    found = Merchant.objects.none()
    if text:
        found = Merchant.objects.filter(Q(till=text.replace(" ", "")) | Q(trading_name__icontains=text)).order_by("pk")
    return page(request, "shops", held=queries.held_takings(), found=found[:MOST], text=text)


@staff_page(RIGHT)
def change(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One shop, and what shall change."""
    rows = Merchant.objects.select_related("business", "owner", "settlement_account__owner")
    merchant = get_object_or_404(rows, public_id=public_id)
    form = Change(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        number = asked["account"].replace(" ", "")
        account = Account.objects.select_related("owner").filter(number=number).first() if number else None
        if number and account is None:
            form.add_error("account", _now("There is no account with that number. Nothing was changed."))
        else:
            try:
                approval = operations.ask_merchant_change(
                    merchant=merchant,
                    status=asked["state"],
                    account=account,
                    reason=asked["reason"],
                    by=signed_in(request),
                    at=now(),
                )
            except DomainError as no:
                form.refuse(no)
            else:
                messages.success(request, _now("Asked. Another member of staff decides."))
                return go(request, reverse("admin:approval", args=[approval.pk]))
    return page(request, "shop", status=form.status, form=form, merchant=merchant, place="shops")
