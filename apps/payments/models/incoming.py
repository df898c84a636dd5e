"""What other banks send to our customers, and what of it goes back."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from pgtrigger import ReadOnly

from apps.accounts.models import Account
from apps.kernel.fields import EncryptedText
from apps.kernel.money import MoneyOf
from apps.payments.models.interbank import Channel
from apps.users.models import BusinessProfile


class IncomingStatus(models.TextChoices):
    """Where money that another bank sent is."""

    CREDITED = "CREDITED", _("On the account")
    SUSPENSE = "SUSPENSE", _("Waits for a person")
    REFUSED = "REFUSED", _("Refused")
    RETURNING = "RETURNING", _("Being sent back")
    RETURNED = "RETURNED", _("Sent back")


class IncomingQuerySet(models.QuerySet["IncomingTransfer"]):
    """Transfers by whose they are and where they stand."""

    def of(self, owner: Any) -> "IncomingQuerySet":
        """What is meant for a person's accounts."""
        return self.filter(account__owner=owner)

    def arrived(self) -> "IncomingQuerySet":
        """What was on an account; what waits, and why, is the bank's to know."""
        agreed = Q(status__in=["RETURNING", "RETURNED"], asked_back__challenge__isnull=False)
        return self.filter(Q(status="CREDITED") | agreed).distinct()

    def waiting(self) -> "IncomingQuerySet":
        """What a person of the bank must place or send back, the oldest first."""
        return self.filter(status=IncomingStatus.SUSPENSE).order_by("pk")


