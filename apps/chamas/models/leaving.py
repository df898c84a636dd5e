"""What is written down when money goes out for a reason: notices, welfare claims, dividends and share-outs."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.chamas.models.group import ChamaGroup, Membership
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only


class LeaveNotice(models.Model):
    """A member said that they will leave; the group settles with them after the days of notice."""

    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="notices")
    given_at = models.DateTimeField()
    leaves_from = models.DateField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(withdrawn_at=None),
                name="a_member_gives_notice_once",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(settled_at=None), name="a_notice_is_kept_or_withdrawn"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.leaves_from}"


class WelfareClaim(models.Model):
    """Welfare paid for something that happened to a member; once for one event."""

    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="welfare_claims")
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="welfare_claims", db_index=False)
    what = models.CharField(max_length=60)
    happened_on = models.DateField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    transfer_id = models.BigIntegerField()
    at = models.DateTimeField()

    amount = MoneyOf("amount_minor")

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(fields=["member", "what", "happened_on"], name="welfare_is_paid_once_for_an_event"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="a_welfare_claim_pays_something"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.what}"


class SharingKind(models.TextChoices):
    """Why money was shared among all."""

    DIVIDEND = "DIVIDEND", _("Dividend")
    SHARE_OUT = "SHARE_OUT", _("Share-out")


class Sharing(models.Model):
    """A dividend or a share-out, by what was held from `first_on` to `last_on` (minor units)."""

    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="sharings", db_index=False)
    kind = models.CharField(max_length=9, choices=SharingKind.choices)
    by = models.CharField(max_length=13, help_text=_("What it was shared by"))
    first_on = models.DateField()
    last_on = models.DateField()
    total_minor = models.BigIntegerField()
    profit_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=8)
    transfer_id = models.BigIntegerField()
    at = models.DateTimeField()

    total = MoneyOf("total_minor")

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(fields=["group", "kind", "last_on"], name="a_period_is_shared_once"),
            models.CheckConstraint(condition=Q(kind__in=SharingKind.values), name="kind_of_sharing_is_known"),
            models.CheckConstraint(condition=Q(first_on__lte=F("last_on")), name="a_sharing_looks_back"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.kind} {self.last_on}"
