"""The product factory by API, for staff: what is lent on which terms, asking for other terms, and trying them out."""

from decimal import Decimal
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import local_date, now
from apps.kernel.money import CurrencyMismatch, Money
from apps.kernel.serializers import MoneyField
from apps.lending import factory, operations
from apps.lending.api import shapes
from apps.lending.errors import BadProduct
from apps.lending.factory.catalogue import in_force, shelves
from apps.lending.factory.draft import plain
from apps.lending.models import (
    Amortisation,
    DayCount,
    InterestMethod,
    LoanFeeKind,
    LoanProduct,
    Owed,
    ProductTerms,
    RatePer,
    Rounding,
    Unit,
)
from apps.users.api.auth import read
from apps.users.api.staff import holds
from apps.users.api.strict import Strict
from apps.users.doors import signed_in
from apps.users.models import Tier

RIGHT = "lending.manage_products"
_KES = {"amount": "500.00", "currency": "KES"}


def _share(text: str = "", **more: Any) -> serializers.DecimalField:
    words = f"{text} " if text else ""
    return serializers.DecimalField(
        max_digits=9, decimal_places=6, min_value=Decimal(0), help_text=f"{words}A share: 0.05 is 5 %.", **more
    )


def _count(**more: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=32_767, **more)


class FeeWritten(Strict):
    """A fee of the day a loan is paid out; excise duty comes on top, not on a premium."""

    kind = serializers.ChoiceField(LoanFeeKind.choices)
    flat = MoneyField(required=False, default=None, allow_null=True)
    rate = _share(required=False, default=0)
    least = MoneyField(required=False, default=None, allow_null=True)
    most = MoneyField(required=False, default=None, allow_null=True)


class TermsWritten(Strict):
    """Every term of a version; what is left out is as in the newest version."""

    least = MoneyField(required=False)
    most = MoneyField(required=False)
    rate = _share("With `reference` the margin on it.", required=False)
    rate_per = serializers.ChoiceField(RatePer.choices, required=False)
    least_rate = _share("Priced by risk from.", required=False, allow_null=True)
    most_rate = _share("Priced by risk up to.", required=False, allow_null=True)
    reference = serializers.CharField(max_length=20, required=False, allow_blank=True)
    interest_method = serializers.ChoiceField(InterestMethod.choices, required=False)
    amortisation = serializers.ChoiceField(Amortisation.choices, required=False)
    is_daily = serializers.BooleanField(required=False)
    day_count = serializers.ChoiceField(DayCount.choices, required=False)
    every = _count(required=False)
    unit = serializers.ChoiceField(Unit.choices, required=False)
    least_periods = _count(required=False)
    most_periods = _count(required=False)
    usual_periods = _count(required=False)
    principal_grace = _count(required=False)
    interest_deferred = _count(required=False)
    interest_free = _count(required=False)
    down_payment_pct = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=Decimal(0), required=False)
    principal_pct = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=Decimal(0), required=False, allow_null=True
    )
    instalment_multiple = MoneyField(required=False, allow_null=True)
    smoothing = serializers.BooleanField(required=False)
    rounding = serializers.ChoiceField(Rounding.choices, required=False)
    repayment_order = serializers.ListField(
        child=serializers.ChoiceField(Owed.choices), min_length=4, max_length=4, required=False
    )
    grace_minutes = _count(required=False)
    penalty_rate = _share("A day, of what is overdue.", required=False)
    penalty_after_days = _count(required=False)
    penalty_cap_rate = serializers.DecimalField(max_digits=6, decimal_places=4, min_value=Decimal(0), required=False)
    in_duplum = serializers.BooleanField(required=False)
    write_off_after_days = _count(required=False)
    deposit_multiple = serializers.DecimalField(
        max_digits=6, decimal_places=3, min_value=Decimal(0), required=False, allow_null=True
    )
    savings_multiple = serializers.DecimalField(
        max_digits=6, decimal_places=3, min_value=Decimal(0), required=False, allow_null=True
    )
    guarantee_cover = serializers.DecimalField(max_digits=5, decimal_places=4, min_value=Decimal(0), required=False)
    loan_to_value = serializers.DecimalField(
        max_digits=5, decimal_places=4, min_value=Decimal(0), required=False, allow_null=True
    )
    least_tier = serializers.ChoiceField(Tier.choices, required=False)
    least_account_days = _count(required=False)
    least_score = _count(required=False)
    decides_itself = serializers.BooleanField(required=False)
    two_officers_above = MoneyField(required=False)
    offer_days = _count(required=False)
    source = serializers.CharField(max_length=200, required=False)
    fees = FeeWritten(many=True, required=False)


