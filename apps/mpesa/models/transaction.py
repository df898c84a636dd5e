"""What goes over M-Pesa, and every word it said to us."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.kernel.fields import EncryptedText, Fingerprint
from apps.kernel.money import MoneyOf
from apps.users.models import BusinessProfile


class Kind(models.TextChoices):
    """Which way, and who began."""

    STK_PUSH = "STK_PUSH", _("Top-up by prompt")
    C2B = "C2B", _("Paid to our paybill")
    B2C = "B2C", _("Sent to a phone")
    B2B = "B2B", _("Sent to a business")
    REVERSAL = "REVERSAL", _("Taken back")


class MpesaStatus(models.TextChoices):
    """Where a transaction stands."""

    INITIATED = "INITIATED", _("Begun")
    PENDING = "PENDING", _("Waiting for M-Pesa")
    CHECKING = "CHECKING", _("We are checking")
    COMPLETED = "COMPLETED", _("Done")
    FAILED = "FAILED", _("Not done")
    CANCELLED = "CANCELLED", _("Cancelled on the phone")
    REVERSED = "REVERSED", _("Taken back")


class MpesaTransactionQuerySet(models.QuerySet["MpesaTransaction"]):
    """Transactions by whose they are, and by the phone they went to or came from."""

    def owned_by(self, user: Any) -> "MpesaTransactionQuerySet":
        """What one asked for, of one's accounts, and of those of the businesses one signs for."""
        mine = BusinessProfile.objects.signed_by(user).values("party")
        return self.filter(Q(user_id=user.pk or 0) | Q(account__owner__in=mine))

    def with_phone(self, e164: str) -> "MpesaTransactionQuerySet":
        """Of exactly this number, found by its fingerprint; one that M-Pesa masked is not found."""
        return self.filter(phone_print=MpesaTransaction._meta.get_field("phone_print").digest(e164))


class MpesaTransaction(models.Model):
    """One request to M-Pesa or one payment it told us of. `amount_minor` in shilling cents, always whole shillings."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    status = models.CharField(max_length=9, choices=MpesaStatus.choices, default=MpesaStatus.INITIATED)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="mpesa")
    phone = EncryptedText(null=True, help_text=_("+254…; masked when M-Pesa masks it"))
    phone_print = Fingerprint(of="phone", null=True)
    till = models.CharField(max_length=7, blank=True, default="", help_text=_("Prompted in place of a phone"))
    name = EncryptedText(null=True, help_text=_("As M-Pesa told it"))
    amount_minor = models.BigIntegerField()
    account_reference = models.CharField(max_length=20, blank=True, default="")
    purpose = models.CharField(
        max_length=40, blank=True, default="", help_text=_("What it is for, as a reference: loan/LK4T9ZB2M1")
    )
    payment_reference = models.CharField(
        max_length=60, null=True, blank=True, unique=True, help_text=_("The payment it carries")
    )
    key = models.CharField(max_length=120, blank=True, default="", help_text=_("The form, sent once"))
    originator_id = models.CharField(max_length=64, null=True, blank=True, unique=True)
    merchant_request_id = models.CharField(max_length=64, blank=True, default="")
    checkout_request_id = models.CharField(max_length=64, null=True, blank=True, unique=True)
    conversation_id = models.CharField(max_length=64, blank=True, default="")
    receipt = models.CharField(max_length=20, null=True, blank=True, unique=True)
    result_code = models.CharField(max_length=20, blank=True, default="")
    result_text = models.CharField(max_length=200, blank=True, default="")
    tries = models.PositiveSmallIntegerField(default=0)
    reverses = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reversals",
        help_text=_("What goes back"),
    )
    hold_id = models.BigIntegerField(null=True, help_text=_("What was set aside in the books"))
    in_suspense = models.BooleanField(default=False)
    transfer_id = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, default="KES", editable=False)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True, help_text=_("When M-Pesa was last asked about it"))
    ended_at = models.DateTimeField(null=True)

    amount = MoneyOf("amount_minor")

    objects = MpesaTransactionQuerySet.as_manager()

    class Meta:
        permissions = [("reconcile_mpesa", "Can place M-Pesa money and settle differences")]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], condition=~Q(key=""), name="a_top_up_form_counts_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0, currency="KES"), name="mpesa_moves_something"),
            models.CheckConstraint(condition=Q(status__in=MpesaStatus.values), name="mpesa_status_is_known"),
            models.CheckConstraint(
                condition=~Q(kind__in=["STK_PUSH", "C2B"], status="COMPLETED")
                | Q(transfer_id__isnull=False, receipt__isnull=False),
                name="money_in_is_in_the_books",
            ),
            models.CheckConstraint(
                condition=Q(kind="REVERSAL", reverses__isnull=False) | (~Q(kind="REVERSAL") & Q(reverses=None)),
                name="a_reversal_has_what_it_reverses",
            ),
            models.UniqueConstraint(
                fields=["reverses"],
                condition=Q(status__in=["INITIATED", "PENDING", "CHECKING", "COMPLETED"]),
                name="money_goes_back_once",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="mpesa_of_a_person"),
            models.Index(
                fields=["status", "sent_at"],
                condition=Q(status__in=["INITIATED", "PENDING", "CHECKING"]),
                name="mpesa_under_way",
            ),
            models.Index(fields=["-id"], condition=Q(in_suspense=True), name="mpesa_in_suspense"),
            models.Index(fields=["account_reference"], name="mpesa_by_account_reference"),
            models.Index(fields=["ended_at"], name="mpesa_by_end"),
            models.Index(
                fields=["phone_print", "-id"], condition=Q(phone_print__isnull=False), name="mpesa_of_a_phone"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.receipt or self.public_id}"


class AccessToken(models.Model):
    """The one token that opens Daraja for our consumer key; one process at a time renews it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    consumer_key = models.CharField(max_length=64, unique=True, help_text=_("Its SHA-256"))
    token = EncryptedText(null=True)
    expires_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"until {self.expires_at}"


class PulledUntil(models.Model):
    """Until when the feed of payments to a paybill was read to its end: what came later may not have been told of."""

    shortcode = models.CharField(max_length=10, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.shortcode} until {self.at:%Y-%m-%d %H:%M:%S}"


class Callback(models.Model):
    """Something M-Pesa said, as it came, kept before it was read."""

    class Outcome(models.TextChoices):
        """What came of it."""

        APPLIED = "APPLIED", _("Applied")
        NOTHING_NEW = "NOTHING_NEW", _("Said before")
        UNMATCHED = "UNMATCHED", _("About nothing we know")
        UNREADABLE = "UNREADABLE", _("Not readable")
        DISPUTED = "DISPUTED", _("Says other than we know")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    product = models.CharField(max_length=12)
    about = models.ForeignKey(
        MpesaTransaction, on_delete=models.PROTECT, null=True, related_name="callbacks", db_index=False
    )
    question = models.ForeignKey(
        "mpesa.BalanceQuestion", on_delete=models.PROTECT, null=True, related_name="callbacks", db_index=False
    )
    raw = EncryptedText()
    source = models.GenericIPAddressField(null=True)
    received_at = models.DateTimeField()
    outcome = models.CharField(max_length=11, choices=Outcome.choices, blank=True, default="")
    why = models.CharField(max_length=200, blank=True, default="")
    applied_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["received_at"], condition=Q(outcome=""), name="callbacks_to_apply"),
            models.Index(fields=["about", "id"], name="callbacks_about"),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.received_at:%Y-%m-%d %H:%M:%S}"
