"""What Africa's Talking was asked to load onto phones, and what it said about that."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.fields import EncryptedText
from apps.payments.models.payment import Payment


class AirtimeStatus(models.TextChoices):
    """Where an order of airtime stands with its provider."""

    SENDING = "SENDING", _("Being sent")
    SENT = "SENT", _("Taken by the provider")
    DELIVERED = "DELIVERED", _("Loaded")
    FAILED = "FAILED", _("Not loaded")


class AirtimeOrder(models.Model):
    """One payment for airtime at its provider: written before it is sent, sent once.

    `discount_minor` is what the provider takes less than the airtime is worth: the bank's commission.
    """

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="airtime")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text=_("Their Idempotency-Key"))
    status = models.CharField(max_length=9, choices=AirtimeStatus.choices, default=AirtimeStatus.SENDING)
    network = models.CharField(max_length=12)
    request_id = models.CharField(max_length=120, unique=True, null=True, blank=True, help_text=_("Their name for it"))
    discount_minor = models.BigIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True, default="")
    sent_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=AirtimeStatus.values), name="airtime_status_is_known"),
            models.CheckConstraint(condition=Q(discount_minor__gte=0), name="airtime_discount_is_no_charge"),
            models.CheckConstraint(
                condition=Q(status__in=["DELIVERED", "FAILED"], ended_at__isnull=False)
                | Q(status__in=["SENDING", "SENT"], ended_at=None),
                name="airtime_over_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.network} {self.request_id or self.key}"


class AirtimeCallback(models.Model):
    """A status they posted, as it came, kept before it was read. The same words twice are one row."""

    class Outcome(models.TextChoices):
        """What came of it."""

        WAITING = "WAITING", _("About nothing we know yet")
        APPLIED = "APPLIED", _("Applied")
        NOTHING_NEW = "NOTHING_NEW", _("Said before")
        UNREADABLE = "UNREADABLE", _("Not readable")
        DISPUTED = "DISPUTED", _("Says other than we know")

    digest = models.CharField(max_length=64, unique=True, help_text=_("SHA-256 of what came"))
    about = models.ForeignKey(AirtimeOrder, on_delete=models.PROTECT, null=True, related_name="callbacks")
    raw = EncryptedText(row="digest")
    request_id = models.CharField(max_length=120, blank=True, default="")
    received_at = models.DateTimeField()
    outcome = models.CharField(max_length=11, choices=Outcome.choices, blank=True, default="")
    why = models.CharField(max_length=200, blank=True, default="")
    applied_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["received_at"], condition=Q(outcome__in=["", "WAITING"]), name="airtime_to_apply"),
            models.Index(fields=["request_id"], name="airtime_by_request"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.received_at:%Y-%m-%d %H:%M:%S}"
