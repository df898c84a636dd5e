"""Tariffs at the desk: what holds and what comes, and asking for a change after seeing what it would have done."""

import hashlib
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.accounts import fees, operations, rules
from apps.accounts.models import ChargedFor, Product
from apps.accounts.operations.tariff import CHANGE_TARIFF
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval, ApprovalStatus
from apps.kernel.money import Money
from apps.portals import tariffs as dated
from apps.portals.banker.backtest import back_test
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

MOST_BANDS = 12
SPARE = 2  # empty rows below the bands that are written


class BandRow(Sheet):
    """One band as it is typed; an empty row is none."""

    upto = AmountField(label=_("Up to (empty: no end)"), required=False)
    flat = AmountField(label=_("Fee"), required=False, may_be_zero=True)
    share = forms.DecimalField(
        label=_("And per cent"),
        required=False,
        min_value=0,
        max_value=Decimal("99.999"),
        max_digits=5,
        decimal_places=3,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    least = AmountField(label=_("At least"), required=False, may_be_zero=True)
    most = AmountField(label=_("At most"), required=False, may_be_zero=True)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, AmountField):
                field.currency = currency

    def clean_share(self) -> Decimal | None:
        """With the digits 0 to 9, as every other figure."""
        if not str(self.data.get(self.add_prefix("share"), "")).isascii():
            raise forms.ValidationError(_("Write it with the digits 0 to 9."))
        share: Decimal | None = self.cleaned_data["share"]
        return share

    def band(self) -> rules.Band:
        """What was typed, as the tariff keeps it."""
        asked = self.cleaned_data
        minor = {name: asked[name].minor for name in ("upto", "flat", "least", "most") if asked[name] is not None}
        share = (asked["share"] or Decimal(0)) / 100
        return rules.Band(minor.get("upto"), minor.get("flat", 0), share, minor.get("least", 0), minor.get("most"))


Rows = forms.formset_factory(BandRow, extra=0, max_num=MOST_BANDS, absolute_max=MOST_BANDS)


class Change(Sheet):
    """From when, and why. `seen` is set by the page that showed what these bands would have done."""

    valid_from = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label=_("Reason"), max_length=200)
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


@staff_page("accounts.manage_products")
def tariffs(request: HttpRequest) -> HttpResponse:
    """Every tariff with its next change, what waits for a second person, and where a new one begins."""
    today = local_date(now())
    waiting = Approval.objects.filter(kind=CHANGE_TARIFF, status=ApprovalStatus.PENDING).select_related("maker")
    found, labels = dated.tariffs(today), dict(ChargedFor.choices)
    return page(
        request,
        "tariffs",
        tariffs=[(one, _address(one.charged_for, one.product, one.currency)) for one in found],
        coming=[one for one in found if one.coming],
        waiting=[(row, labels.get(row.payload["charged_for"], "")) for row in waiting.order_by("pk")],
        acts=ChargedFor.choices,
        products=Product.objects.order_by("name"),
    )


def _address(charged_for: str, product: Product | None, currency: str) -> str:
    asked = QueryDict(mutable=True)
    asked["act"], asked["currency"] = charged_for, currency
    if product:
        asked["product"] = str(product.pk)
    return f"{reverse('admin:tariff-change')}?{asked.urlencode()}"


