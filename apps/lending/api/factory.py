"""The product factory by API, for staff: what is lent on which terms, asking for other terms, and trying them out."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import local_date, now
from apps.kernel.money import CurrencyMismatch, Money
from apps.lending import factory, operations
from apps.lending.api import factory_shapes as shapes
from apps.lending.errors import BadProduct
from apps.lending.factory.catalogue import in_force, shelves
from apps.lending.factory.draft import plain
from apps.lending.models import LoanProduct, ProductTerms
from apps.users.api.auth import read
from apps.users.api.staff import holds
from apps.users.doors import signed_in

RIGHT = "lending.manage_products"
_KES = {"amount": "500.00", "currency": "KES"}


def _minor(amount: Money | None, currency: str) -> int | None:
    if amount is not None and amount.currency != currency:
        raise CurrencyMismatch(_("This loan is in %(currency)s.") % {"currency": currency})
    return None if amount is None else amount.minor


_MONEY = {
    "least": "least_minor",
    "most": "most_minor",
    "instalment_multiple": "instalment_multiple_minor",
    "two_officers_above": "two_officers_above_minor",
}
_PLAIN = (*factory.SHARES, "down_payment_pct", "principal_pct", "deposit_multiple", "savings_multiple")


def _written(asked: dict[str, Any], newest: ProductTerms) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What was sent over the newest version, as plain values. Raises CurrencyMismatch."""
    values, currency = factory.primitives(newest), newest.currency
    for name, value in asked.items():
        if name in _MONEY:
            values[_MONEY[name]] = _minor(value, currency)
        elif name in _PLAIN:
            values[name] = None if value is None else plain(value)
        elif name in values:
            values[name] = value
    if "fees" not in asked:
        return values, factory.fees_of(newest)
    fees = [
        {
            "kind": fee["kind"],
            "rate": f"{fee['rate']:f}" if fee["rate"] else "0",
            "flat_minor": _minor(fee["flat"], currency) or 0,
            "least_minor": _minor(fee["least"], currency) or 0,
            "most_minor": _minor(fee["most"], currency),
        }
        for fee in asked["fees"]
    ]
    return values, fees


def _newest(code: str) -> ProductTerms:
    newest = operations.newest_of(get_object_or_404(LoanProduct.objects.select_related("loss_table"), code=code))
    if newest is None:
        raise BadProduct(_("This product has no terms yet. Nothing was asked for."))
    return newest


@extend_schema(tags=["staff"])
class StaffProducts(APIView):
    """What the bank lends, with every version."""

    permission_classes = (holds(RIGHT),)

    @extend_schema(operation_id="admin_loans_products", responses=shapes.ShelfShown(many=True))
    def get(self, request: Request) -> Response:
        """By name; the newest version first."""
        return Response(shapes.ShelfShown(shelves(local_date(now())), many=True).data)

    @extend_schema(
        operation_id="admin_loans_products_new",
        request=shapes.ProductAsked,
        responses={202: shapes.FactoryRequestShown},
    )
    def post(self, request: Request) -> Response:
        """Ask for a product that is new; another person decides."""
        asked = read(shapes.ProductAsked, request)
        like = _newest(asked.pop("like"))
        values, fees = _written(asked, like)
        facts = {
            name: asked[name] for name in ("code", "name", "name_sw", "about", "about_sw", "purposes", "loss_table")
        }
        approval = operations.ask_product(
            product=facts | {"currency": like.currency, "loss_given_default": plain(asked["loss_given_default"])},
            values=values,
            fees=fees,
            valid_from=asked["valid_from"],
            reason=asked["reason"],
            by=signed_in(request),
            at=now(),
        )
        return Response(shapes.FactoryRequestShown(approval).data, status=202)


@extend_schema(tags=["staff"])
class AskTerms(APIView):
    """Other terms of a product."""

    permission_classes = (holds(RIGHT),)

    @extend_schema(
        operation_id="admin_loans_products_terms",
        request=shapes.TermsAsked,
        responses={202: shapes.FactoryRequestShown},
        examples=[
            OpenApiExample(
                "Dearer from January",
                {"rate": "0.055000", "valid_from": "2027-01-01", "reason": "Funds cost more"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, code: str) -> Response:
        """Ask for a version more; another person decides. Loans that run stay as they are."""
        newest, asked = _newest(code), read(shapes.TermsAsked, request)
        values, fees = _written(asked, newest)
        approval = operations.ask_terms(
            product=newest.product,
            values=values,
            fees=fees,
            valid_from=asked["valid_from"],
            reason=asked["reason"],
            by=signed_in(request),
            at=now(),
        )
        return Response(shapes.FactoryRequestShown(approval).data, status=202)


@extend_schema(tags=["staff"])
class PreviewTerms(APIView):
    """Terms tried out."""

    permission_classes = (holds(RIGHT),)

    @extend_schema(
        operation_id="admin_loans_products_preview",
        request=shapes.PreviewAsked,
        responses=shapes.PreviewShown,
        examples=[
            OpenApiExample("Instant at 6 %", {"product": "INSTANT", "rate": "0.06", "amount": _KES}, request_only=True)
        ],
    )
    def post(self, request: Request) -> Response:
        """A loan by these terms beside the same loan today. Nothing is kept."""
        asked, at = read(shapes.PreviewAsked, request), now()
        newest = _newest(asked.pop("product"))
        values, fees = _written(asked, newest)
        on = local_date(at)
        draft = factory.draft(product=newest.product, values=values, fees=fees, valid_from=on, at=at)
        errors: dict[str, list[str]] = {}
        for fault in factory.faults(draft, on):
            errors.setdefault(fault.field or "terms", []).append(fault.says)
        if errors:
            raise BadProduct(_("These terms cannot be offered. Nothing was asked for."), errors=errors)
        shown = factory.preview(
            terms=draft,
            today=in_force(newest.product, on),
            amount=asked["amount"],
            periods=asked["periods"] or draft.usual_periods,
            on=on,
        )
        return Response(shapes.PreviewShown(shown).data)


@extend_schema(tags=["staff"])
class OfferProduct(APIView):
    """Whether a product is on offer."""

    permission_classes = (holds(RIGHT),)

    @extend_schema(
        operation_id="admin_loans_products_offered",
        request=shapes.OfferedAsked,
        responses={202: shapes.FactoryRequestShown},
    )
    def post(self, request: Request, code: str) -> Response:
        """Ask to offer it, or to stop; another person decides. Loans that run go on."""
        product, asked = get_object_or_404(LoanProduct, code=code), read(shapes.OfferedAsked, request)
        approval = operations.ask_product_switch(product=product, **asked, by=signed_in(request), at=now())
        return Response(shapes.FactoryRequestShown(approval).data, status=202)


@extend_schema(tags=["staff"])
class ReferenceRates(APIView):
    """Rates that others add a margin to."""

    permission_classes = (holds(RIGHT),)

    @extend_schema(
        operation_id="admin_loans_references",
        request=shapes.ReferenceAsked,
        responses={202: shapes.FactoryRequestShown},
    )
    def post(self, request: Request) -> Response:
        """Ask for a value from a day on; another person decides. Loans that run keep theirs."""
        asked = read(shapes.ReferenceAsked, request)
        approval = operations.ask_reference_rate(**asked, by=signed_in(request), at=now())
        return Response(shapes.FactoryRequestShown(approval).data, status=202)
