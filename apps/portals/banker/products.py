"""The product factory at the desk: what the bank lends, its versions, and asking for other terms after seeing them."""

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now

from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval, ApprovalStatus
from apps.kernel.money import Money
from apps.lending import factory, operations
from apps.lending.factory.catalogue import Shelf, in_force, shelves
from apps.lending.factory.words import LABELS, fee_said
from apps.lending.models import LoanFeeKind, LoanProduct, ProductTerms, ReferenceRate
from apps.lending.operations.products import CHANGE_TERMS, NEW_PRODUCT, SET_REFERENCE, SWITCH_PRODUCT, product_of
from apps.portals.banker.door import page, staff_page
from apps.portals.banker.product_forms import Editor, NewProduct, Reference, Why
from apps.portals.customer.pages import go
from apps.users.doors import signed_in

RIGHT = "lending.manage_products"
KINDS = (CHANGE_TERMS, NEW_PRODUCT, SWITCH_PRODUCT, SET_REFERENCE)


def _waiting(subject: str = "") -> list[Approval]:
    rows = Approval.objects.filter(kind__in=KINDS, status=ApprovalStatus.PENDING).select_related("maker")
    return list((rows.filter(subject=subject) if subject else rows).order_by("pk"))


@staff_page(RIGHT)
def products(request: HttpRequest) -> HttpResponse:
    """Every product: the terms in force, those to come, the loans on each version; and the reference rates."""
    at = now()
    form = Reference(request.POST if request.method == "POST" else None, initial={"valid_from": local_date(at)})
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        try:
            approval = operations.ask_reference_rate(
                code=asked["code"].strip().upper(),
                rate=asked["percent"] / 100,
                valid_from=asked["valid_from"],
                source=asked["source"],
                reason=asked["reason"],
                by=signed_in(request),
                at=at,
            )
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Asked. Another member of staff decides."))
            return go(request, reverse("admin:approval", args=[approval.pk]))
    rates = ReferenceRate.objects.order_by("code", "-valid_from")
    return page(
        request,
        "products",
        status=form.status,
        shelves=shelves(local_date(at)),
        waiting=_waiting(),
        rates=list(rates[:30]),
        form=form,
        today=local_date(at),
    )


