"""How scores, decisions and what is watched are written in JSON."""

from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from rest_framework import serializers

from apps.credit_scoring import wording
from apps.credit_scoring.models import (
    CreditScore,
    Decision,
    DefaultPrediction,
    DriftReading,
    EarlyWarning,
    LoanEligibility,
    ModelVersion,
    Outcome,
    PaymentHistoryAnalysis,
)
from apps.credit_scoring.rules.features import ScoreInputs
from apps.credit_scoring.states import ModelStatus
from apps.kernel.serializers import MoneyField
from apps.users.api.serializers import Strict

EMPLOYMENT = ["EMPLOYED", "SELF_EMPLOYED", "UNEMPLOYED", "STUDENT", "RETIRED"]
MANY = 10_000
_UNSEEN = "Kept for the record; the bank counts what it has seen itself."


def _language() -> str:
    return get_language() or "en"


class CreditScoreInput(Strict):
    """What a customer tells of themself; all of it may be left out. What the bank can see it does not ask for."""

    user = serializers.IntegerField(
        min_value=1, max_value=2**62, required=False, help_text="Staff: whom to score; oneself when left out"
    )
    age = serializers.IntegerField(min_value=18, max_value=120, required=False)
    employment_status = serializers.ChoiceField(choices=EMPLOYMENT, required=False)
    monthly_income = MoneyField(required=False)
    account_age_months = serializers.IntegerField(min_value=0, max_value=1200, required=False, help_text=_UNSEEN)
    average_balance = MoneyField(required=False, help_text=_UNSEEN)
    minimum_balance_last_6m = MoneyField(required=False, help_text=_UNSEEN)
    transaction_count_30d = serializers.IntegerField(min_value=0, max_value=MANY, required=False, help_text=_UNSEEN)
    income_transactions_30d = serializers.IntegerField(min_value=0, max_value=MANY, required=False, help_text=_UNSEEN)
    expense_transactions_30d = serializers.IntegerField(min_value=0, max_value=MANY, required=False, help_text=_UNSEEN)
    existing_loans = serializers.IntegerField(min_value=0, max_value=MANY, required=False, help_text=_UNSEEN)
    loan_repayment_rate = serializers.DecimalField(
        max_digits=5, decimal_places=4, min_value=0, max_value=1, required=False, help_text=_UNSEEN
    )
    missed_payments = serializers.IntegerField(min_value=0, max_value=MANY, required=False, help_text=_UNSEEN)
    credit_bureau_score = serializers.IntegerField(
        min_value=300, max_value=850, required=False, help_text="Counts when staff bring it; else ask the bureau"
    )
    ask_bureau = serializers.BooleanField(
        required=False, help_text="True: the customer agrees that the credit bureau is asked"
    )
    fresh = serializers.BooleanField(required=False, help_text="True: another score, though one is younger than a day")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """An income is in the home currency and not below nothing."""
        income = attrs.get("monthly_income")
        if income is not None and income.minor < 0:
            raise serializers.ValidationError({"monthly_income": ["An income is not below nothing."]})
        if income is not None and income.currency != settings.HOME_CURRENCY:
            words = f"Tell the income in {settings.HOME_CURRENCY}."
            raise serializers.ValidationError({"monthly_income": [words]})
        return attrs


def inputs_of(asked: dict[str, Any]) -> ScoreInputs | None:
    """What was told, as the operation takes it; None when nothing was."""
    used = {"user", "ask_bureau", "fresh", "age", "employment_status", "monthly_income", "credit_bureau_score"}
    told = {name: str(value) for name, value in asked.items() if name not in used}
    income = asked.get("monthly_income")
    inputs = ScoreInputs(
        age=asked.get("age"),
        employment_status=asked.get("employment_status", ""),
        monthly_income_minor=income.minor if income is not None else None,
        credit_bureau_score=asked.get("credit_bureau_score"),
        told=told or None,
    )
    return inputs if inputs.payload() else None


class CreditFactorShown(serializers.Serializer[Any]):
    """One factor: what it is worth in decision points, and in words."""

    code = serializers.CharField()
    direction = serializers.ChoiceField(choices=["UP", "DOWN"])
    points = serializers.IntegerField()
    sentence = serializers.SerializerMethodField()

    def get_sentence(self, row: dict[str, Any]) -> str:
        """In the reader's language; empty where there is nothing to say."""
        return " ".join(wording.explain([row], _language()))


class NoteShown(serializers.Serializer[Any]):
    """What a reader of the score must know."""

    code = serializers.CharField()
    sentence = serializers.CharField()


class ScoreShown(serializers.ModelSerializer[CreditScore]):
    """A credit score: the probability of default first, both scales, limit, rate, and why."""

    user = serializers.IntegerField(source="user_id")
    max_loan_amount = MoneyField()
    factors: Any = CreditFactorShown(many=True)
    notes = serializers.SerializerMethodField()

    class Meta:
        model = CreditScore
        fields = [
            "id",
            "user",
            "probability_of_default",
            "score",
            "decision_score",
            "risk_level",
            "max_loan_amount",
            "recommended_interest_rate",
            "factors",
            "notes",
            "model_version",
            "is_thin_file",
            "computed_at",
            "valid_until",
        ]

    def get_notes(self, row: CreditScore) -> list[dict[str, str]]:
        """Codes with their sentences."""
        return [{"code": code, "sentence": " ".join(wording.explain_notes([code], _language()))} for code in row.notes]


