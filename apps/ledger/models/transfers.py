"""Transfers, their entries, and money set aside: written by the posting functions of the database, never by Django."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import MoneyOf
from apps.ledger.models.accounts import LedgerAccount


class Transfer(models.Model):
    """One movement of money: all its entries or none. Never changed; a mistake is answered by a reversal.

    A column of the database alone, `xact`, keeps the transaction that wrote it: entries come in that one or never.
    """

    id = models.BigIntegerField(primary_key=True)
    reference = models.CharField(max_length=120, db_collation="C")
    body_hash = models.BinaryField(max_length=32)
    kind = models.CharField(max_length=40)
    narrative = models.CharField(max_length=240)
    details = models.JSONField(null=True, blank=True)
    reverses = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reversals",
        db_index=False,
        db_constraint=False,  # the trigger `reversal_mirrors` looks for it, and only where there is one
    )
    booked_on = models.DateField(help_text=_("The day it counts for"))
    created_at = models.DateTimeField(help_text=_("The moment it was posted"))

    class Meta:
        db_table = "ledger_transfer"
        default_permissions = ()
        constraints = [
            # As constraints, not unique=True: that would add an index for LIKE to the hottest table of the bank.
            models.UniqueConstraint(fields=["reference"], name="a_reference_posts_once"),
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="a_transfer_is_reversed_once"
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class Entry(models.Model):
    """One leg of a transfer. Debits are positive, credits negative; `balance_after` is on the account's own side.

    Its id is the transfer's id and the leg in one number: entry 17002 is the second leg of transfer 17. The two
    foreign keys are checked by the statement trigger `entries_hold_together`, set-based, together with the currency
    and the sum; accounts and transfers cannot be deleted, so a share lock on them would protect nothing.
    """

    id = models.BigIntegerField(primary_key=True)
    transfer = models.ForeignKey(
        Transfer, on_delete=models.PROTECT, related_name="entries", db_constraint=False, db_index=False
    )
    leg = models.SmallIntegerField()
    account = models.ForeignKey(
        LedgerAccount, on_delete=models.PROTECT, related_name="entries", db_constraint=False, db_index=False
    )
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    balance_after = models.BigIntegerField(null=True, help_text=_("Minor units; empty for derived balances"))
    seq = models.BigIntegerField(null=True, help_text=_("The account's count of entries; empty for derived balances"))
    booked_on = models.DateField()

    amount, balance = MoneyOf("amount_minor"), MoneyOf("balance_after")

    class Meta:
        db_table = "ledger_entry"
        verbose_name_plural = "entries"
        default_permissions = ()
        indexes = [
            # Rising: where a group's rows come in order, its pages are filled; they are read backwards as fast.
            models.Index(fields=["account", "id"], name="entries_of_account"),
            BrinIndex(fields=["booked_on"], name="entries_by_day", pages_per_range=32),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.amount_minor} {self.currency}"


class HoldStatus(models.TextChoices):
    """Where money set aside stands."""

    OPEN = "OPEN", _("Open")
    CAPTURED = "CAPTURED", _("Captured")
    RELEASED = "RELEASED", _("Released")
    EXPIRED = "EXPIRED", _("Expired")


class Hold(models.Model):
    """Money set aside in an account: still there, no longer available, until captured, released or expired."""

    reference = models.CharField(max_length=120, db_collation="C")
    body_hash = models.BinaryField(max_length=32)
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="holds")
    amount_minor = models.BigIntegerField()
    captured_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=8)
    status = models.CharField(max_length=8, choices=HoldStatus.choices, default=HoldStatus.OPEN)
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    amount = MoneyOf("amount_minor")
    captured = MoneyOf("captured_minor")

    class Meta:
        db_table = "ledger_hold"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="a_reference_holds_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="hold_sets_something_aside"),
            models.CheckConstraint(
                condition=Q(captured_minor__gte=0, captured_minor__lte=F("amount_minor")),
                name="hold_covers_its_captures",
            ),
            models.CheckConstraint(
                condition=Q(status="OPEN", ended_at=None, captured_minor__lt=F("amount_minor"))
                | Q(status="CAPTURED", ended_at__isnull=False, captured_minor__gt=0)
                | Q(status__in=["RELEASED", "EXPIRED"], ended_at__isnull=False),
                name="hold_status_is_true",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(status="OPEN"), name="holds_by_expiry"),
        ]

    def __str__(self) -> str:
        return self.reference
