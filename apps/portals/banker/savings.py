"""Interest on savings at the desk: what holds and what comes, and asking a second person for a change."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.accounts import interest, operations
from apps.accounts.models import Basis, InterestTerms, Product
from apps.accounts.operations.interest_terms import CHANGE_INTEREST
from apps.accounts.rules.interest import Tier
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval, ApprovalStatus
from apps.kernel.money import Money
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

MOST_SLICES = 8


class SliceRow(Sheet):
    """One slice as it is typed; an empty row is none."""

    begins = AmountField(label=_("From"), required=False, may_be_zero=True)
    rate = forms.DecimalField(
        label=_("Per cent a year"),
        required=False,
        min_value=0,
        max_value=Decimal("99.999"),
        max_digits=5,
        decimal_places=3,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    def tier(self) -> Tier:
        """What was typed; without a beginning it is from nothing."""
        begins, rate = self.cleaned_data["begins"], self.cleaned_data["rate"] or Decimal(0)
        return Tier(begins.minor if begins else 0, rate / 100)


Rows = forms.formset_factory(SliceRow, extra=0, max_num=MOST_SLICES, absolute_max=MOST_SLICES)


class InterestChange(Sheet):
    """On which balance, from when, and why."""

    basis = forms.ChoiceField(label=_("Which balance earns"), choices=Basis.choices)
    valid_from = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label=_("Reason"), max_length=200)


@staff_page("accounts.manage_products")
def savings(request: HttpRequest) -> HttpResponse:
    """What each product pays, its next change, and what waits for a second person."""
    today = local_date(now())
    offers = interest.offers(today)
    products = Product.objects.exclude(account_type="FIXED_DEPOSIT").order_by("name")
    coming = InterestTerms.objects.filter(valid_from__gt=today).prefetch_related("tiers").order_by("valid_from")
    by_product = {row.product_id: (row, interest.tiers_of(row)) for row in reversed(coming)}
    waiting = Approval.objects.filter(kind=CHANGE_INTEREST, status=ApprovalStatus.PENDING).select_related("maker")
    return page(
        request,
        "savings",
        place="savings",
        products=[(one, offers.get(one.pk), by_product.get(one.pk)) for one in products],
        waiting=waiting.order_by("pk"),
    )


@staff_page("accounts.manage_products")
def change(request: HttpRequest, code: str) -> HttpResponse:
    """Write the slices and ask a second person."""
    product = get_object_or_404(Product.objects.exclude(account_type="FIXED_DEPOSIT"), code=code)
    today = local_date(now())
    held = interest.offer(product.pk, today)
    begin: dict[str, Any] = {"valid_from": today + timedelta(days=14)}
    if held:
        begin["basis"] = held.terms.basis
    form = InterestChange(request.POST if request.method == "POST" else None, initial=begin)
    rows = Rows(request.POST if request.method == "POST" else None, initial=_typed(held))
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        try:
            approval = operations.ask_interest_change(
                product=product,
                basis=form.cleaned_data["basis"],
                tiers=[row.tier() for row in rows if row.cleaned_data.get("rate") is not None],
                valid_from=form.cleaned_data["valid_from"],
                reason=form.cleaned_data["reason"],
                by=signed_in(request),
                at=now(),
            )
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Asked. Another member of staff decides."))
            return go(request, reverse("admin:approval", args=[approval.pk]))
    status = 422 if request.method == "POST" else 200
    return page(request, "savings_change", status=status, place="savings", form=form, rows=rows, product=product)


def _typed(held: interest.Offer | None) -> list[dict[str, Any]]:
    """The slices of today as they stand in the fields, and some empty rows."""
    rows = [
        {"begins": Money(tier.from_minor, "KES"), "rate": f"{(tier.rate * 100).normalize():f}"}
        for tier in (held.tiers if held else ())
    ]
    return [*rows, {}, {}][:MOST_SLICES]
