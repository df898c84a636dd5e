"""Exchange at the treasurer's desk: rates and their age, positions and what they gained today, the spread."""

from dataclasses import dataclass
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
from django.views.decorators.http import require_POST

from apps.fx import operations, queries
from apps.fx.models import ExchangeRate, RefusedFeed, Spread
from apps.fx.operations.accept import ACCEPT_RATES
from apps.fx.operations.spread import CHANGE_SPREAD
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval, ApprovalStatus
from apps.kernel.money import Money, total
from apps.payments.models import Revaluation
from apps.payments.positions import positions
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

BATCHES = 24  # of history
REFUSED = 12


class ChangeSpread(Sheet):
    """Another spread from a later day on."""

    where = {"bad_spread": "percent"}
    percent = forms.DecimalField(
        label=_("Per cent of the middle rate"),
        min_value=0,
        max_value=10,
        max_digits=5,
        decimal_places=3,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    valid_from = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label=_("Reason"), max_length=200)


class Believe(Sheet):
    """Why a feed that jumped is right."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


@dataclass(frozen=True, slots=True)
class Row:
    """One currency: its middle rate, the bank's position, its worth in the books and now, and today's gain or loss."""

    code: str
    name: str
    rate: Decimal | None
    held: Money
    carried: Money
    value: Money | None

    @property
    def gain(self) -> Money | None:
        """Since the day's last closing; negative is a loss."""
        return None if self.value is None else self.value - self.carried


@staff_page("fx.view_rates")
def exchange(request: HttpRequest) -> HttpResponse:
    """Rates with their source and age, positions, what was not believed, the spread and its next change."""
    at = now()
    begin = {"valid_from": local_date(at) + timedelta(days=1)}
    form = ChangeSpread(request.POST if request.method == "POST" else None, initial=begin)
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        try:
            approval = operations.ask_spread_change(
                rate=asked["percent"] / 100,
                valid_from=asked["valid_from"],
                reason=asked["reason"],
                by=signed_in(request),
                at=at,
            )
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Asked. Another member of staff decides."))
            return go(request, reverse("admin:approval", args=[approval.pk]))
    return _page(request, form)


@require_POST
@staff_page("fx.manage_rates")
def believe(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a second person to take a feed that was refused for a jump."""
    refused, form = get_object_or_404(RefusedFeed, pk=pk), Believe(request.POST)
    if form.is_valid():
        approval = operations.ask_to_accept(
            refused=refused, reason=form.cleaned_data["reason"], by=signed_in(request), at=now()
        )
        messages.success(request, _now("Asked. Another member of staff decides."))
        return go(request, reverse("admin:approval", args=[approval.pk]))
    return _page(request, form)


def _page(request: HttpRequest, form: Sheet) -> HttpResponse:
    at = now()
    today = local_date(at)
    found = queries.newest(at)
    rows = _rows(found)
    waiting = Approval.objects.filter(kind__in=[CHANGE_SPREAD, ACCEPT_RATES], status=ApprovalStatus.PENDING)
    return page(
        request,
        "exchange",
        status=form.status,
        form=form if isinstance(form, ChangeSpread) else ChangeSpread(),
        errors_of=form,
        at=at,
        rates=found,
        rows=rows,
        gain=total((row.gain for row in rows if row.gain is not None), found.home) if found else None,
        history=_history(),
        refused=_refused(found),
        believe=Believe(auto_id=False),
        closed=Revaluation.objects.order_by("-day", "currency")[:10],
        spread=queries.spread_on(today),
        coming=Spread.objects.filter(valid_from__gt=today).order_by("valid_from"),
        waiting=waiting.select_related("maker").order_by("pk"),
    )


def _rows(found: queries.Rates | None) -> list[Row]:
    names = {one.code: one.name for one in queries.currencies()}
    rows = []
    for position in positions():
        code = position.held.currency
        rate = found.table.get(code) if found else None
        value = position.value_at(rate) if rate else None
        if code in names or position.held:
            rows.append(Row(code, names.get(code, code), rate, position.held, position.carried, value))
    return rows


def _history() -> list[dict[str, Any]]:
    """The last batches of rates, the newest first, each with its currencies in one order."""
    moments = list(
        ExchangeRate.objects.order_by("-fetched_at").values_list("fetched_at", flat=True).distinct()[:BATCHES]
    )
    batches: dict[Any, dict[str, Any]] = {moment: {"at": moment, "source": "", "rates": {}} for moment in moments}
    for row in ExchangeRate.objects.filter(fetched_at__in=moments):
        batches[row.fetched_at]["source"] = row.source
        batches[row.fetched_at]["rates"][row.base_id] = row.rate
    codes = [one.code for one in queries.currencies()][1:]
    return [{**batch, "rates": [batch["rates"].get(code) for code in codes]} for batch in batches.values()]


def _refused(found: queries.Rates | None) -> list[tuple[RefusedFeed, bool]]:
    """What was not believed, and whether it may still be."""
    newest = found.fetched_at if found else None
    since = now() - queries.TOO_OLD
    return [
        (row, row.because == "JUMP" and row.received_at > since and (newest is None or row.received_at > newest))
        for row in RefusedFeed.objects.order_by("-received_at")[:REFUSED]
    ]
