"""Asking somebody for money, splitting a bill among several, and not wanting to be asked."""

import uuid
from datetime import datetime
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.kernel.fields import EncryptedText, Fingerprint
from apps.kernel.money import Money, MoneyOf
from apps.users.models import BusinessProfile
from apps.users.rules import shown_phone


class RequestStatus(models.TextChoices):
    """Where a request to pay stands."""

    OPEN = "OPEN", _("Waiting")
    PAYING = "PAYING", _("Being paid")
    PAID = "PAID", _("Paid")
    DECLINED = "DECLINED", _("Declined")
    CANCELLED = "CANCELLED", _("Cancelled")
    EXPIRED = "EXPIRED", _("Run out")


class SplitBill(models.Model):
    """One bill, paid by somebody and shared by several: `own_minor` is the owner's own share."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    total_minor = models.BigIntegerField()
    own_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=8)
    note = models.CharField(max_length=80)
    key = models.CharField(max_length=120, help_text=_("The form, counted once"))
    created_at = models.DateTimeField()

    total = MoneyOf("total_minor")
    own = MoneyOf("own_minor")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="a_split_form_counts_once"),
            models.CheckConstraint(
                condition=Q(own_minor__gte=0, own_minor__lt=F("total_minor")), name="a_split_bill_asks_for_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.note} {self.total}"


class PaymentRequestQuerySet(models.QuerySet["PaymentRequest"]):
    """Requests by whose they are."""

    def made_by(self, user: Any) -> "PaymentRequestQuerySet":
        """Asked by this person."""
        return self.filter(asker_id=user.pk)

    def kept_by(self, user: Any) -> "PaymentRequestQuerySet":
        """Asked by this person, or by a business they sign for: theirs to remind of and to take back."""
        return self.filter(self._kept(user))

    def asked_of(self, user: Any) -> "PaymentRequestQuerySet":
        """Asked of this person, without those they do not want to hear."""
        return self.filter(asked_id=user.pk, is_silent=False)

    def visible_to(self, user: Any) -> "PaymentRequestQuerySet":
        """Kept by them or asked of them."""
        return self.filter(self._kept(user) | Q(asked_id=user.pk, is_silent=False))

    @staticmethod
    def _kept(user: Any) -> Q:
        return Q(asker_id=user.pk) | Q(asker__in=BusinessProfile.objects.signed_by(user).values("party"))

    def open(self, at: datetime) -> "PaymentRequestQuerySet":
        """Those that can be paid now."""
        return self.filter(status=RequestStatus.OPEN, expires_at__gt=at)


# Requests of before this was kept have nobody; whoever writes a new one past the operations is refused.
_NOBODY = """
IF NEW.made_by_id IS NULL
THEN RAISE EXCEPTION 'a new request says who made it'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'a_new_request_says_who_made_it';
END IF;
RETURN NEW;
"""


class PaymentRequest(models.Model):
    """A customer, person or business, asks a phone for an amount, into an account of theirs.

    `asked` stays empty when nobody here has that phone, and a silent request never reaches the person: the asker sees
    the same as ever, because who banks here, and who blocked them, is nobody else's business.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="requests_made", db_index=False
    )
    asked = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="requests_received", db_index=False
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text=_("Who pressed: the asker, or a member of the business that asks"),
    )
    phone = EncryptedText()
    phone_print = Fingerprint(of="phone")
    is_silent = models.BooleanField(default=False, help_text=_("The asked person blocked the asker"))
    into_account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    note = models.CharField(max_length=80, blank=True, default="")
    split = models.ForeignKey(SplitBill, on_delete=models.PROTECT, null=True, related_name="shares")
    status = models.CharField(max_length=9, choices=RequestStatus.choices, default=RequestStatus.OPEN)
    key = models.CharField(max_length=120, help_text=_("The form, counted once"))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)

    amount = MoneyOf("amount_minor")

    objects = PaymentRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["asker", "key"], name="a_request_form_counts_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="a_request_asks_for_something"),
            models.CheckConstraint(condition=Q(status__in=RequestStatus.values), name="request_status_is_known"),
            models.CheckConstraint(condition=Q(asked=None) | ~Q(asked=F("asker")), name="nobody_asks_themselves"),
            models.CheckConstraint(
                condition=Q(status__in=["OPEN", "PAYING"], over_at=None)
                | (~Q(status__in=["OPEN", "PAYING"]) & Q(over_at__isnull=False)),
                name="a_request_is_over_when_it_is",
            ),
        ]
        indexes = [
            models.Index(fields=["asker", "-id"], name="requests_made"),
            models.Index(fields=["asked", "-id"], name="requests_received"),
            models.Index(fields=["phone_print"], condition=Q(asked=None), name="requests_nobody_has"),
            models.Index(fields=["expires_at"], condition=Q(status="OPEN"), name="requests_by_end"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="a_new_request_says_who_made_it",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=_NOBODY,
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.status}"

    @property
    def from_name(self) -> str:
        """Who asks, as the asked person is shown it."""
        return self.asker.public_name

    @property
    def made_by_name(self) -> str:
        """Who of those behind the asker pressed, for who keeps the request; empty where that was not kept yet."""
        return self.made_by.full_name if self.made_by else ""

    def is_asked_of(self, user: Any) -> bool:
        """Whether it is theirs to answer: one who signs for a business may be asked by it as anybody."""
        return self.asked_id == user.pk and not self.is_silent

    @property
    def to_phone(self) -> str:
        """Whom it asks, as the asker typed it: never a name, before they have paid."""
        return shown_phone(str(self.phone))


class AskerBlock(models.Model):
    """Somebody does not want to be asked by somebody."""

    blocker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    blocked = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="an_asker_is_blocked_once"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="nobody_blocks_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id} blocks {self.blocked_id}"


def paid_of(shares: list[PaymentRequest], currency: str) -> Money:
    """What of some shares has been paid."""
    return Money(sum(one.amount_minor for one in shares if one.status == RequestStatus.PAID), currency)
