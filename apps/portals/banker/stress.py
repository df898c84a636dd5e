"""Bad times at the desk: choosing what happens, and reading what it does to provisions, income and capital."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.lending import operations, stress
from apps.lending.models import LoanProduct, StressRun, StressScenario
from apps.lending.operations.stress import OWN
from apps.lending.rules.stress import Shock
from apps.lending.stress_words import assumptions_in_words, lines_in_words, shock_in_words
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

SEE = "lending.view_portfolio"
SHOWN = 20
_DIGITS = {"inputmode": "decimal", "autocomplete": "off"}


class Try(Sheet):
    """Which scenario, on which loans; the figures are those of one's own."""

    scenario = forms.ModelChoiceField(label=_("Scenario"), queryset=StressScenario.objects.none(), empty_label=None)
    product = forms.ModelChoiceField(
        label=_("Loans of"), queryset=LoanProduct.objects.none(), required=False, empty_label=_("all products")
    )
    pd_factor = forms.DecimalField(
        label=_("Times as many loans fail"),
        initial=Decimal(2),
        min_value=0,
        max_value=100,
        max_digits=6,
        decimal_places=3,
        widget=forms.TextInput(_DIGITS),
    )
    loss_points = forms.DecimalField(
        label=_("More is lost of each, points"),
        initial=Decimal(10),
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        widget=forms.TextInput(_DIGITS),
    )
    rate_points = forms.DecimalField(
        label=_("Rates a year rise, points"),
        initial=Decimal(2),
        min_value=-100,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        widget=forms.TextInput(_DIGITS),
    )
    failing_share = forms.DecimalField(
        label=_("Payers who lose their income, per cent"),
        initial=Decimal(5),
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        widget=forms.TextInput(_DIGITS),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scenario"].queryset = stress.scenarios(local_date(now()))  # type: ignore[attr-defined]
        self.fields["product"].queryset = LoanProduct.objects.order_by("name")  # type: ignore[attr-defined]

    @property
    def shock(self) -> Shock:
        """What was typed, as shares."""
        asked = self.cleaned_data
        return Shock(
            asked["pd_factor"], asked["loss_points"] / 100, asked["rate_points"] / 100, asked["failing_share"] / 100
        )


@staff_page(SEE)
def tests(request: HttpRequest) -> HttpResponse:
    """The runs that were made, and a new one."""
    form = Try(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        shock = form.shock if asked["scenario"].code == OWN else None
        try:
            row = operations.run_stress_test(
                scenario=asked["scenario"], shock=shock, product=asked["product"], by=signed_in(request), at=now()
            )
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Worked out and kept. Nothing moved in the books."))
            return go(request, reverse("admin:stress-run", args=[row.public_id]))
    rows = StressRun.objects.select_related("scenario", "product", "made_by").order_by("-pk")[:SHOWN]
    return page(
        request,
        "stress",
        status=form.status,
        place="portfolio",
        form=form,
        scenarios=[(one, shock_in_words(_figures(one))) for one in form.fields["scenario"].queryset],  # type: ignore[attr-defined]
        rows=[(row, _ratio(row, "ratio_before"), _ratio(row, "ratio_after")) for row in rows],
    )


@staff_page(SEE)
def run(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One run as it was made: what went in, what came out and why, and what was assumed."""
    row = get_object_or_404(StressRun.objects.select_related("scenario", "product", "made_by"), public_id=public_id)
    found, currency = row.results, row.currency
    capital = found["capital"]
    return page(
        request,
        "stress_run",
        place="portfolio",
        row=row,
        shock=shock_in_words(row.inputs),
        lines=lines_in_words(row),
        total={name: Money(minor, currency) for name, minor in found["total"].items() if name != "loans"},
        loans=found["total"]["loans"],
        cost=Money(found["funding"]["cost"], currency),
        repricing=Money(found["funding"]["repricing"], currency),
        capital={name: Money(value, currency) for name, value in capital.items() if isinstance(value, int)},
        ratios={name: _ratio(row, name) for name in ("ratio_before", "ratio_after", "minimum")},
        is_short=_is_short(capital),
        assumed=assumptions_in_words(row),
    )


def _figures(one: StressScenario) -> dict[str, Any]:
    names = ("pd_factor", "loss_points", "rate_points", "failing_share")
    return {name: str(getattr(one, name)) for name in names} | {"product": one.product.code if one.product else None}


def _ratio(row: StressRun, name: str) -> Decimal | None:
    value = row.results["capital"][name]
    return None if value is None else Decimal(value)


def _is_short(capital: dict[str, Any]) -> bool:
    return capital["ratio_after"] is not None and Decimal(capital["ratio_after"]) < Decimal(capital["minimum"])
