"""What the API says of investments."""

from typing import Any

from rest_framework import serializers

from apps.chamas.models import InvestmentKind, InvestmentSaleStatus
from apps.kernel.serializers import MoneyField


class HoldingShown(serializers.Serializer[Any]):
    """One investment as it stands: what the group still has of it."""

    id = serializers.UUIDField(source="public_id")
    kind = serializers.ChoiceField(choices=InvestmentKind.choices)
    name = serializers.CharField()
    custodian = serializers.CharField(help_text="Who keeps it or its register")
    custody_reference = serializers.CharField()
    reference = serializers.CharField(help_text="Quoted by who pays in what it earned")
    bought_on = serializers.DateField(help_text="When it came into the books")
    is_brought = serializers.BooleanField(
        help_text="It was theirs before; nobody was paid, and cost is its first value"
    )
    units = serializers.DecimalField(max_digits=20, decimal_places=6)
    cost = MoneyField(help_text="Of these units")
    value = MoneyField(allow_null=True, help_text="Null when nobody has said what it is worth")
    gain = MoneyField(allow_null=True, help_text="Value above cost: not earned before it is sold")
    valued_on = serializers.DateField(allow_null=True)
    says = serializers.CharField(help_text="Whose word the value is")
    earned = MoneyField(help_text="What it brought so far, losses taken off")


class InvestmentPartShown(serializers.Serializer[Any]):
    """An investment, and the units and value that are the group's, or stand for one member's part."""

    investment = HoldingShown(source="of")
    units = serializers.DecimalField(max_digits=20, decimal_places=6)
    value = MoneyField(allow_null=True)


class RegisterShown(serializers.Serializer[Any]):
    """All investments of a group on a day, with the caller's part of each."""

    on = serializers.DateField()
    cost = MoneyField()
    value = MoneyField(help_text="Of those that were valued")
    investments = HoldingShown(many=True)
    mine = InvestmentPartShown(many=True)


class ValuationShown(serializers.Serializer[Any]):
    """What it was worth on a day."""

    valued_on = serializers.DateField()
    value = MoneyField()
    units = serializers.DecimalField(max_digits=20, decimal_places=6)
    says = serializers.CharField()
    paper = serializers.UUIDField(source="paper.public_id", allow_null=True, default=None)


class InvestmentSaleShown(serializers.Serializer[Any]):
    """Units that were to be sold. `reference` is what the buyer pays by, all at once."""

    reference = serializers.CharField()
    units = serializers.DecimalField(max_digits=20, decimal_places=6)
    price = MoneyField()
    status = serializers.ChoiceField(choices=InvestmentSaleStatus.choices)
    agreed_at = serializers.DateTimeField()
    open_until = serializers.DateTimeField()


class InvestmentReceiptShown(serializers.Serializer[Any]):
    """Money that it brought; `cost` is what sold units had cost, nothing for earnings."""

    amount = MoneyField()
    cost = MoneyField()
    sale = serializers.CharField(source="sale.reference", allow_null=True, default=None)
    at = serializers.DateTimeField()


class OneInvestmentShown(serializers.Serializer[Any]):
    """One investment with all that happened to it, the newest first."""

    investment = HoldingShown()
    valuations = ValuationShown(many=True)
    sales = InvestmentSaleShown(many=True)
    receipts = InvestmentReceiptShown(many=True)
