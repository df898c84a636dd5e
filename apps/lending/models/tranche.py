"""A loan that is paid out in parts: how much, when or for what, and which parts went out."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import MoneyOf
from apps.lending.models.loan import Loan


class TrancheStatus(models.TextChoices):
    """Where a part stands."""

    PLANNED = "PLANNED", _("To come")
    PAID = "PAID", _("Paid out")
    LAPSED = "LAPSED", _("Not asked for in time")
    CANCELLED = "CANCELLED", _("No longer wanted")


class TrancheQuerySet(models.QuerySet["Tranche"]):
    """Parts by where they stand."""

    def planned(self) -> "TrancheQuerySet":
        """Still to be paid out, the first one first."""
        return self.filter(status=TrancheStatus.PLANNED).order_by("loan_id", "number")


class Tranche(models.Model):
    """One part of a loan (minor units): planned for a day, for a milestone, or both, and paid out once."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="tranches", db_index=False)
    number = models.PositiveSmallIntegerField()
    currency = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    planned_on = models.DateField()
    milestone = models.CharField(max_length=120, blank=True, default="", help_text=_("What must be there first"))
    status = models.CharField(max_length=9, choices=TrancheStatus.choices, default=TrancheStatus.PLANNED)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    paid_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    paid_at = models.DateTimeField(null=True)
    transfer_id = models.BigIntegerField(null=True, unique=True)
    over_at = models.DateTimeField(null=True, help_text=_("Lapsed or cancelled"))

    amount = MoneyOf("amount_minor")

    objects = TrancheQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan", "number"], name="a_part_of_a_loan_stands_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0, number__gte=1), name="a_part_lends_something"),
            models.CheckConstraint(
                condition=Q(status="PAID", paid_at__isnull=False, paid_by__isnull=False, transfer_id__isnull=False)
                | (~Q(status="PAID") & Q(paid_at=None, transfer_id=None)),
                name="a_part_paid_out_is_booked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id}: {self.number}"
