"""Fines: what for, how much, and whether the member asks the group to look at it again."""

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.chamas.models.group import ChamaGroup, Membership
from apps.kernel.money import MoneyOf


class FineWhy(models.TextChoices):
    """By which rule."""

    LATE = "LATE", _("Paid late")
    ABSENT = "ABSENT", _("Not at the meeting")
    NAMED = "NAMED", _("A rule of the group")


class FineStatus(models.TextChoices):
    """Where a fine stands; one that was appealed is not due until the group has decided."""

    OPEN = "OPEN", _("To be paid")
    APPEALED = "APPEALED", _("The group decides")
    PAID = "PAID", _("Paid")
    WAIVED = "WAIVED", _("Waived")


class Fine(models.Model):
    """One fine for one cause: `cause` names it, `cycle/12` or `meeting/7`, so that nothing is fined twice."""

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="fines", db_index=False)
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="fines", db_index=False)
    why = models.CharField(max_length=6, choices=FineWhy.choices)
    name = models.CharField(max_length=60, blank=True, default="", help_text=_("The group's own word for it"))
    cause = models.CharField(max_length=80)
    amount_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=8)
    status = models.CharField(max_length=8, choices=FineStatus.choices, default=FineStatus.OPEN)
    given_at = models.DateTimeField()
    due_on = models.DateField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    appeal = models.CharField(max_length=280, blank=True, default="")
    appealed_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    over_at = models.DateTimeField(null=True, blank=True, help_text=_("Paid in full, or waived"))

    amount = MoneyOf("amount_minor")

    class Meta:
        verbose_name = _("fine")
        verbose_name_plural = _("fines")
        constraints = [
            models.UniqueConstraint(fields=["member", "why", "cause"], name="nobody_is_fined_twice_for_one_cause"),
            models.CheckConstraint(condition=Q(why__in=FineWhy.values), name="rule_of_a_fine_is_known"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, paid_minor__gte=0, paid_minor__lte=F("amount_minor")),
                name="no_more_of_a_fine_is_paid_than_it_is",
            ),
            models.CheckConstraint(
                condition=Q(status="PAID", paid_minor=F("amount_minor"), over_at__isnull=False)
                | Q(status="WAIVED", paid_minor__lt=F("amount_minor"), over_at__isnull=False)
                | Q(status="OPEN", paid_minor__lt=F("amount_minor"), over_at=None)
                | Q(status="APPEALED", over_at=None, appealed_at__isnull=False, decided_at=None),
                name="a_fine_is_over_when_paid_or_waived",
            ),
        ]
        indexes = [
            models.Index(fields=["member"], condition=Q(status="OPEN"), name="open_fines_of_a_member"),
            models.Index(fields=["group", "-id"], name="fines_of_a_group"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.why} {self.cause}"

    @property
    def open_minor(self) -> int:
        """What is to be paid now: nothing while the group decides on an appeal."""
        return self.amount_minor - self.paid_minor if self.status == FineStatus.OPEN else 0
