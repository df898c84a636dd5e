"""What a member says is wrong with a row of the group's ledger, and what became of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.chamas.models.group import ChamaGroup, Membership
from apps.chamas.models.money import GroupEntry


class GroupDisputeStatus(models.TextChoices):
    """Where a dispute stands. The row stays as it is: what was wrong is put right by another row."""

    OPEN = "OPEN", _("Disputed")
    UPHELD = "UPHELD", _("Found to be right")
    DISMISSED = "DISMISSED", _("Found to be wrong")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


class GroupDispute(models.Model):
    """A member disputes a row: everybody sees it on the row until an officer whom it does not concern has answered."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="disputes")
    entry = models.ForeignKey(GroupEntry, on_delete=models.PROTECT, related_name="disputes")
    raised_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=300)
    status = models.CharField(max_length=9, choices=GroupDisputeStatus.choices, default=GroupDisputeStatus.OPEN)
    raised_at = models.DateTimeField()
    answer = models.CharField(max_length=300, blank=True, default="")
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "raised_by"], condition=Q(status="OPEN"), name="a_member_disputes_a_row_once"
            ),
            models.CheckConstraint(condition=Q(status__in=GroupDisputeStatus.values), name="dispute_of_a_row_is_known"),
            models.CheckConstraint(
                condition=Q(status="OPEN", answered_by=None, answered_at=None)
                | (~Q(status="OPEN") & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="a_dispute_of_a_row_is_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["UPHELD", "DISMISSED"]) | ~Q(answer=""), name="an_answer_says_something"
            ),
        ]
        indexes = [models.Index(fields=["entry"], condition=Q(status="OPEN"), name="open_disputes_of_a_row")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.status}"
