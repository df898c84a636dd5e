"""How screenings are written in JSON."""

from typing import Any

from rest_framework import serializers

from apps.fraud.models import Dispute, DisputeReason, FlaggedTransaction
from apps.kernel.serializers import MoneyField
from apps.users.api.serializers import Strict


class FlaggedShown(serializers.ModelSerializer[FlaggedTransaction]):
    """A held movement, what the screen saw, and what was decided."""

    amount = MoneyField(source="check_made.amount")
    transaction_type = serializers.CharField(source="check_made.transaction_type")
    risk_score = serializers.DecimalField(source="check_made.risk_score", max_digits=4, decimal_places=3)
    reasons: Any = serializers.ListField(source="check_made.reasons", child=serializers.CharField())
    user = serializers.IntegerField(source="user_id")

    class Meta:
        model = FlaggedTransaction
        fields = [
            "id",
            "reference",
            "user",
            "amount",
            "transaction_type",
            "risk_score",
            "reasons",
            "status",
            "note",
            "opened_at",
            "answer_by",
            "reviewed_at",
        ]


class Decide(Strict):
    """Let it go on, or stop it."""

    decision = serializers.ChoiceField(choices=["CLEAR", "CONFIRM"])
    note = serializers.CharField(max_length=300)


class DisputeShown(serializers.ModelSerializer[Dispute]):
    """A dispute; what is said about it stands in the conversation `thread` of the inbox."""

    id = serializers.UUIDField(source="public_id")
    transaction = serializers.IntegerField(source="line_id")
    amount = MoneyField(source="line.amount")
    reference = serializers.CharField(source="line.reference")
    thread = serializers.UUIDField(source="thread.public_id")

    class Meta:
        model = Dispute
        fields = [
            "id",
            "transaction",
            "amount",
            "reference",
            "reason",
            "status",
            "answer",
            "thread",
            "opened_at",
            "answer_by",
            "resolved_at",
        ]


class OpenDispute(Strict):
    """Which line is wrong, and how."""

    transaction = serializers.IntegerField(min_value=1, max_value=2**62)
    reason = serializers.ChoiceField(choices=DisputeReason.choices)
    text = serializers.CharField(max_length=2000)


class ResolveDispute(Strict):
    """The decision and the answer that the customer reads."""

    decision = serializers.ChoiceField(choices=["UPHELD", "DECLINED"])
    answer = serializers.CharField(max_length=500)
