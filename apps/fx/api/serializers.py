"""How rates and quotes are written in JSON: rates as text, never as floats."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.fx.models import FixedSide, Quote
from apps.fx.rules import written
from apps.kernel.serializers import MoneyField
from apps.users.api.serializers import Strict

ISO = "ISO 4217, such as USD"


class RateShown(serializers.Serializer[Any]):
    """One currency."""

    currency = serializers.CharField()
    name = serializers.CharField()
    rate = serializers.CharField(help_text="Units of this currency for one of the base, at mid")


class RatesShown(serializers.Serializer[Any]):
    """What one unit of the base comes to in every currency."""

    base = serializers.CharField()
    rates = RateShown(many=True)
    provider = serializers.CharField(source="source")
    fetched_at = serializers.DateTimeField()
    valid_until = serializers.DateTimeField()
    age_seconds = serializers.IntegerField()
    is_stale = serializers.BooleanField(help_text="Past their hour; past a day nothing is told")


class Convert(Strict):
    """What to work out."""

    amount = MoneyField(positive=True)
    to = serializers.CharField(min_length=3, max_length=8, help_text=ISO)


class Converted(serializers.Serializer[Any]):
    """A figure; no money moved and no price is promised."""

    amount = MoneyField()
    converted = MoneyField(help_text="At the mid rate, rounded half-even")
    rate = serializers.CharField(help_text="Mid rate")
    for_you = MoneyField(allow_null=True, help_text="What an exchange would give now; null when it is too little")
    customer_rate = serializers.CharField()
    spread_rate = serializers.CharField(help_text="0.01500 is 1.5 %")
    fetched_at = serializers.DateTimeField()
    age_seconds = serializers.IntegerField()
    is_stale = serializers.BooleanField()


class AskPrice(Strict):
    """Exactly one amount, and the currency of the other side."""

    give = MoneyField(positive=True, required=False, allow_null=True, default=None)
    get = MoneyField(positive=True, required=False, allow_null=True, default=None)
    to = serializers.CharField(required=False, allow_blank=True, default="", max_length=8, help_text="With `give`")
    give_in = serializers.CharField(required=False, allow_blank=True, default="", max_length=8, help_text="With `get`")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """`give` and `to`, or `get` and `give_in`."""
        sides = {"give": "to", "get": "give_in"}
        chosen = [side for side in sides if attrs[side] is not None]
        if len(chosen) != 1:
            raise serializers.ValidationError({"give": ["Send either what you give or what you get."]})
        other = sides[chosen[0]]
        if not attrs[other] or attrs[sides["get" if chosen[0] == "give" else "give"]]:
            raise serializers.ValidationError({other: [f"Beside `{chosen[0]}`, send `{other}` and nothing else."]})
        return {"amount": attrs[chosen[0]], "other": attrs[other], "fixed": FixedSide[chosen[0].upper()]}


class QuoteShown(serializers.ModelSerializer[Quote]):
    """A price that holds until `expires_at`."""

    id = serializers.UUIDField(source="public_id")
    give = MoneyField()
    get = MoneyField()  # type: ignore[assignment]  # the field's name is the word people use
    rate = serializers.SerializerMethodField(help_text="Units got for one given")
    mid_rate = serializers.SerializerMethodField()
    cost = MoneyField(help_text="Beside the mid rate, in the home currency")

    class Meta:
        model = Quote
        fields = [
            "id",
            "give",
            "get",
            "fixed",
            "rate",
            "mid_rate",
            "spread_rate",
            "cost",
            "rates_at",
            "created_at",
            "expires_at",
            "used_at",
        ]

    @extend_schema_field(serializers.CharField())
    def get_rate(self, quote: Quote) -> str:
        """Without trailing zeros."""
        return written(quote.rate)

    @extend_schema_field(serializers.CharField())
    def get_mid_rate(self, quote: Quote) -> str:
        """Without trailing zeros."""
        return written(quote.mid_rate)
