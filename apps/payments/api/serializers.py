"""How payments are written in JSON."""

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.accounts.models import TransactionType
from apps.fx.models import Quote as FxQuote
from apps.fx.rules import written
from apps.kernel.money import Money
from apps.kernel.serializers import MoneyField, moment_json, money_json
from apps.payments.models import Biller, BillerCategory, Payment, QrCode
from apps.payments.operations.ask import payload
from apps.users.api.serializers import Strict
from apps.users.models import StepUpChallenge


class SendMoney(Strict):
    """Pay a person of this bank."""

    from_account = serializers.IntegerField(
        required=False, min_value=1, max_value=2**62, help_text="The main account when left out"
    )
    to = serializers.CharField(max_length=40, help_text="Phone, account number, or the number of a shop here")
    amount = MoneyField(positive=True)
    note = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")


class PayByQr(Strict):
    """Pay what a code asks for."""

    from_account = serializers.IntegerField(
        required=False, min_value=1, max_value=2**62, help_text="The main account when left out"
    )
    qr = serializers.CharField(max_length=512, help_text="The text inside the code")
    amount = MoneyField(positive=True, required=False, allow_null=True, default=None)
    note = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")


class _Outside(Strict):
    """What every payment that leaves the bank has."""

    from_account = serializers.IntegerField(
        required=False, min_value=1, max_value=2**62, help_text="The main account when left out"
    )
    amount = MoneyField(positive=True)
    note = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")


class ToMobile(_Outside):
    """Pay a phone's mobile money."""

    phone = serializers.CharField(max_length=24)


class PayBill(_Outside):
    """Pay a bill: a biller of the directory or any paybill, and one's account there."""

    biller = serializers.CharField(max_length=24, required=False, help_text="Its code, from `GET /api/v1/billers`")
    paybill = serializers.CharField(max_length=7, required=False, help_text="Instead of `biller`")
    account = serializers.CharField(max_length=20, help_text="The account at the biller")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two says where it goes."""
        if ("biller" in attrs) == ("paybill" in attrs):
            raise serializers.ValidationError({"biller": [_("Name either a biller or a paybill.")]})
        return attrs


class BuyAirtime(_Outside):
    """Load airtime onto a phone of Safaricom, Airtel or Telkom."""

    phone = serializers.CharField(max_length=24, required=False, help_text="One's own phone when left out")


class BillerShown(serializers.Serializer[Biller]):
    """A biller as it stands today."""

    code = serializers.CharField()
    name = serializers.CharField()
    category = serializers.ChoiceField(choices=BillerCategory.choices)
    paybill = serializers.CharField()
    account_label = serializers.SerializerMethodField(help_text="In the language of the request")
    account_pattern = serializers.CharField(help_text="The whole account, capital letters, without spaces")
    example = serializers.CharField()
    least = MoneyField()
    most = MoneyField()

    def get_account_label(self, row: Biller) -> str:
        """What the account is called."""
        return row.label_in(get_language() or "en")


class PayTill(_Outside):
    """Pay a shop's till."""

    till = serializers.CharField(max_length=7)


class MoveMoney(Strict):
    """Between one's own accounts."""

    from_account = serializers.IntegerField(min_value=1, max_value=2**62)
    to_account = serializers.IntegerField(min_value=1, max_value=2**62)
    amount = MoneyField(positive=True)


class Exchange(Strict):
    """By a quote of one's own that has not run out."""

    quote = serializers.UUIDField(help_text="From `POST /api/v1/currency/quotes`")
    from_account = serializers.IntegerField(min_value=1, max_value=2**62)
    to_account = serializers.IntegerField(min_value=1, max_value=2**62)


class ExchangeShown(serializers.Serializer[Any]):
    """What an exchange gave and got, and at which price."""

    quote = serializers.UUIDField(source="public_id")
    got = MoneyField(source="get")
    rate = serializers.SerializerMethodField(help_text="Units got for one given")
    mid_rate = serializers.SerializerMethodField()
    spread_rate = serializers.CharField()
    cost = MoneyField(help_text="Beside the mid rate, in the home currency")

    def get_rate(self, quote: FxQuote) -> str:
        """Without trailing zeros."""
        return written(quote.rate)

    def get_mid_rate(self, quote: FxQuote) -> str:
        """Without trailing zeros."""
        return written(quote.mid_rate)


class AskQuote(Strict):
    """Who would be paid, and what it costs."""

    to = serializers.CharField(max_length=512, help_text="Phone, account number or the text of a QR code")
    amount = MoneyField(positive=True, required=False, allow_null=True, default=None)