class TermsAsked(TermsWritten):
    """A new version: from when, and why."""

    valid_from = serializers.DateField()
    reason = serializers.CharField(max_length=400)


class PreviewAsked(TermsWritten):
    """A loan to be tried by these terms; nothing is kept."""

    product = serializers.CharField(max_length=20)
    amount = MoneyField(positive=True)
    periods = serializers.IntegerField(min_value=1, max_value=600, required=False, allow_null=True, default=None)


class ChangeShown(serializers.Serializer[Any]):
    """One term that differs from the version before, in words."""

    name = serializers.CharField()
    label = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class VersionShown(serializers.Serializer[Any]):
    """One version; `terms` are its plain values: amounts in minor units, shares as text."""

    version = serializers.IntegerField(source="terms.version")
    valid_from = serializers.DateField(source="terms.valid_from")
    terms = serializers.SerializerMethodField()
    fees = serializers.SerializerMethodField()
    running = serializers.IntegerField(help_text="Loans that run on it.")
    changed = ChangeShown(many=True)

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_terms(self, row: Any) -> dict[str, Any]:
        """As the factory keeps them."""
        return factory.primitives(row.terms)

    @extend_schema_field({"type": "array", "items": {"type": "object", "additionalProperties": True}})
    def get_fees(self, row: Any) -> list[dict[str, Any]]:
        """As the factory keeps them."""
        return factory.fees_of(row.terms)


class ShelfShown(serializers.Serializer[Any]):
    """A product with all its versions, the newest first."""

    code = serializers.CharField(source="product.code")
    name = serializers.CharField(source="product.__str__")
    is_active = serializers.BooleanField(source="product.is_active")
    in_force = serializers.SerializerMethodField()
    running = serializers.IntegerField()
    versions = VersionShown(many=True)

    def get_in_force(self, row: Any) -> int | None:
        """The version that holds today."""
        return row.in_force.terms.version if row.in_force else None


class AskedShown(serializers.Serializer[Any]):
    """A request that waits for a second person."""

    approval = serializers.IntegerField(source="pk")
    kind = serializers.CharField()


class ExplainedShown(shapes.PlannedShown):
    """One instalment, with the sentences that say how each figure came about."""

    why = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class DifferenceShown(serializers.Serializer[Any]):
    """A figure by the new terms and by those of today."""

    label = serializers.CharField()
    new = serializers.CharField()
    today = serializers.CharField(allow_blank=True)
    differs = serializers.BooleanField()


class PreviewShown(serializers.Serializer[Any]):
    """The offer by these terms, its rows explained, and what differs from today."""

    offer = shapes.OfferShown()
    rows = serializers.SerializerMethodField()
    not_today = serializers.CharField(allow_blank=True, help_text="Why today's terms do not lend it.")
    differences = DifferenceShown(many=True)

    @extend_schema_field(ExplainedShown(many=True))
    def get_rows(self, shown: factory.Preview) -> Any:
        """Each row with its why."""
        currency = shown.offer.principal.currency
        planned = shapes.PlannedShown([one.row for one in shown.rows], many=True, context={"currency": currency}).data
        return [{**row, "why": one.why} for row, one in zip(planned, shown.rows, strict=True)]


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

    @extend_schema(operation_id="admin_loans_products", responses=ShelfShown(many=True))
    def get(self, request: Request) -> Response:
        """By name; the newest version first."""
        return Response(ShelfShown(shelves(local_date(now())), many=True).data)


@extend_schema(tags=["staff"])
class AskTerms(APIView):
    """Other terms of a product."""

    permission_classes = (holds(RIGHT),)

    @extend_schema(
        operation_id="admin_loans_products_terms",
        request=TermsAsked,
        responses={202: AskedShown},
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
        newest, asked = _newest(code), read(TermsAsked, request)
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
        return Response(AskedShown(approval).data, status=202)


@extend_schema(tags=["staff"])
class PreviewTerms(APIView):
    """Terms tried out."""

    permission_classes = (holds(RIGHT),)

    @extend_schema(
        operation_id="admin_loans_products_preview",
        request=PreviewAsked,
        responses=PreviewShown,
        examples=[
            OpenApiExample("Instant at 6 %", {"product": "INSTANT", "rate": "0.06", "amount": _KES}, request_only=True)
        ],
    )
    def post(self, request: Request) -> Response:
        """A loan by these terms beside the same loan today. Nothing is kept."""
        asked, at = read(PreviewAsked, request), now()
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
        return Response(PreviewShown(shown).data)