class IncomingTransfer(models.Model):
    """One transfer from another bank, counted once by its UETR (by their entry where they give none).

    `reason` is the ISO 20022 code of why it was refused, or why it did not reach an account by itself.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reference = models.CharField(max_length=12, unique=True, help_text=_("What people are told to quote"))
    channel = models.CharField(max_length=8, choices=Channel.choices)
    uetr = models.UUIDField(null=True)
    message_id = models.CharField(max_length=35, blank=True, default="", help_text=_("The message it came in"))
    end_to_end_id = models.CharField(max_length=35, blank=True, default="")
    their_reference = models.CharField(max_length=35, blank=True, default="", help_text=_("On their statement"))
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    payer_name = models.CharField(max_length=140)
    payer_account = EncryptedText(null=True)
    payer_bank = models.CharField(max_length=11, blank=True, default="", help_text=_("BIC, or number in the clearing"))
    words = models.CharField(max_length=140, blank=True, default="")
    asked_account = models.CharField(max_length=34, help_text=_("As they wrote it"))
    asked_name = models.CharField(max_length=140, blank=True, default="")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    purpose = models.CharField(max_length=40, blank=True, default="")
    status = models.CharField(max_length=9, choices=IncomingStatus.choices)
    reason = models.CharField(max_length=4, blank=True, default="")
    transfer_id = models.BigIntegerField(null=True, help_text=_("In the books, as it came"))
    received_at = models.DateTimeField()

    amount = MoneyOf("amount_minor")
    objects = IncomingQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["channel", "uetr"], name="an_incoming_transfer_counts_once"),
            models.UniqueConstraint(
                fields=["channel", "their_reference"],
                condition=~Q(their_reference=""),
                name="an_entry_brings_one_transfer",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="an_incoming_transfer_brings_something"),
            models.CheckConstraint(condition=Q(status__in=IncomingStatus.values), name="incoming_status_is_known"),
            models.CheckConstraint(
                condition=Q(uetr__isnull=False) | ~Q(their_reference=""),
                name="an_incoming_transfer_is_known_by_something",
            ),
            models.CheckConstraint(
                condition=Q(status="REFUSED", transfer_id=None) | (~Q(status="REFUSED") & Q(transfer_id__isnull=False)),
                name="what_was_not_refused_is_booked",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["REFUSED", "SUSPENSE"]) | ~Q(reason=""), name="what_did_not_arrive_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(status="CREDITED") | Q(account__isnull=False), name="what_arrived_is_on_an_account"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="incoming_by_account"),
            models.Index(fields=["id"], condition=Q(status="SUSPENSE"), name="incoming_that_waits"),
        ]
        triggers = [
            ReadOnly(
                name="incoming_transfers_keep_what_was_said",
                fields=["channel", "uetr", "amount_minor", "currency", "payer_name", "asked_account", "received_at"],
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.status}"


class ReturnStatus(models.TextChoices):
    """Where a return stands."""

    WAITING = "WAITING", _("To be sent")
    SETTLED = "SETTLED", _("With the other bank")
    REJECTED = "REJECTED", _("Not taken back")


class IncomingReturn(models.Model):
    """Money of another bank going back to it (pacs.004): in suspense from the decision until they have it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text=_("The return, to them"))
    incoming = models.ForeignKey(IncomingTransfer, on_delete=models.PROTECT, related_name="returns")
    status = models.CharField(max_length=8, choices=ReturnStatus.choices, default=ReturnStatus.WAITING)
    reason = models.CharField(max_length=4, help_text=_("ISO 20022 return reason code"))
    answer = models.CharField(max_length=35, blank=True, default="", help_text=_("Their reason code"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    transfer_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["incoming"], condition=~Q(status="REJECTED"), name="a_transfer_goes_back_once"
            ),
            models.CheckConstraint(
                condition=Q(status="WAITING", transfer_id=None, ended_at=None)
                | Q(status="SETTLED", transfer_id__isnull=False, ended_at__isnull=False)
                | Q(status="REJECTED", transfer_id=None, ended_at__isnull=False),
                name="a_return_says_how_far_it_is",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incoming_id} {self.status}"

    @property
    def identity(self) -> str:
        """Its identification on the wire: at most 35 signs."""
        return f"KR-{self.public_id.hex}"


class AskedBackStatus(models.TextChoices):
    """What becomes of another bank's wish."""

    ASKED = "ASKED", _("Waits for the customer")
    AGREED = "AGREED", _("Sent back")
    REFUSED = "REFUSED", _("Not sent back")


class AskedBackQuerySet(models.QuerySet["AskedBack"]):
    """Wishes by whose money it is."""

    def of(self, person: Any) -> "AskedBackQuerySet":
        """What a person, or a business of theirs, is or was asked; with its transfer and who signed."""
        asked = Q(status="ASKED") | Q(challenge__isnull=False) | Q(answer__in=["CUST", "NOAS"])
        businesses = BusinessProfile.objects.visible_to(person).values("party")
        theirs = Q(incoming__account__owner=person) | Q(incoming__account__owner__in=businesses)
        return (
            self.filter(asked & theirs).select_related("incoming__account__owner").prefetch_related("signatures__user")
        )


class AskedBack(models.Model):
    """Another bank asks for a transfer back (camt.056): whose money it is now says yes or no, or lets the time pass."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    case = models.CharField(max_length=35)
    incoming = models.ForeignKey(IncomingTransfer, on_delete=models.PROTECT, null=True, related_name="asked_back")
    end_to_end_id = models.CharField(max_length=35, blank=True, default="")
    reason = models.CharField(max_length=4, blank=True, default="")
    words = models.CharField(max_length=140, blank=True, default="")
    status = models.CharField(max_length=7, choices=AskedBackStatus.choices, default=AskedBackStatus.ASKED)
    answer = models.CharField(max_length=4, blank=True, default="", help_text=_("Our reason code"))
    challenge = models.UUIDField(null=True)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    objects = AskedBackQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["channel", "case"], name="a_case_counts_once"),
            models.UniqueConstraint(
                fields=["incoming"], condition=Q(status="ASKED"), name="a_transfer_is_asked_back_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(status="ASKED", answer="", answered_at=None, incoming__isnull=False)
                | Q(status="AGREED", answer="", answered_at__isnull=False, incoming__isnull=False)
                | (Q(status="REFUSED", answered_at__isnull=False) & ~Q(answer="")),
                name="an_answer_to_a_bank_says_why",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(status="ASKED"), name="asked_back_by_due")]

    def __str__(self) -> str:
        return f"{self.case} {self.status}"


class AskedBackSignature(models.Model):
    """One who signs for a business agreed to send money back, with proof. Whether it counts is asked again with each
    that follows.
    """

    asked = models.ForeignKey(AskedBack, on_delete=models.PROTECT, related_name="signatures", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["asked", "user"], name="a_wish_is_signed_once_each")]

    def __str__(self) -> str:
        return f"{self.asked_id}: {self.user_id}"
