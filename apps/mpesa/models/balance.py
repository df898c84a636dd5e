"""What M-Pesa says our own accounts there hold, each time we ask."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import Money


class BalanceQuestion(models.Model):
    """One question for the balances of our shortcode, and how it was answered."""

    class Status(models.TextChoices):
        """Where it stands."""

        ASKED = "ASKED", _("Asked")
        ANSWERED = "ANSWERED", _("Answered")
        REFUSED = "REFUSED", _("Not answered")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    shortcode = models.CharField(max_length=10)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ASKED)
    conversation_id = models.CharField(max_length=64, blank=True, default="")
    error = models.CharField(max_length=200, blank=True, default="")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ours_minor = models.BigIntegerField(help_text=_("What our books held with M-Pesa when it was asked"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="ASKED", answered_at=None)
                | Q(status__in=["ANSWERED", "REFUSED"], answered_at__isnull=False),
                name="an_answer_has_its_time",
            ),
            models.UniqueConstraint(fields=["shortcode"], condition=Q(status="ASKED"), name="one_question_at_a_time"),
        ]
        indexes = [models.Index(fields=["-asked_at"], name="balances_newest_first")]

    def __str__(self) -> str:
        return f"{self.shortcode} {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def ours(self) -> Money:
        """Our books' figure."""
        return Money(self.ours_minor, "KES")

    @property
    def theirs(self) -> Money | None:
        """All accounts there together; None while they have not answered."""
        rows = list(self.accounts.all())
        return Money(sum(row.current_minor for row in rows), "KES") if rows else None


class MpesaBalance(models.Model):
    """One of our accounts at M-Pesa as it told it, in minor units of `currency`; the one for charges is below zero."""

    question = models.ForeignKey(BalanceQuestion, on_delete=models.CASCADE, related_name="accounts", db_index=False)
    name = models.CharField(max_length=60)
    currency = models.CharField(max_length=8)
    current_minor = models.BigIntegerField()
    available_minor = models.BigIntegerField()
    reserved_minor = models.BigIntegerField(default=0)
    uncleared_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "name"], name="each_mpesa_account_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.current}"

    @property
    def current(self) -> Money:
        """What it holds."""
        return Money(self.current_minor, self.currency)

    @property
    def available(self) -> Money:
        """What may be spent."""
        return Money(self.available_minor, self.currency)
