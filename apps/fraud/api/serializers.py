"""How screenings are written in JSON."""

from typing import Any

from rest_framework import serializers

from apps.fraud.models import FlaggedTransaction
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
