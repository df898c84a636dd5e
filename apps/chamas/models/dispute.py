"""What a member says is wrong with a row of the ledger or with minutes, and what became of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.chamas.models.group import ChamaGroup, Membership
from apps.chamas.models.meeting import Minutes
from apps.chamas.models.money import GroupEntry


class GroupDisputeStatus(models.TextChoices):
    """Where a dispute stands. What is disputed stays as it is: it is put right by another row, or another version."""

    OPEN = "OPEN", _("Disputed")
    UPHELD = "UPHELD", _("Found to be right")
    DISMISSED = "DISMISSED", _("Found to be wrong")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


class GroupDispute(models.Model):
    """A member disputes a row or minutes: everybody sees it there until an officer whom it does not concern has
    answered.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="disputes")
    entry = models.ForeignKey(GroupEntry, on_delete=models.PROTECT, null=True, blank=True, related_name="disputes")
    minutes = models.ForeignKey(Minutes, on_delete=models.PROTECT, null=True, blank=True, related_name="disputes")
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
            models.UniqueConstraint(
                fields=["minutes", "raised_by"], condition=Q(status="OPEN"), name="a_member_disputes_minutes_once"
            ),
            models.CheckConstraint(
                condition=Q(entry__isnull=False, minutes=None) | Q(entry=None, minutes__isnull=False),
                name="a_dispute_is_of_one_thing",
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
        return f"{self.entry_id or self.minutes_id} {self.status}"

    def is_about(self, member: Membership) -> bool:
        """Whether it is this member's own row, or minutes that they wrote."""
        if self.minutes is not None:
            return self.minutes.written_by_id == member.user_id
        return self.entry is not None and self.entry.member_id == member.pk
