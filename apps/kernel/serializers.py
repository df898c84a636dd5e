"""Serializer fields that every API shares."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.kernel.money import BadAmount, Money, UnknownCurrency

MONEY_SCHEMA = {
    "type": "object",
    "required": ["amount", "currency"],
    "additionalProperties": False,
    "properties": {
        "amount": {"type": "string", "pattern": r"^-?\d{1,18}(\.\d{1,9})?$", "example": "1234.50"},
        "currency": {"type": "string", "example": "KES", "minLength": 3, "maxLength": 4},
    },
    "example": {"amount": "1234.50", "currency": "KES"},
}


@extend_schema_field(MONEY_SCHEMA)
class MoneyField(serializers.Field):
    """`{"amount": "1234.50", "currency": "KES"}` in and out; strings, never floats.

    `positive=True` also refuses nothing and less than nothing.
    """

    default_error_messages = {
        "shape": 'Send {{"amount": "1234.50", "currency": "KES"}}.',
        "text": 'Send the amount as text in quotes, like "1234.50", so that no cent is lost.',
        "positive": "The amount must be more than zero.",
    }

    def __init__(self, *, positive: bool = False, **kwargs: Any) -> None:
        self.positive = positive
        super().__init__(**kwargs)

    def to_internal_value(self, value: Any) -> Money:
        """Read what was sent. Raises ValidationError."""
        if not isinstance(value, dict) or set(value) != {"amount", "currency"}:
            self.fail("shape")
        amount, currency = value["amount"], value["currency"]
        if not isinstance(amount, str) or not isinstance(currency, str):
            self.fail("text")
        try:
            money = Money.of(amount, currency)
        except (BadAmount, UnknownCurrency) as no:
            raise serializers.ValidationError(str(no), code=no.code) from no
        if self.positive and money.minor <= 0:
            self.fail("positive")
        return money

    def to_representation(self, money: Money) -> dict[str, str]:
        """Write it."""
        return money_json(money)


@extend_schema_field({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$", "example": "21:00"})
class HourField(serializers.TimeField):
    """An hour and minute of the day, `21:00`, without a zone: OpenAPI's own format of a time asks for one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", **kwargs)


class MomentField(serializers.DateTimeField):
    """An instant. One at the rim of the calendar, which cannot be told in UTC, is refused in words."""

    def enforce_timezone(self, value: datetime) -> Any:
        """With its zone. Raises ValidationError."""
        try:
            return super().enforce_timezone(value)
        except OverflowError:
            self.fail("overflow")


def money_json(money: Money) -> dict[str, str]:
    """Money as the API writes it."""
    return {"amount": f"{money.amount:f}", "currency": money.currency}


def moment_json(at: datetime | None) -> str | None:
    """An instant as the API writes it: ISO 8601 in the zone at hand."""
    if at is None:
        return None
    text = timezone.localtime(at).isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text
