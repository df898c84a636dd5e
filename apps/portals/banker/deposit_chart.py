"""Rates of fixed deposits at the desk: what holds and what comes, and asking a second person for another chart."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.accounts import deposits, operations
from apps.accounts.models import DepositChart
from apps.accounts.operations.deposit_chart import CHANGE_CHART
from apps.accounts.rules.deposits import Cell
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval, ApprovalStatus
from apps.kernel.money import Money
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

CURRENCY = "KES"
TERMS = (1, 3, 6, 9, 12, 18, 24, 36)  # months one can fill in; a chart keeps those it has
MOST_ROWS = 8


def _rate(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_value=Decimal("99.999"),
        max_digits=5,
        decimal_places=3,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "size": 6}),
    )


class AmountRow(Sheet):
    """The rates from one amount on; an empty row is none, an empty rate is not offered."""

    begins = AmountField(label=_("From"), required=False)

    def __init__(self, *args: Any, terms: list[int], **more: Any) -> None:
        super().__init__(*args, **more)
        self.terms = terms
        for months in terms:
            words = ngettext("%(months)d month, per cent a year", "%(months)d months, per cent a year", months)
            self.fields[f"m{months}"] = _rate(words % {"months": months})

    def rates(self) -> list[Any]:
        """The fields of the rates, in order of terms."""
        return [self[f"m{months}"] for months in self.terms]

    def cells(self) -> list[Cell]:
        """What was typed."""
        begins, typed = self.cleaned_data["begins"], {months: self.cleaned_data[f"m{months}"] for months in self.terms}
        return [Cell(months, begins.minor, rate / 100) for months, rate in typed.items() if begins and rate is not None]

    def clean(self) -> dict[str, Any]:
        """Rates stand beside an amount."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        typed = [found.get(f"m{months}") for months in self.terms]
        if any(rate is not None for rate in typed) and not found.get("begins") and "begins" not in self.errors:
            self.add_error("begins", _("Write from which amount on these rates hold."))
        return found


Rows = forms.formset_factory(AmountRow, extra=0, max_num=MOST_ROWS, absolute_max=MOST_ROWS)


class ChartChange(Sheet):
    """What is left to who breaks a deposit, from when, and why."""

    premature = _rate(_("Rate of a deposit that is broken, per cent a year"))
    valid_from = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label=_("Reason"), max_length=200)


@staff_page("accounts.manage_products")
def deposit_chart(request: HttpRequest) -> HttpResponse:
    """The chart of today, those to come, and what waits for a second person."""
    today = local_date(now())
    coming = DepositChart.objects.filter(currency=CURRENCY, valid_from__gt=today).order_by("valid_from")
    waiting = Approval.objects.filter(kind=CHANGE_CHART, status=ApprovalStatus.PENDING).select_related("maker")
    return page(
        request,
        "deposit_chart",
        place="savings",
        chart=deposits.chart(CURRENCY, today),
        coming=[deposits.chart(CURRENCY, row.valid_from) for row in coming[:3]],
        waiting=waiting.order_by("pk"),
    )


@staff_page("accounts.manage_products")
def change_chart(request: HttpRequest) -> HttpResponse:
    """Write the rates and ask a second person."""
    today = local_date(now())
    held = deposits.chart(CURRENCY, today)
    terms = sorted({*TERMS, *(held.terms if held else ())})
    sent = request.POST if request.method == "POST" else None
    begin = {"valid_from": today + timedelta(days=14), "premature": _typed(held.row.premature_rate) if held else ""}
    form = ChartChange(sent, initial=begin)
    rows = Rows(sent, initial=_rows(held), form_kwargs={"terms": terms})
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        try:
            approval = operations.ask_chart_change(
                currency=CURRENCY,
                cells=[cell for row in rows for cell in row.cells()],
                premature_rate=(form.cleaned_data["premature"] or Decimal(0)) / 100,
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
    return page(request, "deposit_chart_change", status=status, place="savings", form=form, rows=rows, terms=terms)


def _typed(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f}"


def _rows(held: deposits.Chart | None) -> list[dict[str, Any]]:
    """The chart of today as it stands in the fields, and some empty rows."""
    rows: dict[int, dict[str, Any]] = {}
    for cell in sorted(held.cells, key=lambda cell: cell.from_minor) if held else ():
        row = rows.setdefault(cell.from_minor, {"begins": Money(cell.from_minor, CURRENCY)})
        row[f"m{cell.months}"] = _typed(cell.rate)
    return [*rows.values(), {}, {}][:MOST_ROWS]
