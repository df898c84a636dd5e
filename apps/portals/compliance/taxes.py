"""Returns of tax: what came up each month, who computed, filed and paid it, and what is open."""

import csv
from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Product, TransactionType
from apps.chamas.models import EntryKind
from apps.compliance.models import TaxKind, TaxLine, TaxPart, TaxReturn
from apps.compliance.operations import taxes as operations
from apps.compliance.policies import FILE_TAXES
from apps.compliance.tax_books import ON_ACCOUNT, PAYMENT
from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.portals.compliance.door import did, page, tax_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.users.doors import signed_in
from apps.users.models import User

MOST = 72  # three years of two taxes
COLUMNS = ("part", "source", "product", "entries", "amount", "currency", "first_on", "last_on")


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Make(Sheet):
    """Which month of which tax."""

    kind = forms.ChoiceField(label=_("Tax"), choices=TaxKind.choices)
    month = forms.DateField(label=_("A day of the month"), widget=_day())


class Compute(Sheet):
    """Nothing is asked."""


class File(Sheet):
    """What the revenue authority answered."""

    acknowledgement = forms.CharField(label=_("Acknowledgement number of KRA"), max_length=60)


class Pay(Sheet):
    """The slip, and the bank's advice."""

    prn = forms.CharField(label=_("Payment registration number (PRN)"), max_length=30)
    bank_reference = forms.CharField(label=_("Reference of the bank's payment"), max_length=60)
    paid_on = forms.DateField(label=_("Day it left the bank"), widget=_day())
    reason = forms.CharField(label=_("Reason"), max_length=200)


class OnAccount(Pay):
    """The same for a payment within the month."""

    field_order = ("kind", "amount")
    kind = forms.ChoiceField(label=_("Tax"), choices=TaxKind.choices)
    amount = AmountField(label=_("Amount"))


@tax_page
def taxes(request: HttpRequest) -> HttpResponse:
    """What is open, the newest months first with what is late marked; paying on account, and the next month."""
    user, today = signed_in(request), local_date(now())
    pays = request.POST.get("act") == "on_account"
    make = Make(request.POST if request.method == "POST" and not pays else None)
    slip = OnAccount(request.POST if pays else None, auto_id="slip_%s")
    form = slip if pays else make
    here = reverse("compliance:taxes")
    if pays:
        said = _now("A second person is asked. Until then no money moves.")
        gone = did(request, slip, lambda: _ask_on_account(slip.cleaned_data, user), said, here)
    else:
        said = _now("The month is computed.")
        gone = did(request, make, lambda: operations.draft(by=user, at=now(), **make.cleaned_data), said, here)
    rows = TaxReturn.objects.select_related("computation").order_by("-first_on", "kind", "currency")[:MOST]
    facts = {
        "rows": [(row, row.is_late(today)) for row in rows],
        "open": operations.all_open(),
        "today": today,
        "may": user.has_perm(FILE_TAXES),
        "make": make,
        "slip": slip,
    }
    return gone or page(request, "taxes", status=form.status, form=form, **facts)


def _ask_on_account(asked: dict[str, Any], user: User) -> Approval:
    slip = operations.Payment(asked["prn"], asked["bank_reference"], asked["paid_on"])
    return operations.ask_pay_on_account(
        kind=asked["kind"], amount=asked["amount"], payment=slip, reason=asked["reason"], by=user, at=now()
    )


@tax_page
def tax(request: HttpRequest, pk: int) -> HttpResponse:
    """One: its figures with the rows behind them, its history, and the next step; `?export=csv` gives the rows."""
    row = get_object_or_404(
        TaxReturn.objects.select_related("computation", "computed_by", "filed_by", "pay_asked_by", "paid_by"), pk=pk
    )
    lines = list(TaxLine.objects.filter(computation=row.computation_id).order_by("part", "-amount_minor", "pk"))
    if request.GET.get("export") == "csv":
        return _csv(row, lines)
    user, act = signed_in(request), request.POST.get("act", "")
    shown = {"compute": Compute, "file": File, "pay": Pay}
    sheets = {name: sheet(request.POST if act == name else None) for name, sheet in shown.items()}
    form = sheets.get(act, sheets["compute"])
    gone = None
    if form.is_bound:
        do, said = _step(row, act, form, user)
        gone = did(request, form, do, said, reverse("compliance:tax", args=[pk]))
    facts = _facts(row, lines, user) | {"sheets": sheets, "form": form}
    return gone or page(request, "tax", status=form.status, place="taxes", **facts)


def _step(row: TaxReturn, act: str, form: Sheet, user: User) -> tuple[Callable[[], Any], str]:
    """What a form asks for, and what is said when it is done."""
    said: dict[str, Any] = {"tax_return": row, "by": user}
    if act == "file":
        return lambda: operations.file(at=now(), **said, **form.cleaned_data), _now("Filed: its figures stay.")
    if act == "compute":
        return lambda: operations.compute(at=now(), **said), _now("Computed again.")

    def ask() -> Approval:
        slip = dict(form.cleaned_data)
        reason = slip.pop("reason")
        return operations.ask_pay(payment=operations.Payment(**slip), reason=reason, at=now(), **said)

    return ask, _now("A second person is asked. Until then no money moves.")


def _facts(row: TaxReturn, lines: list[TaxLine], user: User) -> dict[str, Any]:
    figures = row.figures
    parts = {"ACCRUED": figures.accrued, "REVERSED": -figures.reversed, "LATE": figures.late, "PAID": -figures.paid,
             "ON_ACCOUNT": -figures.on_account}  # fmt: skip
    names = {product.code: product.name for product in Product.objects.filter(code__in={one.product for one in lines})}
    owed = {name: Money(getattr(figures, name), row.currency) for name in ("opening", "due", "credit", "closing")}
    shown = [(one, source_label(one.source), names.get(one.product, one.product)) for one in lines]
    return {
        "row": row,
        "figures": owed,
        "parts": [
            (TaxPart(part).label, Money(minor, row.currency), [line for line in shown if line[0].part == part])
            for part, minor in parts.items()
        ],
        "has_lines": bool(lines),
        "versions": row.computations.select_related("by").order_by("-number"),
        "asked": Approval.objects.filter(kind=operations.PAY, subject=f"taxes/{row.pk}", status="PENDING").first(),
        "late": row.is_late(local_date(now())),
        "may": user.has_perm(FILE_TAXES),
        "may_file": user.pk != row.computed_by_id,
    }


def source_label(source: str) -> str:
    """The kind of transfer in words; its code where nobody has words for it."""
    if source in (PAYMENT, ON_ACCOUNT):
        return _now("Tax paid")
    labels = {**dict(EntryKind.choices), **dict(TransactionType.choices)}
    return str(labels.get(source, source))


def _csv(row: TaxReturn, lines: list[TaxLine]) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{row.reference}.csv"'
    writer = csv.writer(answer)
    writer.writerow(COLUMNS)
    for one in lines:
        amount = Money(one.amount_minor, row.currency).amount
        writer.writerow(
            [one.part, one.source, one.product, one.entries, f"{amount:f}", row.currency, one.first_on, one.last_on]
        )
    return answer
