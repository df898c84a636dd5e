"""How screenings, rules and blocks are written in JSON."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from apps.fraud.models import BackTest, BlockedItem, BlockedKind, Dispute, DisputeReason, FlaggedTransaction, FraudRule
from apps.fraud.models.rule import CODE
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


class FactShown(serializers.Serializer[Any]):
    """A fact that a rule may ask for."""

    name = serializers.CharField()
    kind = serializers.CharField(help_text="number, money or truth")
    means = serializers.CharField()


class BackTestShown(serializers.ModelSerializer[BackTest]):
    """What a version would have done: how many are ALLOW, REVIEW and BLOCK by today's rules and with it."""

    today: Any = serializers.DictField(child=serializers.IntegerField())
    would: Any = serializers.DictField(child=serializers.IntegerField())
    warnings: Any = serializers.ListField(child=serializers.CharField())
    samples: Any = serializers.ListField(child=serializers.DictField())

    class Meta:
        model = BackTest
        fields = ["since", "until", "checks", "without_facts", "hits", "today", "would", "samples", "warnings"]


class RuleShown(serializers.ModelSerializer[FraudRule]):
    """One version of a rule."""

    back_test = BackTestShown(allow_null=True)

    class Meta:
        model = FraudRule
        fields = [
            "code",
            "version",
            "expression",
            "weight",
            "is_active",
            "customer_may_answer",
            "sentence_en",
            "sentence_sw",
            "valid_from",
            "asked_by",
            "allowed_by",
            "back_test",
        ]


class TryRule(Strict):
    """A version to try."""

    code = serializers.RegexField(CODE, max_length=30)
    expression = serializers.CharField(max_length=400)
    weight = serializers.DecimalField(max_digits=4, decimal_places=3, min_value=Decimal(0), max_value=Decimal(1))
    is_active = serializers.BooleanField(default=True)


class AskRule(TryRule):
    """A version to ask a second person for; `despite` is the rule's code when its back-test warns."""

    sentence_en = serializers.CharField(max_length=200)
    sentence_sw = serializers.CharField(max_length=200)
    customer_may_answer = serializers.BooleanField(default=False)
    reason = serializers.CharField(max_length=400)
    despite = serializers.CharField(max_length=30, default="", allow_blank=True)


class ReplaceRule(Strict):
    """The whole of the next version of one rule."""

    expression = serializers.CharField(max_length=400)
    weight = serializers.DecimalField(max_digits=4, decimal_places=3, min_value=Decimal(0), max_value=Decimal(1))
    is_active = serializers.BooleanField(default=True)
    sentence_en = serializers.CharField(max_length=200)
    sentence_sw = serializers.CharField(max_length=200)
    customer_may_answer = serializers.BooleanField(default=False)
    reason = serializers.CharField(max_length=400)
    despite = serializers.CharField(max_length=30, default="", allow_blank=True)


class ChangeRule(Strict):
    """What differs in the next version; the rest is taken from the newest."""

    expression = serializers.CharField(max_length=400, required=False)
    weight = serializers.DecimalField(
        max_digits=4, decimal_places=3, min_value=Decimal(0), max_value=Decimal(1), required=False
    )
    is_active = serializers.BooleanField(required=False)
    sentence_en = serializers.CharField(max_length=200, required=False)
    sentence_sw = serializers.CharField(max_length=200, required=False)
    customer_may_answer = serializers.BooleanField(required=False)
    reason = serializers.CharField(max_length=400)
    despite = serializers.CharField(max_length=30, default="", allow_blank=True)


class SwitchOff(Strict):
    """Why a rule is to be switched off."""

    reason = serializers.CharField(max_length=400)


class RuleAskedShown(serializers.Serializer[Any]):
    """The request that a second person decides."""

    approval = serializers.IntegerField()
    status = serializers.CharField()
    warnings: Any = serializers.ListField(child=serializers.CharField())


class DryRun(Strict):
    """A movement that is not made: as if the owner of `account` paid. Nothing is written."""

    account = serializers.CharField(max_length=12)
    amount = MoneyField()
    transaction_type = serializers.CharField(max_length=24, default="P2P_TRANSFER")
    new_recipient = serializers.BooleanField(default=True)
    to_account = serializers.CharField(max_length=12, default="", allow_blank=True)
    device_fingerprint = serializers.RegexField(
        r"^[0-9a-f]{64}$", default="", allow_blank=True, help_text="A print as a check shows it; empty: yours"
    )


class DryRunShown(serializers.Serializer[Any]):
    """What the screen would say now, with the facts it saw."""

    risk_score = serializers.DecimalField(max_digits=4, decimal_places=3)
    is_suspicious = serializers.BooleanField()
    action = serializers.ChoiceField(choices=["ALLOW", "REVIEW", "BLOCK"])
    reasons: Any = serializers.ListField(child=serializers.CharField())
    facts: Any = serializers.DictField()
    anomaly_because: Any = serializers.ListField(child=serializers.CharField())
    device_fingerprint = serializers.CharField()
    model_version = serializers.CharField()


class BlockedShown(serializers.ModelSerializer[BlockedItem]):
    """A device, an address or a payee that is blocked, or was."""

    id = serializers.UUIDField(source="public_id")

    class Meta:
        model = BlockedItem
        fields = ["id", "kind", "value", "why", "until", "blocked_at", "lifted_at", "lifted_because"]


class Block(Strict):
    """What to block, why, and until when (none: until it is lifted)."""

    kind = serializers.ChoiceField(choices=BlockedKind.choices)
    value = serializers.CharField(max_length=80)
    why = serializers.CharField(max_length=300)
    until = serializers.DateTimeField(allow_null=True, default=None)


class Lift(Strict):
    """Why it is lifted."""

    why = serializers.CharField(max_length=300)


class SimChange(Strict):
    """When the SIM of a customer's phone was changed, as we were told."""

    user = serializers.IntegerField(min_value=1, max_value=2**62)
    changed_at = serializers.DateTimeField()


class QuestionShown(serializers.ModelSerializer[FlaggedTransaction]):
    """A held payment of one's own that asks “was this you?”."""

    amount = MoneyField(source="check_made.amount")

    class Meta:
        model = FlaggedTransaction
        fields = ["reference", "amount", "status", "customer_said", "opened_at", "answer_by"]


class Answer(Strict):
    """Yes with the answered challenge that was asked for it, or no."""

    was_me = serializers.BooleanField()
    challenge = serializers.UUIDField(allow_null=True, default=None)
    code = serializers.CharField(max_length=12, allow_blank=True, default="")
    credential = serializers.JSONField(default=None, help_text="What a passkey signed")


class ProofShown(serializers.Serializer[Any]):
    """What to answer."""

    challenge = serializers.UUIDField(source="pk")
    method = serializers.CharField()
    expires_at = serializers.DateTimeField()


class AskProof(Strict):
    """How to prove it: SMS, TOTP or PASSKEY; empty for the usual way."""

    method = serializers.CharField(max_length=8, default="", allow_blank=True)
