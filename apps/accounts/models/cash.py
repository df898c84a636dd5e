"""Cash over the counter: tills, and what went through them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.account import Account
from apps.kernel.money import MoneyOf
from apps.users.models import Branch


class Till(models.Model):
    """A teller's drawer: an asset account of the books that cannot go below nothing."""

    teller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tills", db_index=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="tills")
    ledger_account = models.OneToOneField("ledger.LedgerAccount", on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=8, default="KES")
    is_open = models.BooleanField(default=True)

    class Meta:
        permissions = [
            ("take_cash", "Can take and pay out cash"),
            ("approve_cash", "Can approve large cash and till funding"),
        ]
        constraints = [models.UniqueConstraint(fields=["teller", "currency"], name="one_till_per_teller")]

    def __str__(self) -> str:
        return f"{self.teller} ({self.branch.code})"


class CashKind(models.TextChoices):
    """Which way cash goes."""

    DEPOSIT = "DEPOSIT", _("Deposit")
    WITHDRAWAL = "WITHDRAWAL", _("Withdrawal")


class CashStatus(models.TextChoices):
    """Where a cash movement stands."""

    WAITING = "WAITING", _("Waiting for approval")
    DONE = "DONE", _("Done")
    RETURNED = "RETURNED", _("Not approved")
    REVERSED = "REVERSED", _("Taken back")


class CashMovement(models.Model):
    """Cash paid in or out by a customer at a till."""

    kind = models.CharField(max_length=10, choices=CashKind.choices)
    status = models.CharField(max_length=8, choices=CashStatus.choices)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="cash")
    till = models.ForeignKey(Till, on_delete=models.PROTECT, related_name="movements", db_index=False)
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(default=0, help_text=_("What the counter charged, duty not included"))
    duty_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=8)
    by_name = models.CharField(max_length=120, help_text=_("Who stood at the counter"))
    note = models.CharField(max_length=140, blank=True, default="")
    purpose = models.CharField(
        max_length=40, blank=True, default="", help_text=_("What it is for, as a reference: loan/LK4T9ZB2M1")
    )
    receipt = models.CharField(max_length=24, unique=True)
    key = models.CharField(max_length=80, help_text=_("The teller's form, sent once"))
    transfer_id = models.BigIntegerField(null=True)
    approval = models.ForeignKey("kernel.Approval", on_delete=models.PROTECT, null=True, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    amount = MoneyOf("amount_minor")
    fee = MoneyOf("fee_minor")
    duty = MoneyOf("duty_minor")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["made_by", "key"], name="a_cash_form_counts_once"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, fee_minor__gte=0, duty_minor__gte=0), name="cash_is_more_than_nothing"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["DONE", "REVERSED"], transfer_id__isnull=False, done_at__isnull=False)
                | (~Q(status__in=["DONE", "REVERSED"]) & Q(transfer_id=None, done_at=None)),
                name="done_cash_is_in_the_books",
            ),
        ]
        indexes = [models.Index(fields=["till", "-id"], name="cash_of_a_till")]

    def __str__(self) -> str:
        return self.receipt
