"""Payouts of the bank to many phones by M-Pesa."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.payments.models import BulkPayment, BulkStatus


class MpesaBulkStatus(models.TextChoices):
    """Where it stands, in M-Pesa's own few words."""

    DRAFT = "DRAFT", _("Not approved yet")
    APPROVED = "APPROVED", _("Approved")
    SENDING = "SENDING", _("Being sent")
    DONE = "DONE", _("Sent")
    PARTLY_FAILED = "PARTLY_FAILED", _("Sent in part")
    REJECTED = "REJECTED", _("Not approved")
    CANCELLED = "CANCELLED", _("Cancelled")


_SHOWN = {
    BulkStatus.DRAFT: MpesaBulkStatus.DRAFT,
    BulkStatus.CHECKED: MpesaBulkStatus.DRAFT,
    BulkStatus.RUNNING: MpesaBulkStatus.SENDING,
    BulkStatus.DONE: MpesaBulkStatus.DONE,
    BulkStatus.PARTLY_FAILED: MpesaBulkStatus.PARTLY_FAILED,
    BulkStatus.REJECTED: MpesaBulkStatus.REJECTED,
    BulkStatus.CANCELLED: MpesaBulkStatus.CANCELLED,
}


class MpesaBulks(models.Manager["MpesaBulkPayment"]):
    """Only the bank's own, all of whose rows go by M-Pesa."""

    def get_queryset(self) -> Any:
        """Of all batches."""
        return super().get_queryset().filter(rail="mpesa", business=None, customer=None)


class MpesaBulkPayment(BulkPayment):
    """A batch of the bank's own, every row of which is carried to a phone: the same machinery, seen from here."""

    payouts = MpesaBulks()

    class Meta:
        proxy = True
        default_permissions = ()

    @property
    def stands(self) -> str:
        """Its status in this app's words."""
        if self.status == BulkStatus.WAITING:
            return (MpesaBulkStatus.APPROVED if self.in_review else MpesaBulkStatus.DRAFT).value
        return _SHOWN[BulkStatus(self.status)].value
