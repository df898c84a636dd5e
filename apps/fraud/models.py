"""What was screened, how it was judged, what waits for a person, and what customers dispute."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Transaction
from apps.fraud import rules
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only
from apps.notifications.models import SecureThread


class Action(models.TextChoices):
    """What the screen says."""

    ALLOW = "ALLOW", _("Goes on")
    REVIEW = "REVIEW", _("Held for a look")
    BLOCK = "BLOCK", _("Stopped")


class FraudRule(models.Model):
    """The figures of one rule from a version on; the highest active version counts."""

    code = models.CharField(max_length=20, choices=[(code, code) for code in rules.CODES])
    version = models.PositiveIntegerField(default=1)
    threshold = models.DecimalField(max_digits=20, decimal_places=2, help_text=_("Amounts in cents, counts, or times"))
    weight = models.DecimalField(max_digits=4, decimal_places=3)
    is_active = models.BooleanField(default=True)

    class Meta:
        permissions = [
            ("review_fraud", "Can decide on held payments"),
            ("manage_rules", "Can change the rules of the screen"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="one_rule_a_version"),
            models.CheckConstraint(condition=Q(weight__gte=0, weight__lte=1), name="a_weight_is_a_share"),
            models.CheckConstraint(condition=Q(code__in=rules.CODES), name="fraud_rule_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class FraudCheck(models.Model):
    """One screening, as it was. `amount_minor` in minor units of `currency`."""

    reference = models.CharField(max_length=120, help_text=_("What was screened"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    transaction_type = models.CharField(max_length=24)
    ip_address = models.GenericIPAddressField(null=True)
    new_recipient = models.BooleanField()
    unusual_amount = models.BooleanField()
    time_since_last_seconds = models.IntegerField(null=True)
    risk_score = models.DecimalField(max_digits=4, decimal_places=3)
    action = models.CharField(max_length=6, choices=Action.choices)
    reasons = models.JSONField(default=list)
    model_version = models.CharField(max_length=20)
    rule_versions = models.JSONField(default=dict, help_text=_("The version of each rule that was asked"))
    checked_at = models.DateTimeField()

    amount = MoneyOf("amount_minor")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(risk_score__gte=0, risk_score__lte=1), name="risk_is_between_0_and_1"),
            models.CheckConstraint(condition=Q(action__in=Action.values), name="fraud_action_is_known"),
        ]
        indexes = [
            models.Index(fields=["reference"], name="checks_of_a_movement"),
            models.Index(fields=["user", "-id"], name="checks_of_a_person"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.reference}: {self.action}"

    @property
    def is_suspicious(self) -> bool:
        """Held or stopped."""
        return self.action != Action.ALLOW


class FlaggedTransaction(models.Model):
    """A movement that waits for a person, and what they decided."""

    class Status(models.TextChoices):
        """Where it stands."""

        OPEN = "OPEN", _("To be looked at")
        CLEARED = "CLEARED", _("Cleared")
        CONFIRMED = "CONFIRMED", _("Fraud")

    check_made = models.OneToOneField(FraudCheck, on_delete=models.PROTECT, related_name="flag")
    reference = models.CharField(max_length=120, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.OPEN)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True, default="")
    opened_at = models.DateTimeField()
    answer_by = models.DateTimeField(help_text=_("When the customer was promised an answer"))
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="OPEN", reviewed_by=None, reviewed_at=None)
                | (~Q(status="OPEN") & Q(reviewed_by__isnull=False, reviewed_at__isnull=False) & ~Q(note="")),
                name="a_decision_has_a_person_and_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["status", "answer_by"], name="flags_by_age")]

    def __str__(self) -> str:
        return f"{self.reference}: {self.status}"


class DisputeReason(models.TextChoices):
    """What the customer says is wrong."""

    NOT_MINE = "NOT_MINE", _("I did not make this payment")
    WRONG_PERSON = "WRONG_PERSON", _("It went to the wrong person")
    WRONG_AMOUNT = "WRONG_AMOUNT", _("The amount is wrong")
    TWICE = "TWICE", _("I was charged twice")
    NOT_RECEIVED = "NOT_RECEIVED", _("They say it did not arrive, or I did not get what I paid for")
    OTHER = "OTHER", _("Something else")


class DisputeStatus(models.TextChoices):
    """Where a dispute stands."""

    OPEN = "OPEN", _("Waiting for us")
    INVESTIGATING = "INVESTIGATING", _("We are looking into it")
    UPHELD = "UPHELD", _("You were right")
    DECLINED = "DECLINED", _("Not upheld")
    WITHDRAWN = "WITHDRAWN", _("Taken back")


class DisputeQuerySet(models.QuerySet["Dispute"]):
    """Disputes by whose they are and whether they wait."""

    def owned_by(self, user: Any) -> "DisputeQuerySet":
        """Of one's own lines."""
        return self.filter(owner_id=user.pk)

    def live(self) -> "DisputeQuerySet":
        """Not decided yet."""
        return self.filter(status__in=[DisputeStatus.OPEN, DisputeStatus.INVESTIGATING])


class Dispute(models.Model):
    """A line of a statement that its owner says is wrong. What is said about it is a conversation in the inbox."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    line = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="disputes")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    thread = models.OneToOneField(SecureThread, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12, choices=DisputeReason.choices)
    status = models.CharField(max_length=13, choices=DisputeStatus.choices, default=DisputeStatus.OPEN)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answer = models.CharField(max_length=500, blank=True, default="")
    opened_at = models.DateTimeField()
    answer_by = models.DateTimeField(help_text=_("When the customer was promised an answer"))
    resolved_at = models.DateTimeField(null=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line"], condition=Q(status__in=["OPEN", "INVESTIGATING"]), name="a_line_is_disputed_once"
            ),
            models.CheckConstraint(condition=Q(reason__in=DisputeReason.values), name="dispute_reason_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=["OPEN", "INVESTIGATING"], resolved_at=None, resolved_by=None)
                | Q(status="WITHDRAWN", resolved_at__isnull=False, resolved_by=None)
                | (
                    Q(status__in=["UPHELD", "DECLINED"], resolved_at__isnull=False, resolved_by__isnull=False)
                    & ~Q(answer="")
                ),
                name="a_resolved_dispute_has_an_answer",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="disputes_of_a_person"),
            models.Index(
                fields=["answer_by"], condition=Q(status__in=["OPEN", "INVESTIGATING"]), name="disputes_that_wait"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.public_id}"
