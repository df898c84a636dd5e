"""How accounts, lines, statements and cash are written in JSON."""

from typing import Any

from rest_framework import serializers

from apps.accounts.models import CashMovement, Transaction
from apps.accounts.models.account import AccountStatus, AccountType
from apps.kernel.serializers import MoneyField
from apps.users.api.serializers import Strict


class AccountShown(serializers.Serializer[Any]):
    """An account with its money."""

    id = serializers.IntegerField(source="account.pk")
    number = serializers.CharField(source="account.number")
    name = serializers.CharField(source="account.name")
    nickname = serializers.CharField(source="account.nickname")
    account_type = serializers.ChoiceField(choices=AccountType.choices, source="account.account_type")
    currency = serializers.CharField(source="account.currency")
    status = serializers.ChoiceField(choices=AccountStatus.choices, source="account.status")
    balance = MoneyField(source="posted")
    held = MoneyField()
    available = MoneyField()
    opened_at = serializers.DateTimeField(source="account.opened_at")
    business = serializers.SerializerMethodField(help_text="Whose it is, when a business holds it; null: one's own")

    def get_business(self, row: Any) -> int | None:
        """Its number under `/businesses/`."""
        if row.account.account_type != AccountType.BUSINESS:
            return None
        return int(row.account.owner.business.pk)


class OpenAccount(Strict):
    """A product to open."""

    product = serializers.CharField(max_length=20)
    nickname = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")


class ChangeAccount(serializers.Serializer[Any]):
    """The name its holder gives it; balances and the rest cannot be written."""

    nickname = serializers.CharField(max_length=40, allow_blank=True)

    def to_internal_value(self, value: Any) -> Any:
        """Refuse what only the bank writes."""
        if isinstance(value, dict) and (fixed := set(value) - {"nickname"}):
            raise serializers.ValidationError(
                {str(name): ["This cannot be changed here."] for name in sorted(map(str, fixed))}
            )
        return super().to_internal_value(value)


class FreezeReason(Strict):
    """Why; staff must say."""

    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class TransactionShown(serializers.ModelSerializer[Transaction]):
    """One line."""

    account = serializers.IntegerField(source="account_id")
    account_number = serializers.CharField(source="account.number")
    amount = MoneyField()
    running_balance = MoneyField()
    status = serializers.SerializerMethodField()

    class Meta:
        model = Transaction
        fields = [
            "id",
            "account",
            "account_number",
            "txn_type",
            "amount",
            "running_balance",
            "description",
            "counterparty",
            "merchant",
            "mcc",
            "category",
            "reference",
            "status",
            "booked_on",
            "posted_at",
        ]

    def get_status(self, line: Transaction) -> str:
        """A line in the books is POSTED; a correction is a line of its own."""
        return "POSTED"


class StatementRow(serializers.Serializer[Any]):
    """One row of a statement."""

    booked_on = serializers.DateField()
    description = serializers.CharField()
    reference = serializers.CharField()
    amount = serializers.SerializerMethodField()
    balance = serializers.SerializerMethodField()

    def get_amount(self, row: Any) -> str:
        """Signed, major units."""
        return str(self.context["money"](row.amount_minor))

    def get_balance(self, row: Any) -> str:
        """After this row, major units."""
        return str(self.context["money"](row.balance_minor))


class StatementShown(serializers.Serializer[Any]):
    """A statement that adds up."""

    account = serializers.IntegerField(source="account.pk")
    number = serializers.CharField(source="account.number")
    from_date = serializers.DateField()
    to_date = serializers.DateField()
    opening = MoneyField()
    money_in = MoneyField()
    money_out = MoneyField()
    closing = MoneyField()
    rows = StatementRow(many=True)
    seal = serializers.CharField()


class ExportPeriod(Strict):
    """Which account, which days."""

    account = serializers.IntegerField()
    from_date = serializers.DateField()
    to_date = serializers.DateField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Forward in time."""
        if attrs["from_date"] > attrs["to_date"]:
            raise serializers.ValidationError({"to_date": ["The last day comes before the first one."]})
        return attrs


class TakeCash(Strict):
    """Cash over the counter."""

    account = serializers.CharField(max_length=20, help_text="Account number")
    amount = MoneyField(positive=True)
    by_name = serializers.CharField(max_length=120)
    note = serializers.CharField(max_length=140, required=False, allow_blank=True, default="")


class CashShown(serializers.ModelSerializer[CashMovement]):
    """A cash movement with its receipt."""

    account = serializers.CharField(source="account.number")
    amount = MoneyField()
    approval = serializers.IntegerField(source="approval_id", allow_null=True)

    class Meta:
        model = CashMovement
        fields = [
            "id",
            "kind",
            "status",
            "account",
            "amount",
            "receipt",
            "by_name",
            "approval",
            "created_at",
            "done_at",
        ]


class Deposit(Strict):
    """Add money from a phone."""

    account = serializers.IntegerField(
        required=False, min_value=1, max_value=2**62, help_text="The main account when left out"
    )
    phone = serializers.CharField(max_length=24, required=False, help_text="One's own when left out")
    amount = MoneyField(positive=True)


class TopUpShown(serializers.Serializer[Any]):
    """A top-up that was begun."""

    id = serializers.CharField()
    status = serializers.CharField()
    status_address = serializers.CharField(help_text="Ask here until it is COMPLETED, FAILED or CANCELLED")


class Worth(serializers.Serializer[Any]):
    """What one account comes to in the home currency, at mid."""

    account = serializers.IntegerField()
    worth = MoneyField()


class Summary(serializers.Serializer[Any]):
    """All balances together."""

    currency = serializers.CharField()
    total = MoneyField()
    accounts = AccountShown(many=True)
    worths = Worth(many=True)
    rates_at = serializers.DateTimeField(allow_null=True, help_text="When the rates were fetched; null without need")
    is_stale = serializers.BooleanField(help_text="The rates are past their hour")
