"""Accounts that customers hold at other banks: the banks, who linked one, and what was read. Never money of ours."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.kernel import cipher
from apps.kernel.fields import EncryptedText
from apps.kernel.money import MoneyOf
from apps.kernel.states import Moves

UNATTENDED = 4  # reads a day without the customer, which is what banks allow
APART = timedelta(hours=6)


def state_print(state: str) -> bytes:
    """By which the answer of an authorization request is found; the `state` itself is kept sealed."""
    return cipher.fingerprint(state, "open_banking.linked_state")


class LinkStatus(models.TextChoices):
    """Where a link stands."""

    WAITING = "WAITING", _("Waiting for you at the other bank")
    ACTIVE = "ACTIVE", _("Linked")
    BROKEN = "BROKEN", _("Broken off")
    ENDED = "ENDED", _("Ended")


LINK = Moves(
    {
        LinkStatus.WAITING: [LinkStatus.ACTIVE, LinkStatus.BROKEN, LinkStatus.ENDED],
        LinkStatus.ACTIVE: [LinkStatus.BROKEN, LinkStatus.ENDED],
        LinkStatus.BROKEN: [LinkStatus.ENDED],
    }
)


class Trouble(models.TextChoices):
    """Why the last try at another bank came to nothing. None of these has moved money."""

    SILENT = "SILENT", _("The other bank did not answer in time. Try again later.")
    REFUSED = "REFUSED", _("The other bank refused our request. Try again later, or ask there.")
    UNREADABLE = "UNREADABLE", _("The other bank's answer could not be read, so nothing of it was kept.")
    NOT_THEM = "NOT_THEM", _("The answer did not come from the bank we asked, so we stopped. Link it again.")
    DENIED = "DENIED", _("You did not allow it there, so nothing was linked.")
    CONSENT_ENDED = "CONSENT_ENDED", _("The other bank ended the access. Link it again to go on.")
    EXPIRED = "EXPIRED", _("The time you allowed is over. Link it again to go on.")


BREAKS = (Trouble.NOT_THEM.value, Trouble.DENIED.value, Trouble.CONSENT_ENDED.value, Trouble.EXPIRED.value)


class OtherBank(models.Model):
    """A bank where customers may link accounts, and how this bank proves itself there."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80, unique=True)
    address = models.CharField(max_length=200, help_text=_("https, without a path"))
    issuer = models.CharField(max_length=200, help_text=_("As its discovery document says, letter by letter"))
    bank_id = models.CharField(max_length=60, help_text=_("What OBP calls it"))
    client_id = models.CharField(max_length=255)
    client_secret = EncryptedText()
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class LinkedBankQuerySet(models.QuerySet["LinkedBank"]):
    """Links by whose they are and what they wait for."""

    def owned_by(self, user: Any) -> "LinkedBankQuerySet":
        """Those of one customer."""
        return self.filter(user_id=user.pk)

    def shown(self) -> "LinkedBankQuerySet":
        """Those a customer sees: linked, or broken off and not yet taken away; with their accounts."""
        rows = self.filter(status__in=[LinkStatus.ACTIVE, LinkStatus.BROKEN], linked_at__isnull=False)
        return rows.select_related("bank").prefetch_related("accounts").order_by("bank__name", "pk")

    def due(self, at: datetime) -> "LinkedBankQuerySet":
        """Those nobody has read for a quarter of a day; the longest ago first."""
        rows = self.filter(status=LinkStatus.ACTIVE, tried_at__lte=at - APART, bank__is_active=True)
        return rows.select_related("bank", "user").order_by("tried_at")

    def to_end_there(self, at: datetime) -> "LinkedBankQuerySet":
        """Those that ended here while the other bank still holds their consent; the one tried longest ago first, so
        that none which is refused again and again stands before the others.
        """
        rows = self.filter(status=LinkStatus.ENDED, ended_there_at=None, consent_until__gt=at)
        return rows.select_related("bank").order_by(F("tried_at").asc(nulls_first=True), "ended_at")


class LinkedBank(models.Model):
    """One customer's word to another bank that this bank may read there, and what proves it."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    bank = models.ForeignKey(OtherBank, on_delete=models.PROTECT, related_name="links")
    status = models.CharField(max_length=8, choices=LinkStatus.choices, default=LinkStatus.WAITING)
    because = models.CharField(max_length=14, choices=Trouble.choices, blank=True, default="")
    consent_id = models.CharField(max_length=64)
    consent_until = models.DateTimeField()
    state_print = models.BinaryField(null=True, unique=True, editable=False)
    pending = EncryptedText(null=True)  # of a link that waits: where to go, and the halves of PKCE and nonce kept here
    refresh_token = EncryptedText(null=True)
    lease = models.UUIDField(null=True, editable=False)  # whoever reads now; nobody else writes
    leased_until = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    last_read_at = models.DateTimeField(null=True, blank=True)
    reads_on = models.DateField(null=True, blank=True)
    reads = models.PositiveSmallIntegerField(default=0, help_text=_("Without the customer, on that day"))
    created_at = models.DateTimeField()
    linked_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_there_at = models.DateTimeField(null=True, blank=True)

    objects = LinkedBankQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=LinkStatus.values), name="link_status_is_known"),
            models.CheckConstraint(
                condition=~Q(status="ACTIVE") | Q(refresh_token__isnull=False, linked_at__isnull=False),
                name="links_read_by_a_token",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["WAITING", "ACTIVE"]) | Q(refresh_token=None, pending=None, state_print=None),
                name="links_that_are_over_keep_no_secrets",
            ),
            models.CheckConstraint(condition=~Q(status="BROKEN") | ~Q(because=""), name="broken_links_say_why"),
            models.CheckConstraint(condition=Q(reads__lte=UNATTENDED), name="links_are_read_four_times_a_day"),
            models.UniqueConstraint(
                fields=["user", "bank"], condition=Q(status__in=["ACTIVE", "BROKEN"], linked_at__isnull=False),
                name="one_link_per_customer_and_bank",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["tried_at"], condition=Q(status="ACTIVE"), name="links_to_read"),
            models.Index(fields=["ended_at"], condition=Q(status="ENDED", ended_there_at=None), name="links_to_end"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class LinkedAccount(models.Model):
    """An account at another bank, as that bank tells it; the balance is as of `balance_at` and no promise of ours."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    link = models.ForeignKey(LinkedBank, on_delete=models.CASCADE, related_name="accounts", db_index=False)
    their_id = models.CharField(max_length=100)
    label = models.CharField(max_length=80)
    masked_number = models.CharField(max_length=20, blank=True)
    currency = models.CharField(max_length=8)
    balance_minor = models.BigIntegerField()
    balance_at = models.DateTimeField()

    balance = MoneyOf("balance_minor")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["link", "their_id"], name="linked_accounts_are_named_once")]

    def __str__(self) -> str:
        return self.label


class LinkedLine(models.Model):
    """A movement at another bank, in its words. Not written again once it is known."""

    account = models.ForeignKey(LinkedAccount, on_delete=models.CASCADE, related_name="lines", db_index=False)
    their_id = models.CharField(max_length=100)
    booked_at = models.DateTimeField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    description = models.CharField(max_length=200, blank=True)
    counterparty = models.CharField(max_length=140, blank=True)

    amount = MoneyOf("amount_minor")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "their_id"], name="linked_lines_are_told_once")]
        indexes = [models.Index(F("account"), F("booked_at").desc(), F("id").desc(), name="linked_lines_in_order")]

    def __str__(self) -> str:
        return self.their_id
