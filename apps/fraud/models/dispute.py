"""What customers say is wrong, and what became of it."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Transaction
from apps.notifications.models import SecureThread
from apps.users.models import BusinessProfile


class DisputeReason(models.TextChoices):
    """What the customer says is wrong."""

    NOT_MINE = "NOT_MINE", _("I did not make this payment")
    WRONG_PERSON = "WRONG_PERSON", _("It went to the wrong person")
    WRONG_AMOUNT = "WRONG_AMOUNT", _("The amount is wrong")
    TWICE = "TWICE", _("I was charged twice")
    NOT_RECEIVED = "NOT_RECEIVED", _("They say it did not arrive, or I did not get what I paid for")
    NOT_EXPECTED = "NOT_EXPECTED", _("I do not know what this money is for")
    OTHER = "OTHER", _("Something else")

    @classmethod
    def of(cls, line: Transaction) -> list["DisputeReason"]:
        """Those that make sense of a line: of money that came in, or of money that went out."""
        came_in = [cls.NOT_EXPECTED, cls.WRONG_AMOUNT, cls.OTHER]
        return came_in if line.amount_minor > 0 else [one for one in cls if one is not cls.NOT_EXPECTED]


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
        """Of one's own lines, and of those of the businesses one signs for."""
        mine = BusinessProfile.objects.signed_by(user).values("party")
        return self.filter(Q(owner_id=user.pk) | Q(owner__in=mine))

    def live(self) -> "DisputeQuerySet":
        """Not decided yet."""
        return self.filter(status__in=[DisputeStatus.OPEN, DisputeStatus.INVESTIGATING])


class Dispute(models.Model):
    """A line of a statement that its owner says is wrong. What is said about it is a conversation in the inbox."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    line = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="disputes")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text=_("Who told us, where the owner did not: one who signs for the business, or staff on the phone"),
    )
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
