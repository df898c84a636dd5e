"""What the bank lends on which terms, changed by two people: new products, new versions, on offer or not, references.

A version is never changed, and a loan keeps the one it was offered on: nothing here touches a loan that runs.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events
from apps.kernel.clock import local_date
from apps.kernel.errors import Conflict
from apps.kernel.models import Approval
from apps.kernel.money import decimals
from apps.lending import factory, policies
from apps.lending.errors import BadProduct
from apps.lending.events import ProductChanged
from apps.lending.models import LoanFee, LoanProduct, LossTable, ProductTerms, Purpose, ReferenceRate
from apps.users.models import User

CHANGE_TERMS = "lending.change_terms"
NEW_PRODUCT = "lending.new_product"
SWITCH_PRODUCT = "lending.switch_product"
SET_REFERENCE = "lending.set_reference"
PRODUCT = ("code", "name", "name_sw", "about", "about_sw", "purposes", "currency", "loss_table", "loss_given_default")


def ask_terms(
    *,
    product: LoanProduct,
    values: dict[str, Any],
    fees: list[dict[str, Any]],
    valid_from: date,
    reason: str,
    by: User,
    at: datetime,
) -> Approval:
    """Ask for a new version of a product's terms from a later day on (plain values, see `factory.draft`); a second
    person must allow it. Raises NotAllowed, BadProduct.
    """
    policies.require_may_change_products(by)
    draft = factory.draft(product=product, values=values, fees=fees, valid_from=valid_from, at=at)
    _require_later(valid_from, at)
    _require_sound(draft, valid_from)
    newest = newest_of(product)
    changed = factory.changes(newest, draft)
    if not changed:
        raise BadProduct(_("Nothing differs from the newest terms. Nothing was asked for."))
    payload = {"product": product.pk, "values": values, "fees": fees, "valid_from": valid_from.isoformat()}
    return approvals.ask(
        kind=CHANGE_TERMS,
        subject=f"loans/products/{product.code}",
        payload=payload | {"based_on": newest.version if newest else 0},
        reason=reason,
        by=by,
        at=at,
        before={one.label: one.before for one in changed},
        after={one.label: one.after for one in changed} | {str(_("From")): valid_from.isoformat()},
    )


@transaction.atomic
def run_terms(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """What an approved request does: a version more. Raises BadProduct when its day has come or a rule is broken
    meanwhile, Conflict when other terms were allowed since it was asked.
    """
    product = LoanProduct.objects.select_for_update(no_key=True).get(pk=payload["product"])
    valid_from = date.fromisoformat(payload["valid_from"])
    _require_later(valid_from, at)
    newest = newest_of(product)
    if (newest.version if newest else 0) != payload["based_on"]:
        raise Conflict(_("Other terms of this loan were allowed meanwhile. Nothing was changed; compare and ask anew."))
    terms = _keep(product, payload, valid_from, maker, at)
    facts = {"product": product.code, "version": terms.version, "from": payload["valid_from"]}
    audit_trail.record("lending.terms.changed", on=terms, by=checker, at=at, after=facts | {"asked_by": maker.pk})
    events.publish(ProductChanged(product_id=product.pk, version=terms.version, is_active=product.is_active))
    return facts


def ask_product(
    *,
    product: dict[str, Any],
    values: dict[str, Any],
    fees: list[dict[str, Any]],
    valid_from: date,
    reason: str,
    by: User,
    at: datetime,
) -> Approval:
    """Ask for a product that is new, with its first terms from today or later on. Raises NotAllowed, BadProduct."""
    policies.require_may_change_products(by)
    made = product_of(product)
    if LoanProduct.objects.filter(code=made.code).exists():
        raise BadProduct(_("There is a loan with that code. Nothing was asked for."), errors={"code": [_("Taken.")]})
    if valid_from < local_date(at):
        raise BadProduct(_("Terms begin today at the earliest. Nothing was asked for."))
    draft = factory.draft(product=made, values=values, fees=fees, valid_from=valid_from, at=at)
    _require_sound(draft, valid_from)
    return approvals.ask(
        kind=NEW_PRODUCT,
        subject=f"loans/products/{made.code}",
        payload={"new": product, "values": values, "fees": fees, "valid_from": valid_from.isoformat()},
        reason=reason,
        by=by,
        at=at,
        after={name: str(product[name]) for name in PRODUCT}
        | {one.label: one.after for one in factory.changes(None, draft)},
    )


@transaction.atomic
def run_product(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """What an approved request does. Raises BadProduct when another took its code meanwhile."""
    product = product_of(payload["new"])
    valid_from = max(date.fromisoformat(payload["valid_from"]), local_date(at))
    try:
        with transaction.atomic():
            product.save()
    except IntegrityError as no:
        raise BadProduct(_("There is a loan with that code. Nothing was changed.")) from no
    terms = _keep(product, payload, valid_from, maker, at)
    facts = {"product": product.code, "version": terms.version, "from": valid_from.isoformat()}
    audit_trail.record("lending.product.made", on=product, by=checker, at=at, after=facts | {"asked_by": maker.pk})
    events.publish(ProductChanged(product_id=product.pk, version=terms.version, is_active=True))
    return facts


def ask_product_switch(*, product: LoanProduct, on: bool, reason: str, by: User, at: datetime) -> Approval:
    """Ask to offer a product or to stop offering it; loans that run go on. Raises NotAllowed, BadProduct."""
    policies.require_may_change_products(by)
    if product.is_active == on:
        raise BadProduct(_("It stands so already. Nothing was asked for."))
    return approvals.ask(
        kind=SWITCH_PRODUCT,
        subject=f"loans/products/{product.code}",
        payload={"product": product.pk, "on": on},
        reason=reason,
        by=by,
        at=at,
        before={"offered": product.is_active},
        after={"offered": on},
    )


@transaction.atomic
def run_product_switch(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """What an approved request does; once done it can be done again without effect."""
    product = LoanProduct.objects.select_for_update(no_key=True).get(pk=payload["product"])
    LoanProduct.objects.filter(pk=product.pk).update(is_active=payload["on"])
    facts = {"product": product.code, "is_active": payload["on"]}
    audit_trail.record("lending.product.switched", on=product, by=checker, at=at, after=facts | {"asked_by": maker.pk})
    events.publish(ProductChanged(product_id=product.pk, version=None, is_active=payload["on"]))
    return facts


def ask_reference_rate(
    *, code: str, rate: Decimal, valid_from: date, source: str, reason: str, by: User, at: datetime
) -> Approval:
    """Ask for a reference rate's value from a day on (a share a year); loans that run keep theirs. Raises NotAllowed,
    BadProduct.
    """
    policies.require_may_change_products(by)
    _require_reference(code, rate, valid_from, source, at)
    before = ReferenceRate.objects.filter(code=code, valid_from__lte=valid_from).order_by("-valid_from").first()
    return approvals.ask(
        kind=SET_REFERENCE,
        subject=f"loans/references/{code}",
        payload={"code": code, "rate": f"{rate:f}", "valid_from": valid_from.isoformat(), "source": source.strip()},
        reason=reason,
        by=by,
        at=at,
        before={"rate": f"{before.rate:f}" if before else ""},
        after={"rate": f"{rate:f}", "from": valid_from.isoformat(), "source": source.strip()},
    )


@transaction.atomic
def run_reference_rate(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """What an approved request does. Raises BadProduct when its day has passed or has a value already."""
    valid_from, rate = date.fromisoformat(payload["valid_from"]), Decimal(payload["rate"])
    _require_reference(payload["code"], rate, valid_from, payload["source"], at)
    try:
        with transaction.atomic():
            row = ReferenceRate.objects.create(
                code=payload["code"], rate=rate, valid_from=valid_from, source=payload["source"]
            )
    except IntegrityError as no:
        raise BadProduct(_("That day has a value of this rate already. Nothing was changed.")) from no
    facts = {"code": row.code, "rate": payload["rate"], "from": payload["valid_from"]}
    audit_trail.record("lending.reference.set", on=row, by=checker, at=at, after=facts | {"asked_by": maker.pk})
    return facts


def newest_of(product: LoanProduct) -> ProductTerms | None:
    """The version that was allowed last, whether its day has come or not."""
    rows = ProductTerms.objects.filter(product=product).select_related("product").prefetch_related("fees")
    return rows.order_by("-version").first()


def product_of(facts: dict[str, Any]) -> LoanProduct:
    """A product that is not kept, from plain values. Raises BadProduct, UnknownCurrency."""
    decimals(facts["currency"])
    table = LossTable.objects.filter(code=facts["loss_table"]).first()
    errors: dict[str, list[Any]] = {}
    if table is None:
        errors["loss_table"] = [_("Choose one of the list.")]
    if not facts["purposes"] or not set(facts["purposes"]) <= set(Purpose.values):
        errors["purposes"] = [_("Say what it is for.")]
    code = str(facts["code"])
    if not code.isascii() or not code.replace("_", "").isalnum() or code != code.upper() or len(code) > 20:
        errors["code"] = [_("Up to 20 capital letters, digits and _.")]
    lengths = {"name": 60, "name_sw": 60, "about": 200, "about_sw": 200}
    errors |= {
        name: [_("Write it, in up to %(most)s characters.") % {"most": most}]
        for name, most in lengths.items()
        if not 0 < len(facts[name].strip()) <= most
    }
    lost = Decimal(facts["loss_given_default"])
    if not 0 <= lost <= 1:
        errors["loss_given_default"] = [_("From 0 to 100 %.")]
    if errors or table is None:
        raise BadProduct(_("This loan cannot be offered. Nothing was asked for."), errors=errors)
    words = {name: facts[name].strip() for name in lengths}
    return LoanProduct(
        code=code,
        purposes=facts["purposes"],
        currency=facts["currency"],
        loss_table=table,
        loss_given_default=lost,
        **words,
    )


def _keep(product: LoanProduct, payload: dict[str, Any], valid_from: date, maker: User, at: datetime) -> ProductTerms:
    terms = factory.draft(product=product, values=payload["values"], fees=payload["fees"], valid_from=valid_from, at=at)
    _require_sound(terms, valid_from)
    newest = ProductTerms.objects.filter(product=product).aggregate(newest=Max("version"))["newest"] or 0
    fees, terms.version, terms.made_by = terms.drafted, newest + 1, maker
    terms.save()
    LoanFee.objects.bulk_create(_with(fees, terms))
    return terms


def _with(fees: Sequence[LoanFee], terms: ProductTerms) -> Sequence[LoanFee]:
    for fee in fees:
        fee.terms = terms
    return fees


def _require_later(valid_from: date, at: datetime) -> None:
    if valid_from <= local_date(at):
        raise BadProduct(
            _("Terms change tomorrow at the earliest, so that nobody gets other terms than they were shown."),
            errors={"valid_from": [_("Tomorrow at the earliest.")]},
        )


def _require_sound(draft: ProductTerms, on: date) -> None:
    errors: dict[str, list[str]] = {}
    for fault in factory.faults(draft, on):
        errors.setdefault(fault.field or "terms", []).append(fault.says)
    if errors:
        raise BadProduct(_("These terms cannot be offered. Nothing was asked for."), errors=errors)


def _require_reference(code: str, rate: Decimal, valid_from: date, source: str, at: datetime) -> None:
    if not code.isascii() or not code.replace("_", "").isalnum() or code != code.upper() or len(code) > 20:
        raise BadProduct(_("A reference rate has up to 20 capital letters, digits and _. Nothing was asked for."))
    if not 0 <= rate < 1 or rate != round(rate, 6):
        raise BadProduct(_("A reference rate is from 0 to below 100 % a year. Nothing was asked for."))
    if not source.strip() or len(source) > 200:
        raise BadProduct(_("Say where the rate was published. Nothing was asked for."))
    if valid_from < local_date(at):
        raise BadProduct(_("A rate holds from today or later, so that no loan was priced by another."))
