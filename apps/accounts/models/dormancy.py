"""The register of accounts that sleep: since when, when their holder was told, and what went to the Authority and back.

Sources: Unclaimed Financial Assets Act (No. 40 of 2011, Cap. 494): what a bank holds is presumed abandoned after five
years without an act of its owner, and goes to the Unclaimed Financial Assets Authority, from which the owner may claim
it for ever. Twelve months to sleep and two years to the letter are the bank's own rules.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.account import Account
from apps.kernel.money import MoneyOf


class SleepStatus(models.TextChoices):
    """Where a sleeping account stands."""

    ASLEEP = "ASLEEP", _("Asleep")
    NOTICED = "NOTICED", _("Holder told")
    HANDED_OVER = "HANDED_OVER", _("With the Authority")
    WOKEN = "WOKEN", _("Woken")
    RECLAIMED = "RECLAIMED", _("Claimed back")


OVER = (SleepStatus.WOKEN, SleepStatus.RECLAIMED)


class SleepingAccount(models.Model):
    """One time an account fell asleep. Amounts in minor units of its currency."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="sleeps")
    last_act_on = models.DateField(help_text=_("The holder's own last act"))
    asleep_since = models.DateField()
    status = models.CharField(max_length=11, choices=SleepStatus.choices, default=SleepStatus.ASLEEP)
    noticed_at = models.DateTimeField(null=True)
    amount_minor = models.BigIntegerField(null=True, help_text=_("What went to the Authority"))
    currency = models.CharField(max_length=8)
    transfer_id = models.BigIntegerField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    back_transfer_id = models.BigIntegerField(null=True)
    over_at = models.DateTimeField(null=True)

    amount = MoneyOf("amount_minor")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=~Q(status__in=["WOKEN", "RECLAIMED"]), name="an_account_sleeps_once"
            ),
            models.CheckConstraint(condition=Q(status__in=SleepStatus.values), name="sleep_status_is_known"),
            models.CheckConstraint(
                condition=~Q(status__in=["HANDED_OVER", "RECLAIMED"])
                | Q(amount_minor__gt=0, transfer_id__isnull=False, handed_over_at__isnull=False),
                name="what_was_handed_over_is_in_the_books",
            ),
        ]
        indexes = [models.Index(fields=["status", "last_act_on"], name="sleeping_accounts")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.status} {self.last_act_on}"
