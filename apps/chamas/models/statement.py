"""What was said of balances: statements, with a seal to check them by, and members' word that theirs is right."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.chamas.models.group import ChamaGroup, Membership
from apps.chamas.models.money import GroupEntry
from apps.kernel.triggers import append_only


class GroupStatement(models.Model):
    """A statement of a group, or of one member, as a file. It says all rows up to `upto_id` that were booked by its
    last day; rows are never changed, so it can be made again at any time and must have the same seal.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="statements")
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+")
    from_date = models.DateField()
    to_date = models.DateField()
    lines = models.IntegerField()
    upto_id = models.BigIntegerField(help_text=_("The newest row of the group when it was made"))
    seal = models.CharField(max_length=64, help_text=_("SHA-256 of what it says of money"))
    made_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [
            models.CheckConstraint(condition=Q(from_date__lte=F("to_date")), name="a_group_statement_goes_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.from_date} – {self.to_date}"


class BalanceConfirmation(models.Model):
    """A member has said that what stands as theirs is right, up to a row of the ledger; never changed."""

    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="confirmations", db_index=False)
    entry = models.ForeignKey(GroupEntry, on_delete=models.PROTECT, related_name="+", help_text=_("Their newest row"))
    amounts = models.JSONField(help_text=_("By fund, in minor units, as they saw them"))
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(fields=["member", "entry"], name="a_member_confirms_a_balance_once"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.entry_id}"
