"""The sandbox's own people, accounts and movements: made up, one set for each developer, without a link to real ones.

No foreign key leads from here to accounts or books, and none of theirs leads here. Balances move by a guarded update
beside the line that moved them (`operations/sandbox/faucet.py`). Amounts are minor units of the account's currency.
"""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import MoneyOf
from apps.open_banking.models.app import DeveloperAccount

NUMBERS = "99"  # how every number of the sandbox begins; no branch of the bank is 99x


class SandboxPersona(models.Model):
    """Somebody who does not exist, with a life to read: one of the few that every developer has."""

    developer = models.ForeignKey(DeveloperAccount, on_delete=models.CASCADE, related_name="personas", db_index=False)
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    which = models.CharField(max_length=20)
    full_name = models.CharField(max_length=80)
    username = models.CharField(max_length=40, unique=True)
    password_print = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["developer", "which"], name="one_persona_of_each_kind")]

    def __str__(self) -> str:
        return self.username

    # What customers are asked for and personas do not have, under the customers' own names.
    phone = ""
    date_of_birth = None
    kyc_tier = "TIER_2"

    @property
    def created_at(self) -> datetime:
        """Its first day, of which every reset makes another."""
        return self.made_at

    updated_at = created_at

    @property
    def email(self) -> str:
        """An address that reaches nobody (RFC 2606)."""
        return f"{self.username}@example.com"


class SandboxAccount(models.Model):
    """An account of a persona. `account_type`, `name`, `number`, `status` are named as those of real accounts."""

    class Status(models.TextChoices):
        """Whether its money may be used."""

        ACTIVE = "ACTIVE", _("Active")
        FROZEN = "FROZEN", _("Frozen")

    class Kind(models.TextChoices):
        """What kind, in the words of real accounts."""

        TRANSACTION = "TRANSACTION", _("Transaction account")
        SAVINGS = "SAVINGS", _("Savings account")

    persona = models.ForeignKey(SandboxPersona, on_delete=models.CASCADE, related_name="accounts", db_index=False)
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    which = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    number = models.CharField(max_length=20, unique=True)
    account_type = models.CharField(max_length=12, choices=Kind.choices, default=Kind.TRANSACTION)
    currency = models.CharField(max_length=8)
    balance_minor = models.BigIntegerField(default=0)
    last_seq = models.BigIntegerField(default=0, help_text=_("The place of its newest line"))
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ACTIVE)

    balance = MoneyOf("balance_minor")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["persona", "which"], name="one_sandbox_account_of_each_kind"),
            models.CheckConstraint(
                condition=Q(balance_minor__gte=0, last_seq__gte=0), name="sandbox_accounts_owe_nothing"
            ),
            models.CheckConstraint(
                condition=Q(number__startswith=NUMBERS), name="sandbox_numbers_are_told_from_real_ones"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["ACTIVE", "FROZEN"], account_type__in=["TRANSACTION", "SAVINGS"]),
                name="sandbox_account_words_are_known",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def masked_number(self) -> str:
        """`•••• 0042`, as of real accounts."""
        return f"•••• {self.number[-4:]}"


class SandboxLine(models.Model):
    """One movement of an account: in +, out −, with the balance after it. Named as the lines of real accounts."""

    account = models.ForeignKey(SandboxAccount, on_delete=models.CASCADE, related_name="lines", db_index=False)
    seq = models.BigIntegerField()
    txn_type = models.CharField(max_length=24)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    running_balance_minor = models.BigIntegerField()
    description = models.CharField(max_length=140)
    counterparty = models.CharField(max_length=140, blank=True, default="")
    merchant = models.CharField(max_length=100, blank=True, default="")
    is_faucet = models.BooleanField(default=False, help_text=_("Added by the developer, and counted against their day"))
    posted_at = models.DateTimeField()

    amount = MoneyOf("amount_minor")
    running_balance = MoneyOf("running_balance_minor")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "seq"], name="one_sandbox_line_in_each_place"),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="sandbox_lines_move_something"),
            models.CheckConstraint(
                condition=Q(running_balance_minor__gte=0, seq__gte=1), name="sandbox_lines_leave_no_debt"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}/{self.seq}"
