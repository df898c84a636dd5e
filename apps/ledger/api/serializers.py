"""How the books are written in JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.kernel.money import Money
from apps.kernel.serializers import MONEY_SCHEMA, MoneyField, money_json
from apps.ledger.models import Entry, LedgerAccount, Mode


class AccountSerializer(serializers.ModelSerializer[LedgerAccount]):
    """An account of the books, with its balance on its own side."""

    mode = serializers.SerializerMethodField()
    parent_code = serializers.CharField(source="parent.code", default=None, read_only=True, allow_null=True)
    posted = serializers.SerializerMethodField()
    held = serializers.SerializerMethodField()
    available = serializers.SerializerMethodField()

    class Meta:
        model = LedgerAccount
        fields = [
            "id",
            "code",
            "name",
            "kind",
            "currency",
            "role",
            "mode",
            "parent_code",
            "owner_reference",
            "posted",
            "held",
            "available",
            "is_blocked",
            "is_closed",
            "opened_at",
        ]

    @extend_schema_field({"type": "string", "enum": ["LOCKED", "DERIVED"]})
    def get_mode(self, account: LedgerAccount) -> str:
        """LOCKED or DERIVED."""
        return Mode(account.mode).name

    @extend_schema_field(MONEY_SCHEMA)
    def get_posted(self, account: LedgerAccount) -> dict[str, str]:
        """Everything posted."""
        return money_json(self._balance(account).posted)

    @extend_schema_field(MONEY_SCHEMA)
    def get_held(self, account: LedgerAccount) -> dict[str, str]:
        """What of it is set aside."""
        return money_json(self._balance(account).held)

    @extend_schema_field(MONEY_SCHEMA)
    def get_available(self, account: LedgerAccount) -> dict[str, str]:
        """What can leave it."""
        return money_json(self._balance(account).available)

    def _balance(self, account: LedgerAccount) -> Any:
        return self.context["balances"][account.pk]


class EntrySerializer(serializers.ModelSerializer[Entry]):
    """One leg of a transfer. Debits are positive, credits negative; `balance_after` is on the account's own side."""

    account = serializers.CharField(source="account.code", read_only=True)
    amount = MoneyField(read_only=True)
    balance_after = serializers.SerializerMethodField()
    reference = serializers.CharField(source="transfer.reference", read_only=True)
    kind = serializers.CharField(source="transfer.kind", read_only=True)
    narrative = serializers.CharField(source="transfer.narrative", read_only=True)
    reverses = serializers.IntegerField(source="transfer.reverses_id", allow_null=True, read_only=True)
    created_at = serializers.DateTimeField(source="transfer.created_at", read_only=True)

    class Meta:
        model = Entry
        fields = [
            "id",
            "transfer_id",
            "leg",
            "account_id",
            "account",
            "amount",
            "balance_after",
            "seq",
            "reference",
            "kind",
            "narrative",
            "reverses",
            "booked_on",
            "created_at",
        ]

    @extend_schema_field({**MONEY_SCHEMA, "nullable": True})
    def get_balance_after(self, entry: Entry) -> dict[str, str] | None:
        """The running balance; empty for derived accounts."""
        return None if entry.balance_after is None else money_json(Money(entry.balance_after, entry.currency))


class ReversalRequest(serializers.Serializer[Any]):
    """Why a transfer should be reversed."""

    reason = serializers.CharField(min_length=3, max_length=240)


class ReversalAsked(serializers.Serializer[Any]):
    """The request for a second person to decide."""

    approval_id = serializers.IntegerField(source="pk")
    status = serializers.CharField()
    subject = serializers.CharField()


class TrialBalanceQuery(serializers.Serializer[Any]):
    """Which day, which currency."""

    on = serializers.DateField(required=False)
    currency = serializers.CharField(required=False, default="KES", max_length=8)


class StatementLineSerializer(serializers.Serializer[Any]):
    """One account of the trial balance."""

    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    debit = MoneyField()
    credit = MoneyField()


class TrialBalanceSerializer(serializers.Serializer[Any]):
    """Every account of a currency at the end of a day; both sides come to the same."""

    on = serializers.DateField()
    currency = serializers.CharField()
    debits = MoneyField()
    credits = MoneyField()
    lines = StatementLineSerializer(many=True)
