"""What was screened, how it was judged, and what waits for a person."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.fraud import rules
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only


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
