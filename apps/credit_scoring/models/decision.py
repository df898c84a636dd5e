"""What a machine decided about credit, with everything it went by, and what people made of it."""

import uuid
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.credit_scoring.models.score import CreditScore
from apps.credit_scoring.states import DecisionStatus
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only


class Outcome(models.TextChoices):
    """Yes, no, or a person decides."""

    APPROVED = "APPROVED", _("Approved")
    REFERRED = "REFERRED", _("A person decides")
    REJECTED = "REJECTED", _("Declined")


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Decisions by whose they are and whether they wait."""

    def owned_by(self, user: Any) -> "DecisionQuerySet":
        """About oneself."""
        return self.filter(user_id=user.pk)

    def awaiting_review(self) -> "DecisionQuerySet":
        """Automatic declines that no person has looked at, the oldest first."""
        return self.filter(status=DecisionStatus.REVIEW_OPEN).order_by("decided_at")


class Decision(models.Model):
    """One decision as it was made: inputs, model, reasons, outcome. All of that is written once.

    `outcome` is the machine's; `final_outcome` is what holds, after a review (an overturned decline is REFERRED) or an
    override by two people. `active_loans` is what the lender said.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    score = models.ForeignKey(CreditScore, on_delete=models.PROTECT, related_name="decisions")
    product = models.CharField(max_length=20)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    active_loans = models.PositiveSmallIntegerField()
    loan_reference = models.CharField(max_length=120, blank=True, default="")
    inputs = models.JSONField()
    model_version = models.CharField(max_length=60)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    reasons = models.JSONField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    status = models.CharField(max_length=11, choices=DecisionStatus.choices)
    final_outcome = models.CharField(max_length=8, choices=Outcome.choices)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    review_note = models.CharField(max_length=300, blank=True, default="")

    amount = MoneyOf("amount_minor")

    objects = DecisionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["loan_reference"], condition=~Q(loan_reference=""), name="a_loan_is_decided_once"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="a_decision_is_about_something"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="decision_outcome_is_known"),
            models.CheckConstraint(condition=Q(final_outcome__in=Outcome.values), name="final_outcome_is_known"),
            models.CheckConstraint(condition=Q(status__in=DecisionStatus.values), name="decision_status_is_known"),
            models.CheckConstraint(
                condition=~Q(outcome="REJECTED") | ~Q(status="MADE"), name="a_decline_is_looked_at_by_a_person"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="APPROVED") | Q(active_loans=0), name="a_machine_approves_one_loan"
            ),
            models.CheckConstraint(condition=~Q(reasons=[]), name="a_decision_has_reasons"),
            models.CheckConstraint(
                condition=Q(status__in=["MADE", "REVIEW_OPEN", "UPHELD"], final_outcome=F("outcome"))
                | Q(status="OVERTURNED", final_outcome="REFERRED")
                | Q(status="OVERRIDDEN"),
                name="what_holds_follows_who_decided",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["MADE", "REVIEW_OPEN"], reviewed_by=None, reviewed_at=None)
                | (
                    ~Q(status__in=["MADE", "REVIEW_OPEN"])
                    & Q(reviewed_by__isnull=False, reviewed_at__isnull=False)
                    & ~Q(review_note="")
                ),
                name="a_review_has_a_person_and_a_note",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("user")), name="nobody_reviews_their_own"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="decisions_of_a_person"),
            models.Index(fields=["decided_at"], condition=Q(status="REVIEW_OPEN"), name="reviews_that_wait"),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="decisions_stay_as_made",
                exclude=["status", "final_outcome", "reviewed_by", "reviewed_at", "review_note"],
            ),
            pgtrigger.Protect(name="decisions_are_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.public_id}: {self.final_outcome}"


class LoanEligibility(models.Model):
    """Whether a customer could borrow by a product, up to how much, and why; an answer that expires. Written once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    score = models.ForeignKey(CreditScore, on_delete=models.PROTECT, null=True, related_name="+")
    product = models.CharField(max_length=20)
    is_eligible = models.BooleanField()
    limit_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    reasons = models.JSONField(default=list)
    loan_reference = models.CharField(max_length=120, blank=True, default="")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    limit = MoneyOf("limit_minor")

    class Meta:
        default_permissions = ()
        verbose_name_plural = "loan eligibilities"
        constraints = [
            models.CheckConstraint(condition=Q(limit_minor__gte=0), name="eligible_for_something_or_nothing"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="eligibility_holds_for_a_while"),
            models.CheckConstraint(
                condition=Q(is_eligible=True) | ~Q(reasons=[]), name="who_is_not_eligible_is_told_why"
            ),
        ]
        indexes = [models.Index(fields=["user", "-id"], name="eligibilities_of_a_person")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.user_id} {self.product}: {self.is_eligible}"
