"""What was seen of a customer at a moment, and the score that was made of it. Both are written once."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.credit_scoring.models.version import ModelVersion
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only
from apps.users.models import User


class FeatureSnapshot(models.Model):
    """The inputs of one score: what the bank measured as of a moment, and what the customer said."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    as_of = models.DateTimeField()
    measured = models.JSONField()
    declared = models.JSONField(default=dict)
    newest_line_id = models.BigIntegerField(default=0, help_text=_("The last statement line that was seen"))

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["user", "-as_of"], name="snapshots_of_a_person")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.user_id} {self.as_of:%Y-%m-%d %H:%M}"


class RiskLevel(models.TextChoices):
    """By the credit score: LOW from 750, HIGH up to 600."""

    LOW = "LOW", _("Low")
    MEDIUM = "MEDIUM", _("Medium")
    HIGH = "HIGH", _("High")


class CreditScoreQuerySet(models.QuerySet["CreditScore"]):
    """Scores by whose they are."""

    def owned_by(self, user: Any) -> "CreditScoreQuerySet":
        """One's own."""
        return self.filter(user_id=user.pk)

    def visible_to(self, user: User) -> "CreditScoreQuerySet":
        """One's own; for staff who work with credit decisions, everyone's."""
        sees_all = user.is_staff and user.has_perm("credit_scoring.approve_loan")
        return self.all() if sees_all or user.has_perm("audit_trail.view_audit") else self.owned_by(user)


class CreditScore(models.Model):
    """How likely a customer is not to repay within a year, on both scales, with the reasons. Written once.

    `model` is null where the five factors alone spoke; `model_version` names whichever spoke. `notes` are codes of what
    a reader must know: MODEL_MISSING, MODEL_CORRUPT, SYNTHETIC_TRAINING, BUREAU_NOT_ASKED, BUREAU_UNREACHABLE,
    BUREAU_NO_FILE, PRICE_CAPPED.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    snapshot = models.OneToOneField(FeatureSnapshot, on_delete=models.PROTECT, related_name="score")
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    model_version = models.CharField(max_length=60)
    probability_of_default = models.DecimalField(max_digits=7, decimal_places=6)
    decision_score = models.PositiveSmallIntegerField(help_text=_("0 to 1000"))
    score = models.PositiveSmallIntegerField(help_text=_("300 to 850"))
    without_age = models.PositiveSmallIntegerField(help_text=_("The decision score had the age not been known"))
    risk_level = models.CharField(max_length=6, choices=RiskLevel.choices)
    max_loan_amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    recommended_interest_rate = models.DecimalField(
        max_digits=6, decimal_places=4, help_text=_("0.1800 is 18 % a year")
    )
    factors = models.JSONField(help_text=_("Code, direction UP or DOWN, decision points; the weightiest first"))
    notes = models.JSONField(default=list)
    is_thin_file = models.BooleanField()
    computed_at = models.DateTimeField()
    valid_until = models.DateTimeField()

    max_loan_amount = MoneyOf("max_loan_amount_minor")

    objects = CreditScoreQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(probability_of_default__gt=0, probability_of_default__lt=1), name="a_pd_is_a_probability"
            ),
            models.CheckConstraint(
                condition=Q(decision_score__lte=1000, score__gte=300, score__lte=850), name="scores_are_on_their_scales"
            ),
            models.CheckConstraint(
                condition=Q(risk_level="LOW", score__gte=750)
                | Q(risk_level="HIGH", score__lte=600)
                | Q(risk_level="MEDIUM", score__gt=600, score__lt=750),
                name="risk_follows_the_score",
            ),
            models.CheckConstraint(
                condition=Q(max_loan_amount_minor__gte=0, recommended_interest_rate__gte=0),
                name="limit_and_rate_are_not_negative",
            ),
            models.CheckConstraint(condition=Q(valid_until__gt=F("computed_at")), name="a_score_holds_for_a_while"),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="scores_of_a_person"),
            models.Index(fields=["model", "computed_at"], name="scores_of_a_model"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.user_id}: {self.score}"
