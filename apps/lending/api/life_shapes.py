"""What the API of the rest of a loan's life takes and gives."""

from typing import Any

from rest_framework import serializers

from apps.kernel.serializers import MoneyField
from apps.lending.api.shapes import OfferShown
from apps.lending.models import Tranche
from apps.users.api.strict import Strict


class PartShown(serializers.ModelSerializer[Tranche]):
    """A part of a loan that is paid out in parts."""

    amount = MoneyField()

    class Meta:
        model = Tranche
        fields = ("number", "amount", "planned_on", "milestone", "status", "paid_at")


class AskPart(Strict):
    """A part as it is planned."""

    amount = MoneyField(positive=True)
    on = serializers.DateField()
    milestone = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")


class AskParts(Strict):
    """In which parts a loan is to be paid out; they add up to it."""

    parts = AskPart(many=True)


class AskTopUp(Strict):
    """New money on top of a running loan."""

    more = MoneyField(positive=True)
    periods = serializers.IntegerField(min_value=1, max_value=600, required=False, allow_null=True, default=None)


class TopUp(AskTopUp):
    """As worked out, asked for."""

    note = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class RenewedShown(serializers.Serializer[Any]):
    """A new loan that pays the old one off, beside keeping the old one."""

    replaces = serializers.UUIDField(source="old.public_id")
    payoff = MoneyField(source="payoff.total", help_text="What the old loan takes now.")
    in_hand = MoneyField(help_text="New money that stays on the account.")
    keeping_takes = MoneyField(source="left", help_text="What keeping the old loan would still take.")
    price = MoneyField(help_text="What the new money costs in all: paid back less what keeping takes and what is new.")
    offer = OfferShown()


class PayByPhone(Strict):
    """Paying a loan by a prompt on a phone. Whole shillings."""

    amount = MoneyField(positive=True)
    phone = serializers.CharField(
        max_length=20, required=False, allow_blank=True, default="", help_text="Or one's own."
    )


class PromptShown(serializers.Serializer[Any]):
    """A prompt that was sent; `address` tells what became of it. The loan is paid when the money has come."""

    id = serializers.CharField()
    status = serializers.CharField()
    address = serializers.CharField()


class Switches(Strict):
    """What the borrower switches."""

    auto_debit = serializers.BooleanField(help_text="Take what is due from the account on its day and as money comes.")