@staff_page("accounts.manage_products")
def change(request: HttpRequest) -> HttpResponse:
    """Write the bands, see what they would have done to the last 90 days, then ask a second person."""
    charged_for, at = request.GET.get("act", ""), now()
    if charged_for not in ChargedFor.values:
        return go(request, reverse("admin:tariffs"))
    asked_for = request.GET.get("product", "")
    product = get_object_or_404(Product, pk=asked_for) if asked_for.isdecimal() and len(asked_for) < 10 else None
    currency = product.currency if product else "KES"
    today = local_date(at)
    held = fees.rule_for(charged_for=charged_for, product=product, currency=currency, on=today)
    before = fees.bands_of(held) if held else []
    facts: dict[str, Any] = {
        "label": dict(ChargedFor.choices)[charged_for],
        "product": product,
        "currency": currency,
        "is_monthly": charged_for == ChargedFor.MONTHLY,
        "before": dated.shown(before, currency, dated.duty_on(charged_for, today)),
        "tomorrow": today + timedelta(days=1),
    }
    if request.method != "POST" or "more" in request.POST:
        begin = {"valid_from": request.POST.get("valid_from", "")[:10] or today + timedelta(days=14)}
        form = Change(initial=begin | {"reason": request.POST.get("reason", "")[:200]})
        written = _typed(request) if request.method == "POST" else [_row(band, currency) for band in before]
        spare: list[dict[str, Any]] = [{} for _nth in range(SPARE)]
        rows = Rows(initial=[*written, *spare][:MOST_BANDS], form_kwargs={"currency": currency})
        return _page(request, form, rows, facts)
    form, formset = Change(request.POST), Rows(request.POST, form_kwargs={"currency": currency})
    bands = _read(form, formset)
    if bands is None or not form.is_valid():
        return _page(request, form, formset, facts)
    facts["test"] = back_test(
        charged_for=charged_for, product_id=product.pk if product else None, currency=currency, bands=bands, on=today
    )
    facts["after"] = dated.shown(bands, currency, dated.duty_on(charged_for, form.cleaned_data["valid_from"]))
    facts["seal"] = _seal(bands, form.cleaned_data["valid_from"])
    if form.cleaned_data["seen"] != facts["seal"]:
        return _page(request, form, formset, facts)
    try:
        approval = operations.ask_tariff_change(
            charged_for=charged_for,
            product=product,
            currency=currency,
            bands=bands,
            valid_from=form.cleaned_data["valid_from"],
            reason=form.cleaned_data["reason"],
            by=signed_in(request),
            at=at,
        )
    except DomainError as no:
        form.refuse(no)
        return _page(request, form, formset, facts)
    messages.success(request, _now("Asked. Another member of staff decides."))
    return go(request, reverse("admin:approval", args=[approval.pk]))


def _page(request: HttpRequest, form: Change, formset: Any, facts: dict[str, Any]) -> HttpResponse:
    return page(request, "tariff", status=form.status, place="tariffs", form=form, rows=formset, **facts)


def _read(form: Change, formset: Any) -> list[rules.Band] | None:
    """The bands that were typed; None when they do not hold together, and the form says why."""
    if not formset.is_valid():
        for nth, row in enumerate(formset, 1):
            for name, errors in row.errors.items():
                label = row.fields[name].label if name in row.fields else ""
                words = _now("Band %(nth)s, %(field)s: %(error)s")
                for error in errors:
                    form.add_error(None, words % {"nth": nth, "field": label, "error": error})
        return None
    bands = [row.band() for row in formset if row.has_changed()]
    try:
        rules.check_bands(bands)
    except rules.BadBands as no:
        words = _now("The bands do not hold together: %(why)s. Nothing was changed.")
        form.add_error(None, words % {"why": _now(str(no))})
        return None
    return bands


def _seal(bands: list[rules.Band], valid_from: date) -> str:
    return hashlib.sha256(repr((bands, valid_from)).encode()).hexdigest()


def _row(band: rules.Band, currency: str) -> dict[str, Any]:
    """A band as it stands in the fields."""
    figures = {"upto": band.upto_minor, "least": band.least_minor or None, "most": band.most_minor}
    money = {name: Money(minor, currency) for name, minor in figures.items() if minor is not None}
    share = {"share": f"{(band.rate * 100).normalize():f}"} if band.rate else {}
    return {"flat": Money(band.flat_minor, currency), **money, **share}


def _typed(request: HttpRequest) -> list[dict[str, Any]]:
    """What stands in the rows, as it was typed."""
    total = request.POST.get("form-TOTAL_FORMS", "")
    count = min(int(total), MOST_BANDS) if total.isdecimal() and len(total) < 4 else 0
    names = list(BandRow.base_fields)
    return [{name: request.POST.get(f"form-{nth}-{name}", "")[:30] for name in names} for nth in range(count)]
