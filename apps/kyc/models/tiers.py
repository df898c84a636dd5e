"""What each tier may do, from which day."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only


class LimitKind(models.TextChoices):
    """What is limited."""

    SINGLE = "SINGLE", _("One payment")
    DAILY = "DAILY", _("Payments in a day")
    BALANCE = "BALANCE", _("Balance")
    LOAN = "LOAN", _("Loan")


class TierLimit(models.Model):
    """A limit of a tier from a day on; the newest day that has come is in force. No amount means no limit."""

    tier = models.CharField(max_length=6, choices=[(f"TIER_{n}", _("Tier %s") % n) for n in (1, 2, 3)])
    kind = models.CharField(max_length=7, choices=LimitKind.choices)
    currency = models.CharField(max_length=8, default="KES")
    amount_minor = models.BigIntegerField(null=True, blank=True)
    valid_from = models.DateField()
    source = models.CharField(max_length=200, help_text=_("Where the figure comes from"))

    amount = MoneyOf("amount_minor")

    class Meta:
        permissions = [
            ("manage_limits", "Can change the limits of tiers"),
            ("approve_kyc", "Can decide on customers' papers and tiers"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tier", "kind", "currency", "valid_from"], name="one_limit_a_day"),
            models.CheckConstraint(condition=Q(amount_minor=None) | Q(amount_minor__gt=0), name="a_limit_is_positive"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.tier} {self.kind} {self.valid_from}"