@staff_page(RIGHT)
def product(request: HttpRequest, code: str) -> HttpResponse:
    """One product: its versions side by side, what each changed in words; and stopping or starting to offer it."""
    at = now()
    row = get_object_or_404(LoanProduct, code=code)
    form = Why(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            approval = operations.ask_product_switch(
                product=row, on=not row.is_active, reason=form.cleaned_data["reason"], by=signed_in(request), at=at
            )
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Asked. Another member of staff decides."))
            return go(request, reverse("admin:approval", args=[approval.pk]))
    (shelf,) = shelves(local_date(at), code)
    return page(
        request,
        "product",
        status=form.status,
        place="products",
        shelf=shelf,
        table=_table(shelf),
        waiting=_waiting(f"loans/products/{code}"),
        form=form,
        today=local_date(at),
    )


def _table(shelf: Shelf) -> list[tuple[str, list[tuple[str, bool]]]]:
    """Field by field the value of each version, the newest first, and whether that version changed it."""
    versions = shelf.versions[:4]
    if not versions:
        return []
    rows = []
    for name in factory.FIELDS:
        cells = [
            (factory.said_of(one.terms, name), any(change.name == name for change in one.changed)) for one in versions
        ]
        rows.append((str(LABELS[name]), cells))
    for kind in LoanFeeKind:
        held = [next((fee for fee in one.terms.charged if fee.kind == kind), None) for one in versions]
        said = [fee_said(fee, shelf.product.currency) for fee in held]
        moved = [any(change.name == kind.lower() for change in one.changed) for one in versions]
        rows.append((str(kind.label), list(zip(said, moved, strict=True))))
    return rows


@staff_page(RIGHT)
def new_terms(request: HttpRequest, code: str) -> HttpResponse:
    """Another version: write it, see what a loan would cost by it and today, then ask a second person."""
    row = get_object_or_404(LoanProduct.objects.select_related("loss_table"), code=code)
    today = local_date(now())
    newest = operations.newest_of(row)
    if newest is None:
        return go(request, reverse("admin:loan-product", args=[code]))
    held = in_force(row, today)
    editor = _editor(request, newest, newest.usual_periods, today + timedelta(days=1))
    return _edited(request, editor, product=row, held=held)


@staff_page(RIGHT)
def new_product(request: HttpRequest) -> HttpResponse:
    """A product that is new, started from the terms of another."""
    today = local_date(now())
    like = ProductTerms.objects.select_related("product").prefetch_related("fees")
    start = like.filter(product__code=request.GET.get("like", "")[:20]).order_by("-version").first()
    start = start or like.order_by("pk").first()
    if start is None:
        return go(request, reverse("admin:loan-products"))
    editor = _editor(request, start, start.usual_periods, today)
    sheet = NewProduct(request.POST if request.method == "POST" else None, initial={"loss_given_default": "45"})
    editor.more.append(sheet)
    return _edited(request, editor, product=None, held=None, sheet=sheet)


def _editor(request: HttpRequest, start: ProductTerms, periods: int, begins: Any) -> Editor:
    middle = Money((start.least_minor + start.most_minor) // 2 // 100_000 * 100_000, start.currency)
    begin = {"valid_from": begins, "amount": max(middle, start.least), "periods": periods}
    return Editor(request.POST if request.method == "POST" else None, start=start, begin=begin)


def _edited(
    request: HttpRequest,
    editor: Editor,
    *,
    product: LoanProduct | None,
    held: ProductTerms | None,
    sheet: NewProduct | None = None,
) -> HttpResponse:
    facts: dict[str, Any] = {"product": product, "editor": editor, "sheet": sheet, "held": held}
    if request.method == "POST" and editor.is_valid():
        at, asked = now(), editor.ask.cleaned_data
        values, fees = editor.kept()
        seal = _seal([values, fees, str(asked["valid_from"]), sheet.facts() if sheet else None])
        try:
            made = product or product_of(sheet.facts() if sheet else {})
            draft = factory.draft(product=made, values=values, fees=fees, valid_from=asked["valid_from"], at=at)
            wrong = factory.faults(draft, asked["valid_from"])
            if wrong:
                for fault in wrong:
                    editor.refuse({fault.field: [fault.says]}, fault.says)
            elif request.POST.get("do") == "ask" and asked["seen"] == seal:
                approval = _ask(request, editor, product, sheet, values, fees)
                messages.success(request, _now("Asked. Another member of staff decides."))
                return go(request, reverse("admin:approval", args=[approval.pk]))
            else:
                facts["preview"] = factory.preview(
                    terms=draft, today=held, amount=asked["amount"], periods=asked["periods"], on=local_date(at)
                )
                facts |= {"seal": seal, "changes": factory.changes(held, draft) if held else []}
        except DomainError as no:
            editor.refuse(no.facts.get("errors") or {}, str(no))
            facts |= {"preview": None}
    return page(request, "product_terms", status=editor.status, place="products", **facts)


def _ask(
    request: HttpRequest,
    editor: Editor,
    product: LoanProduct | None,
    sheet: NewProduct | None,
    values: dict[str, Any],
    fees: list[dict[str, Any]],
) -> Approval:
    asked = editor.ask.cleaned_data
    shared: dict[str, Any] = {
        "values": values,
        "fees": fees,
        "valid_from": asked["valid_from"],
        "reason": asked["reason"],
        "by": signed_in(request),
        "at": now(),
    }
    if product is not None:
        return operations.ask_terms(product=product, **shared)
    return operations.ask_product(product=sheet.facts() if sheet else {}, **shared)


def _seal(seen: list[Any]) -> str:
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()
