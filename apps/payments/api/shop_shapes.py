"""How shops, their counters, sales and takings are written in JSON."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.kernel.serializers import MoneyField
from apps.payments import operations, queries
from apps.payments.models import Merchant, Payment, PosSale, PosTerminal, Refund, SaleAlerts, Settlement, Trade
from apps.users.api.serializers import Strict


class NewMerchant(Strict):
    """A shop of one's own, or of a business one signs for."""

    trading_name = serializers.CharField(max_length=25)
    trade = serializers.ChoiceField(choices=Trade.choices, help_text="Merchant category code (ISO 18245)")
    town = serializers.CharField(max_length=15)
    settlement_account = serializers.IntegerField(min_value=1, max_value=2**62)
    business = serializers.IntegerField(required=False, min_value=1, max_value=2**62)


class MerchantShown(serializers.ModelSerializer[Merchant]):
    """A shop; `code` is the text of its open code."""

    id = serializers.UUIDField(source="public_id")
    settlement_account = serializers.IntegerField(source="settlement_account_id")
    business = serializers.IntegerField(source="business_id", allow_null=True)
    code = serializers.SerializerMethodField()

    class Meta:
        model = Merchant
        fields = ["id", "trading_name", "mcc", "town", "till", "status", "currency", "settlement_account", "business",
                  "alerts", "code", "created_at", "closed_at"]  # fmt: skip

    def get_code(self, merchant: Merchant) -> str:
        """The text to draw."""
        return operations.code_of_merchant(merchant)


class ChooseAlerts(Strict):
    """Of which sales the shop hears by SMS."""

    alerts = serializers.ChoiceField(choices=SaleAlerts.choices)


class NewTerminal(Strict):
    """A counter."""

    label: Any = serializers.CharField(max_length=40)
    code = serializers.RegexField(r"^[A-Za-z0-9]{1,8}$", help_text="Stands in the codes it shows")


class TerminalShown(serializers.ModelSerializer[PosTerminal]):
    """A counter."""

    class Meta:
        model = PosTerminal
        fields = ["id", "label", "code", "created_at"]


class NewSale(Strict):
    """An amount to be paid once."""

    merchant = serializers.UUIDField()
    terminal = serializers.IntegerField(required=False, min_value=1, max_value=2**62)
    amount = MoneyField(positive=True)
    note = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")


class SaleShown(serializers.ModelSerializer[PosSale]):
    """A sale; `code` is the text to draw while it is OPEN, `payment` what paid it."""

    id = serializers.UUIDField(source="public_id")
    merchant = serializers.UUIDField(source="merchant.public_id")
    terminal = serializers.IntegerField(source="terminal_id", allow_null=True)
    amount = MoneyField()
    payment = serializers.SerializerMethodField(help_text="Once it is PAID: what a refund names")
    code = serializers.SerializerMethodField()

    class Meta:
        model = PosSale
        fields = ["id", "merchant", "terminal", "amount", "note", "reference", "status", "payment", "code",
                  "created_at", "expires_at", "over_at"]  # fmt: skip

    @extend_schema_field(OpenApiTypes.UUID)
    def get_payment(self, sale: PosSale) -> Any:
        """Not before it is paid."""
        return sale.payment.public_id if sale.status == "PAID" and sale.payment else None

    def get_code(self, sale: PosSale) -> str:
        """The text to draw."""
        return operations.code_of_sale(sale)


class TakingShown(serializers.Serializer[Any]):
    """A payment to the shop, with what went back of it."""

    payment = serializers.UUIDField(source="public_id")
    reference = serializers.CharField()
    payer = serializers.SerializerMethodField(help_text="Half of their name; of a business all of it")
    amount = MoneyField()
    refunded = serializers.SerializerMethodField(help_text="Major units")
    is_settled = serializers.SerializerMethodField()
    paid_at = serializers.DateTimeField(source="completed_at")

    def get_payer(self, row: Payment) -> str:
        """As the shop sees it."""
        return queries.as_takings([row])[0].payer

    def get_refunded(self, row: Payment) -> str:
        """What went back, or waits to."""
        return f"{queries.as_takings([row])[0].refunded.amount:f}"

    def get_is_settled(self, row: Payment) -> bool:
        """Whether it was paid out."""
        return row.settlement_id is not None


class NewRefund(Strict):
    """All of a payment, or a part."""

    payment = serializers.UUIDField()
    amount = MoneyField(positive=True)
    reason = serializers.CharField(max_length=200)


class GivenBackShown(serializers.ModelSerializer[Refund]):
    """What was given back."""

    payment = serializers.UUIDField(source="payment.public_id")
    amount = MoneyField()

    class Meta:
        model = Refund
        fields = ["reference", "payment", "status", "amount", "reason", "from_takings", "created_at", "done_at"]


class SettlementShown(serializers.ModelSerializer[Settlement]):
    """What a shop was paid out for a day: sales less refunds, fee and duty."""

    sales = MoneyField()
    refunds = MoneyField()
    fee = MoneyField()
    excise_duty = MoneyField(source="duty")
    net = MoneyField()

    class Meta:
        model = Settlement
        fields = ["reference", "day", "sales_count", "sales", "refunds", "fee", "excise_duty", "net", "created_at"]