class Quote(serializers.Serializer[Any]):
    """The name and the cost before the proof. Without an amount the cost is null."""

    payee_name = serializers.CharField()
    payee_address = serializers.CharField()
    amount = MoneyField(allow_null=True)
    fee = MoneyField(allow_null=True)
    excise_duty = MoneyField(allow_null=True)
    total = MoneyField(allow_null=True)
    arrives = serializers.CharField()


class ChallengeShown(serializers.Serializer[Any]):
    """The proof that a payment waits for."""

    id = serializers.UUIDField()
    method = serializers.CharField()
    expires_at = serializers.DateTimeField()
    passkey_options = serializers.JSONField(allow_null=True)

    @classmethod
    def of(cls, row: StepUpChallenge) -> dict[str, Any]:
        """A challenge that was just asked."""
        options = (row.state or {}).get("options")
        shown = {"id": row.pk, "method": row.method, "expires_at": row.expires_at, "passkey_options": options}
        return dict(cls(shown).data)


class PaymentShown(serializers.ModelSerializer[Payment]):
    """A payment."""

    id = serializers.UUIDField(source="public_id")
    payee_address = serializers.CharField(max_length=40, help_text="Phone or account number, as it is shown")
    amount = MoneyField()
    fee = MoneyField()
    excise_duty = MoneyField(source="duty")
    total = MoneyField()
    from_account = serializers.IntegerField(source="from_account_id")
    to_account = serializers.SerializerMethodField(help_text="One's own, where it went to another of one's accounts")
    exchange = ExchangeShown(source="quote", allow_null=True, help_text="Of an exchange")
    challenge = serializers.SerializerMethodField()

    class Meta:
        model = Payment
        fields = [
            "id",
            "kind",
            "status",
            "reference",
            "payee_name",
            "payee_address",
            "amount",
            "fee",
            "excise_duty",
            "total",
            "from_account",
            "to_account",
            "exchange",
            "note",
            "rail",
            "provider_reference",
            "held_because",
            "held_until",
            "failed_because",
            "challenge",
            "created_at",
            "expires_at",
            "confirmed_at",
            "completed_at",
        ]

    def to_representation(self, payment: Payment) -> dict[str, Any]:
        """The same as its fields would give, by hand: building the fields takes longer than moving the money."""
        quote = payment.quote
        return {
            "id": str(payment.public_id),
            "kind": str(payment.kind),
            "status": str(payment.status),
            "reference": payment.reference,
            "payee_name": payment.payee_name,
            "payee_address": payment.payee_address,
            "amount": money_json(payment.amount),
            "fee": money_json(payment.fee),
            "excise_duty": money_json(payment.duty),
            "total": money_json(payment.total),
            "from_account": payment.from_account_id,
            "to_account": self.get_to_account(payment),
            "exchange": None if quote is None else dict(ExchangeShown(quote).data),
            "note": payment.note,
            "rail": payment.rail,
            "provider_reference": payment.provider_reference,
            "held_because": str(payment.held_because),
            "held_until": moment_json(payment.held_until),
            "failed_because": payment.failed_because,
            "challenge": self.get_challenge(payment),
            "created_at": moment_json(payment.created_at),
            "expires_at": moment_json(payment.expires_at),
            "confirmed_at": moment_json(payment.confirmed_at),
            "completed_at": moment_json(payment.completed_at),
        }

    def get_to_account(self, payment: Payment) -> int | None:
        """Never another person's."""
        own = {TransactionType.INTERNAL_TRANSFER.value, TransactionType.EXCHANGE.value}
        return payment.to_account_id if payment.kind in own else None

    def get_challenge(self, payment: Payment) -> dict[str, Any] | None:
        """The proof it waits for, when one was just asked."""
        row = self.context.get("challenge")
        if row is None:
            return None
        return ChallengeShown.of(row)


class Confirm(Strict):
    """The proof: a code, or a passkey's assertion."""

    challenge = serializers.UUIDField()
    code = serializers.CharField(max_length=12, required=False, allow_blank=True, default="")
    credential = serializers.JSONField(required=False, default=None)


class AskByQr(Strict):
    """A code to be paid by."""

    account = serializers.IntegerField(min_value=1, max_value=2**62)
    amount = MoneyField(positive=True, required=False, allow_null=True, default=None)


class QrShown(serializers.ModelSerializer[QrCode]):
    """A code to show."""

    account = serializers.IntegerField(source="account_id")
    amount = serializers.SerializerMethodField()
    payload = serializers.SerializerMethodField()

    class Meta:
        model = QrCode
        fields = ["id", "account", "reference", "amount", "currency", "payload", "created_at", "expires_at", "used_at"]

    def get_amount(self, code: QrCode) -> str | None:
        """Major units; null when the payer chooses."""
        return None if code.amount_minor is None else f"{Money(code.amount_minor, code.currency).amount:f}"

    def get_payload(self, code: QrCode) -> str:
        """The text to draw."""
        return payload(code)
