"""What was screened, how it was judged, and what waits for a person."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only


class Action(models.TextChoices):
    """What the screen says."""

    ALLOW = "ALLOW", _("Goes on")
    REVIEW = "REVIEW", _("Held for a look")
    BLOCK = "BLOCK", _("Stopped")


class FraudCheck(models.Model):
    """One screening, as it was. `amount_minor` in minor units of `currency`."""

    reference = models.CharField(max_length=120, help_text=_("What was screened"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
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
    facts = models.JSONField(default=dict, help_text=_("What was known; rules are tried on it before they hold"))
    device_print = models.CharField(
        max_length=64, blank=True, default="", db_default="", help_text=_("Which device asked, hashed")
    )
    anomaly_because = models.JSONField(
        db_default=[], default=list, help_text=_("What made it odd to the model, the most telling first")
    )
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
            BrinIndex(fields=["checked_at"], name="checks_by_time"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.reference}: {self.action}"

    @property
    def is_suspicious(self) -> bool:
        """Held or stopped."""
        return self.action != Action.ALLOW


class Said(models.TextChoices):
    """What the customer answered when asked whether it was them."""

    NOTHING = "", _("No answer yet")
    YES = "YES", _("It was me")
    NO = "NO", _("It was not me")


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
    payee = models.CharField(max_length=80, blank=True, default="", help_text=_("Who would be paid"))
    asks_customer = models.BooleanField(default=False, help_text=_("The customer may say whether it was them"))
    customer_said = models.CharField(max_length=3, blank=True, default="", choices=Said.choices)
    escalated_at = models.DateTimeField(null=True, help_text=_("When it was told that the promise is nearly over"))
    opened_at = models.DateTimeField()
    answer_by = models.DateTimeField(help_text=_("When the customer was promised an answer"))
    reviewed_at = models.DateTimeField(null=True)
    payee_judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+",
        help_text=_("Staff who said, after a customer's no, that the payee took part in fraud"),
    )  # fmt: skip
    payee_judged_at = models.DateTimeField(null=True)
    payee_is_fraud = models.BooleanField(null=True, help_text=_("What they found of the payee"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="OPEN", reviewed_by=None, reviewed_at=None)
                | (~Q(status="OPEN") & Q(reviewed_by__isnull=False, reviewed_at__isnull=False) & ~Q(note="")),
                name="a_decision_has_a_person_and_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(payee_judged_by=None, payee_judged_at=None, payee_is_fraud=None)
                | Q(
                    customer_said="NO",
                    payee_judged_by__isnull=False,
                    payee_judged_at__isnull=False,
                    payee_is_fraud__isnull=False,
                ),
                name="a_payee_is_judged_after_a_no",
            ),
            models.CheckConstraint(condition=Q(customer_said__in=Said.values), name="what_was_said_is_known"),
            models.CheckConstraint(
                condition=Q(customer_said="") | (Q(asks_customer=True) & ~Q(status="OPEN")),
                name="an_answer_was_asked_for_and_decides",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "answer_by"], name="flags_by_age"),
            models.Index(
                fields=["payee", "reviewed_at"],
                condition=Q(status="CONFIRMED") & ~Q(payee=""),
                name="frauds_of_a_payee",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.status}"
