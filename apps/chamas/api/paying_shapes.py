"""How dues, payments, the ledger, fines and cash are written in JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.chamas.api.door import Named
from apps.chamas.api.shapes import FUNDS_SCHEMA
from apps.chamas.models import (
    CashNoteStatus,
    Contribution,
    ContributionStatus,
    EntryKind,
    Fine,
    FineStatus,
    FineWhy,
    FundKind,
)
from apps.kernel.money import Money
from apps.kernel.serializers import MoneyField
from apps.users.api.serializers import Strict


class Contribute(Strict):
    """How much, for whom, and from which account of one's own."""

    amount = MoneyField(positive=True)
    member = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, help_text="Their number; oneself when left out"
    )
    from_account = serializers.IntegerField(
        required=False, min_value=1, max_value=2**62, help_text="The main account when left out"
    )
    note = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")


class ContributeByPhone(Strict):
    """Paying in by a prompt on a phone. Whole shillings."""

    amount = MoneyField(positive=True)
    phone = serializers.CharField(max_length=20, required=False, allow_blank=True, default="", help_text="Or one's own")


class PromptSent(serializers.Serializer[Any]):
    """A prompt that was sent; `address` tells what became of it. The group is paid when the money has come."""

    id = serializers.CharField()
    status = serializers.CharField()
    address = serializers.CharField()


class ContributionShown(serializers.Serializer[Any]):
    """What a member owes for one cycle, and how it is laid into the funds."""

    cycle = serializers.IntegerField(source="cycle.number")
    member = Named()
    amount = MoneyField()
    paid = serializers.SerializerMethodField()
    left = serializers.SerializerMethodField()
    parts = serializers.SerializerMethodField()
    due_on = serializers.DateField()
    late_at = serializers.DateTimeField()
    status = serializers.ChoiceField(choices=ContributionStatus.choices)
    settled_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(MoneyField())
    def get_paid(self, row: Contribution) -> dict[str, str]:
        """Money paid of it."""
        return MoneyField().to_representation(Money(row.paid_minor, row.currency))

    @extend_schema_field(MoneyField())
    def get_left(self, row: Contribution) -> dict[str, str]:
        """Money still to be paid; nothing once it is waived."""
        return MoneyField().to_representation(Money(row.open_minor, row.currency))

    @extend_schema_field(FUNDS_SCHEMA)
    def get_parts(self, row: Contribution) -> dict[str, dict[str, str]]:
        """By fund, what was asked."""
        parts = {"WELFARE": row.welfare_minor, "ROTATION": row.rotation_minor, "SAVINGS": row.savings_minor}
        return {
            fund: MoneyField().to_representation(Money(minor, row.currency)) for fund, minor in parts.items() if minor
        }


class GroupEntryShown(serializers.Serializer[Any]):
    """A row of the group's ledger. It is never changed: what was wrong is put right by another."""

    id = serializers.UUIDField(source="public_id")
    fund = serializers.ChoiceField(choices=FundKind.choices)
    kind = serializers.ChoiceField(choices=EntryKind.choices)
    amount = MoneyField(help_text="More than nothing: the fund holds more")
    member: Any = Named(allow_null=True)
    reference = serializers.CharField()
    note = serializers.CharField()
    booked_on = serializers.DateField()
    at = serializers.DateTimeField()
    is_disputed = serializers.BooleanField()


class FineShown(serializers.Serializer[Any]):
    """A fine; appealed, it is not due until the group has decided."""

    id = serializers.UUIDField(source="public_id")
    member = Named()
    why = serializers.ChoiceField(choices=FineWhy.choices)
    name = serializers.CharField(help_text="The group's own word for it")
    amount = MoneyField()
    left = serializers.SerializerMethodField()
    status = serializers.ChoiceField(choices=FineStatus.choices)
    given_at = serializers.DateTimeField()
    due_on = serializers.DateField()
    appeal = serializers.CharField()

    @extend_schema_field(MoneyField())
    def get_left(self, row: Fine) -> dict[str, str]:
        """Money to be paid now."""
        return MoneyField().to_representation(Money(row.open_minor, row.currency))


class GiveFine(Strict):
    """By a rule of the group: ABSENT, or NAMED with the group's own word. LATE comes by itself."""

    member = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    why = serializers.ChoiceField(choices=[FineWhy.ABSENT, FineWhy.NAMED])
    name = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    cause = serializers.CharField(max_length=80, help_text="What for; nobody is fined twice for one cause")


class PayFine(Strict):
    """All of it, or a part."""

    amount = MoneyField(positive=True, required=False, allow_null=True, default=None)


class AppealFine(Strict):
    """Why the group should look at it again."""

    says = serializers.CharField(max_length=280)


class PaidIn(serializers.Serializer[Any]):
    """A payment into the group that was made."""

    reference = serializers.CharField(help_text="What people quote")
    amount = MoneyField()
    at = serializers.DateTimeField()


class BuyShares(Strict):
    """Whole shares at the constitution's price."""

    count = serializers.IntegerField(min_value=1, max_value=100_000)


class RecordCash(Strict):
    """Cash that a member gave the treasurer."""

    member = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    amount = MoneyField(positive=True)
    note = serializers.CharField(max_length=140, required=False, allow_blank=True, default="")


class ConfirmCash(Strict):
    """Whether one gave it."""

    is_so = serializers.BooleanField()


class GroupCashShown(serializers.Serializer[Any]):
    """A note of cash. It is no money of the group before it is BANKED."""

    id = serializers.UUIDField(source="public_id")
    member = Named()
    treasurer = Named()
    amount = MoneyField()
    note = serializers.CharField()
    status = serializers.ChoiceField(choices=CashNoteStatus.choices)
    recorded_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    banked_at = serializers.DateTimeField(allow_null=True)
