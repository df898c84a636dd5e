"""How M-Pesa transactions are written in JSON."""

from typing import Any

from rest_framework import serializers

from apps.kernel.serializers import MoneyField
from apps.mpesa import queries, rules
from apps.mpesa.models import MpesaStatus, MpesaTransaction
from apps.users.api.serializers import Strict

WHOLE = "Whole shillings, from 1 to 250,000; nothing and less are outside that like too much: 422"


class AskPush(Strict):
    """Add money by a prompt on a phone."""

    account = serializers.IntegerField(
        required=False, min_value=1, max_value=2**62, help_text="The main account when left out"
    )
    phone = serializers.CharField(max_length=24, required=False, help_text="One's own when left out")
    amount = MoneyField(help_text=WHOLE)


class AskTill(Strict):
    """Add money by a prompt at the till of one's shop."""

    account = serializers.IntegerField(
        required=False, min_value=1, max_value=2**62, help_text="The main account when left out"
    )
    till = serializers.RegexField(r"^[0-9]{5,7}$", help_text="An M-Pesa till")
    amount = MoneyField(help_text=WHOLE)


class Withdraw(Strict):
    """Send money to one's own M-Pesa."""

    from_account = serializers.IntegerField(
        required=False, min_value=1, max_value=2**62, help_text="The main account when left out"
    )
    amount = MoneyField(help_text=WHOLE)


class MpesaShown(serializers.ModelSerializer[MpesaTransaction]):
    """One M-Pesa transaction. `why` says what to do when it was not done, or came and waits."""

    id = serializers.UUIDField(source="public_id")
    amount = MoneyField()
    phone = serializers.SerializerMethodField()
    account = serializers.IntegerField(source="account_id", allow_null=True)
    in_suspense = serializers.BooleanField(help_text="It came, and waits with us: the account could not take it")
    why = serializers.SerializerMethodField()

    class Meta:
        model = MpesaTransaction
        fields = [
            "id",
            "kind",
            "status",
            "phone",
            "amount",
            "account",
            "receipt",
            "in_suspense",
            "why",
            "created_at",
            "ended_at",
        ]

    def get_phone(self, row: MpesaTransaction) -> str:
        """The phone that was prompted or paid, as M-Pesa told it where it masks it; empty for a till or a business."""
        return row.phone or ""

    def get_why(self, row: MpesaTransaction) -> str:
        """Empty unless it failed, was cancelled or waits with us."""
        said = row.in_suspense or row.status in {MpesaStatus.FAILED, MpesaStatus.CANCELLED}
        return str(queries.why(row)) if said else ""


class MpesaForStaff(MpesaShown):
    """With what only staff see; the phone is masked for them."""

    name = serializers.SerializerMethodField()

    class Meta(MpesaShown.Meta):
        fields = [
            *MpesaShown.Meta.fields,
            "name",
            "account_reference",
            "payment_reference",
            "checkout_request_id",
            "conversation_id",
            "result_code",
            "result_text",
        ]

    def get_phone(self, row: MpesaTransaction) -> str:
        """Masked."""
        return rules.shown(row.phone or "")

    def get_name(self, row: MpesaTransaction) -> str:
        """As M-Pesa told it."""
        return row.name or ""


class Place(Strict):
    """Whose money it is, and how that is known."""

    account = serializers.CharField(max_length=24, help_text="Account number")
    reason = serializers.CharField(max_length=200)


class Why(Strict):
    """The reason that is kept."""

    reason = serializers.CharField(max_length=200)


class WhatBecame(Why):
    """Whether it went through, and by which receipt."""

    went = serializers.BooleanField()
    receipt = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")


class Asked(serializers.Serializer[Any]):
    """The request that a second person decides."""

    approval = serializers.IntegerField()
