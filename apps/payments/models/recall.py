"""Asking another bank to send back what it was paid."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.payments.models.interbank import BankOrder


class RecallReason(models.TextChoices):
    """Why it should come back (ISO 20022, ExternalCancellationReason1Code)."""

    CUSTOMER = "CUST", _("The payer asks for it")
    TWICE = "DUPL", _("Paid twice")
    FRAUD = "FRAD", _("Fraud")
    WRONG_ACCOUNT = "AC03", _("Wrong account")
    WRONG_AMOUNT = "AM09", _("Wrong amount")
    TECHNICAL = "TECH", _("A fault of ours")


class RecallStatus(models.TextChoices):
    """Where a recall stands."""

    ASKED = "ASKED", _("To be sent")
    SENT = "SENT", _("With the other bank")
    ACCEPTED = "ACCEPTED", _("They send it back")
    REFUSED = "REFUSED", _("They do not send it back")


class PaymentRecall(models.Model):
    """One request to another bank. The money comes as a return of its own, and is booked when it does."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text=_("The case, to them"))
    order = models.ForeignKey(BankOrder, on_delete=models.PROTECT, related_name="recalls")
    status = models.CharField(max_length=8, choices=RecallStatus.choices, default=RecallStatus.ASKED)
    reason = models.CharField(max_length=4, choices=RecallReason.choices)
    words = models.CharField(max_length=100, blank=True, default="", help_text=_("What the other bank is told"))
    answer = models.CharField(max_length=35, blank=True, default="", help_text=_("Their reason code"))
    answer_words = models.CharField(max_length=140, blank=True, default="")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    allowed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=~Q(status="REFUSED"), name="a_payment_is_recalled_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(status="ASKED", sent_at=None, answered_at=None)
                | Q(status="SENT", sent_at__isnull=False, answered_at=None)
                | Q(status__in=["ACCEPTED", "REFUSED"], sent_at__isnull=False, answered_at__isnull=False),
                name="a_recall_says_how_far_it_is",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.status}"

    @property
    def case(self) -> str:
        """Its identification on the wire: at most 35 signs."""
        return f"KB-{self.public_id.hex}"