class ReasonsShown(serializers.Serializer[Any]):
    """Reasons as codes and in words."""

    reasons: Any = serializers.ListField(child=serializers.CharField())
    sentences = serializers.SerializerMethodField()

    def get_sentences(self, row: Any) -> list[str]:
        """In the reader's language, each once."""
        return wording.explain_reasons(row.reasons, _language())


class EligibilityShown(serializers.ModelSerializer[LoanEligibility], ReasonsShown):
    """Whether and up to how much one could borrow; not a promise."""

    user = serializers.IntegerField(source="user_id")
    limit = MoneyField()

    class Meta:
        model = LoanEligibility
        fields = [
            "id",
            "user",
            "product",
            "is_eligible",
            "limit",
            "reasons",
            "sentences",
            "loan_reference",
            "created_at",
            "expires_at",
        ]


class AskEligibility(Strict):
    """For which product; an amount when one is in mind."""

    user = serializers.IntegerField(min_value=1, max_value=2**62, required=False, help_text="Staff: for whom")
    product = serializers.RegexField(r"^[A-Z][A-Z0-9_]{1,19}$", help_text="A loan product's code")
    amount = MoneyField(positive=True, required=False)


class HistoryShown(serializers.ModelSerializer[PaymentHistoryAnalysis]):
    """Instalments that had fallen due: in time, late, unpaid."""

    user = serializers.IntegerField(source="user_id")

    class Meta:
        model = PaymentHistoryAnalysis
        fields = [
            "id",
            "user",
            "on_time",
            "late",
            "missed",
            "repayment_rate",
            "average_days_late",
            "worst_days_late",
            "analysed_at",
        ]


class PredictionShown(serializers.ModelSerializer[DefaultPrediction]):
    """The chance that a running loan fails."""

    user = serializers.IntegerField(source="user_id")
    drivers: Any = serializers.ListField(child=serializers.DictField())

    class Meta:
        model = DefaultPrediction
        fields = [
            "id",
            "user",
            "loan_reference",
            "horizon_days",
            "probability",
            "band",
            "drivers",
            "model_version",
            "predicted_at",
        ]


class WarningShown(serializers.ModelSerializer[EarlyWarning]):
    """Something noticed about a running loan."""

    user = serializers.IntegerField(source="user_id")
    facts: Any = serializers.DictField()

    class Meta:
        model = EarlyWarning
        fields = ["id", "user", "loan_reference", "signal", "severity", "facts", "status", "raised_at", "closed_at"]


class DecisionShown(serializers.ModelSerializer[Decision], ReasonsShown):
    """A decision in a list."""

    id = serializers.UUIDField(source="public_id")
    user = serializers.IntegerField(source="user_id")
    score = serializers.IntegerField(source="score_id")
    amount = MoneyField()

    class Meta:
        model = Decision
        fields = [
            "id",
            "user",
            "score",
            "product",
            "amount",
            "active_loans",
            "loan_reference",
            "outcome",
            "final_outcome",
            "status",
            "reasons",
            "sentences",
            "model_version",
            "decided_at",
            "reviewed_at",
            "review_note",
        ]


class DecisionWhole(DecisionShown):
    """One decision with everything it went by."""

    inputs: Any = serializers.DictField()

    class Meta(DecisionShown.Meta):
        fields = [*DecisionShown.Meta.fields, "inputs"]


class ReviewDecision(Strict):
    """Whether the decline stands, and why."""

    uphold = serializers.BooleanField()
    note = serializers.CharField(max_length=300)


class OverrideDecision(Strict):
    """What it shall be instead, and why."""

    outcome = serializers.ChoiceField(choices=[Outcome.APPROVED, Outcome.REJECTED])
    reason = serializers.CharField(max_length=300)


class CreditModelShown(serializers.ModelSerializer[ModelVersion]):
    """A model, its figures and its card."""

    metrics: Any = serializers.DictField()
    card: Any = serializers.DictField()

    class Meta:
        model = ModelVersion
        fields = [
            "id",
            "name",
            "kind",
            "status",
            "artefact_hash",
            "trained_on",
            "is_synthetic",
            "metrics",
            "card",
            "trained_at",
            "in_use_from",
        ]


class ReadingShown(serializers.ModelSerializer[DriftReading]):
    """One weekly look at a model."""

    model = serializers.CharField(source="model.name")
    by_characteristic: Any = serializers.DictField(child=serializers.FloatField())
    bands: Any = serializers.ListField(child=serializers.DictField())
    calibration: Any = serializers.ListField(child=serializers.DictField())
    agreement: Any = serializers.DictField()

    class Meta:
        model = DriftReading
        fields = [
            "model",
            "read_on",
            "scores",
            "psi",
            "is_alarm",
            "by_characteristic",
            "bands",
            "calibration",
            "mean_pd",
            "agreement",
        ]


class DriftShown(serializers.Serializer[Any]):
    """The models in use and the last half year of readings, the newest first."""

    champion = CreditModelShown(allow_null=True)
    challenger = CreditModelShown(allow_null=True)
    alarm_above = serializers.DecimalField(max_digits=3, decimal_places=2)
    readings = ReadingShown(many=True)


class Promote(Strict):
    """To which use, and why."""

    to = serializers.ChoiceField(choices=[ModelStatus.CHAMPION, ModelStatus.CHALLENGER])
    reason = serializers.CharField(max_length=300)
