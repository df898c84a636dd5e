"""What the product factory's API takes from staff and shows them."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.kernel.serializers import MoneyField
from apps.lending import factory
from apps.lending.api import shapes
from apps.lending.models import (
    Amortisation,
    DayCount,
    InterestMethod,
    LoanFeeKind,
    Owed,
    Purpose,
    RatePer,
    Rounding,
    Unit,
)
from apps.users.api.strict import Strict
from apps.users.models import Tier


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
    decided_by = serializers.CharField(
        max_length=200, required=False, source="source", help_text="Who decided these terms, and where."
    )
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
    called = serializers.CharField(source="label")
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


class FactoryRequestShown(serializers.Serializer[Any]):
    """A request that waits for a second person."""

    approval = serializers.IntegerField(source="pk")
    kind = serializers.CharField()


class ExplainedShown(shapes.PlannedShown):
    """One instalment, with the sentences that say how each figure came about."""

    why = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class DifferenceShown(serializers.Serializer[Any]):
    """A figure by the new terms and by those of today."""

    called = serializers.CharField(source="label")
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


class ProductAsked(TermsAsked):
    """A product that is new; terms that are left out are those of the newest version of `like`."""

    code = serializers.CharField(max_length=20, help_text="Capital letters, digits and _.")
    like = serializers.CharField(max_length=20, help_text="The code of the product it starts from.")
    name = serializers.CharField(max_length=60)
    name_sw = serializers.CharField(max_length=60)
    about = serializers.CharField(max_length=200)
    about_sw = serializers.CharField(max_length=200)
    purposes = serializers.ListField(child=serializers.ChoiceField(Purpose.choices), min_length=1, max_length=10)
    loss_table = serializers.CharField(max_length=20)
    loss_given_default = serializers.DecimalField(
        max_digits=5, decimal_places=4, min_value=Decimal(0), max_value=Decimal(1)
    )


class OfferedAsked(Strict):
    """Offer a product, or stop offering it; loans that run go on."""

    on = serializers.BooleanField()
    reason = serializers.CharField(max_length=400)


class ReferenceAsked(Strict):
    """A reference rate's value from a day on: a share a year, 0.0975 is 9.75 %."""

    code = serializers.CharField(max_length=20)
    rate = _share()
    valid_from = serializers.DateField()
    published_in = serializers.CharField(max_length=200, source="source")
    reason = serializers.CharField(max_length=400)
