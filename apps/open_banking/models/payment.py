"""Payments by third parties: what a consent to pay is about, and each payment an app asked for."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.kernel.fields import EncryptedJSON
from apps.kernel.money import Money
from apps.open_banking.models.app import ThirdPartyApp
from apps.open_banking.models.consent import Consent
from apps.open_banking.rules import Cap
from apps.payments.models import Merchant, Payment, PaymentStatus, Toward

_S = PaymentStatus
# What an app reads of a payment (OBP). HELD and CHECKING are on their way: the money is set aside.
WORDS: dict[str, str] = {
    _S.AWAITING_CONFIRMATION.value: "INITIATED", _S.HELD.value: "PENDING", _S.PENDING.value: "PENDING",
    _S.CHECKING.value: "PENDING", _S.COMPLETED.value: "COMPLETED", _S.REVERSED.value: "COMPLETED",
    _S.FAILED.value: "FAILED", _S.CANCELLED.value: "CANCELLED",
}  # fmt: skip


class Limits(models.Model):
    """What any consent to pay fixes beside its payee: the words, and for a recurring one how much in a calendar month.

    The most of one payment is the consent's own amount. Amounts are minor units of its currency.
    """

    note = models.CharField(max_length=80, blank=True, default="", help_text=_("The reference, as the payee reads it"))
    monthly_minor = models.BigIntegerField(null=True, help_text=_("At most in a calendar month; recurring ones alone"))
    monthly_count = models.PositiveSmallIntegerField(null=True)
    yearly_minor = models.BigIntegerField(null=True, help_text=_("At most in a calendar year, beside the month"))
    yearly_count = models.PositiveSmallIntegerField(null=True)

    consent: Any  # both tables have these two of their own
    payee_key: Any

    class Meta:
        abstract = True

    @property
    def monthly(self) -> Money | None:
        """The most of a calendar month."""
        return None if self.monthly_minor is None else Money(self.monthly_minor, self.consent.currency)

    @property
    def yearly(self) -> Money | None:
        """The most of a calendar year."""
        return None if self.yearly_minor is None else Money(self.yearly_minor, self.consent.currency)

    @property
    def caps(self) -> list[Cap]:
        """The most of each time; none for a consent to one payment."""
        return [
            Cap("MONTH", self.monthly_count, self.monthly_minor), Cap("YEAR", self.yearly_count, self.yearly_minor),
        ]  # fmt: skip


class PaymentTerms(Toward, Limits):
    """What a consent to pay fixes: to whom, within which limits, and what it may cost at most."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)  # what its sealed column is bound to
    consent = models.OneToOneField(Consent, on_delete=models.CASCADE, related_name="terms")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, null=True, related_name="+")
    cost_minor = models.BigIntegerField(
        null=True, help_text=_("Fee and duty the customer was told; no payment costs more")
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rail="internal", to_account__isnull=False, merchant=None)
                | Q(rail="internal", to_account=None, merchant__isnull=False)
                | (~Q(rail="internal") & Q(to_account=None, merchant=None)),
                name="a_consent_pays_an_account_a_shop_or_by_a_rail",
            ),
            models.CheckConstraint(
                condition=Q(monthly_minor=None, monthly_count=None) | Q(monthly_minor__gt=0, monthly_count__gte=1),
                name="a_months_limits_come_together",
            ),
            models.CheckConstraint(
                condition=Q(yearly_minor=None, yearly_count=None)
                | Q(yearly_minor__gt=0, monthly_minor__gt=0)
                | Q(yearly_count__gte=1, monthly_minor__gt=0),
                name="a_years_limits_stand_beside_a_months",
            ),
            models.CheckConstraint(condition=Q(cost_minor=None) | Q(cost_minor__gte=0), name="no_cost_below_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.payee_name}, {self.payee_address}"

    @property
    def cost(self) -> Money | None:
        """The most that one payment may cost; None until an account was chosen."""
        return None if self.cost_minor is None else Money(self.cost_minor, self.consent.currency)


class TransactionRequestQuerySet(models.QuerySet["TransactionRequest"]):
    """Payments of apps, by who may read them and when they were made."""

    def of(self, app: ThirdPartyApp, user: Any = None) -> "TransactionRequestQuerySet":
        """Those an app asked for; of one customer when one is named."""
        rows = self.filter(app_id=app.pk)
        return rows if user is None else rows.filter(user_id=user.pk)

    def shown(self) -> "TransactionRequestQuerySet":
        """With all that an answer needs, in one query."""
        return self.select_related("payment__from_account", "app", "account", "user")

    def counting(
        self, consent: Consent, begin: datetime, end: datetime, *, at: datetime
    ) -> "TransactionRequestQuerySet":
        """Those by a consent in a time that moved money, or may still."""
        return self.moving(begin, end, at=at).filter(consent=consent)

    def moving(self, begin: datetime, end: datetime, *, at: datetime) -> "TransactionRequestQuerySet":
        """Those begun in a time that moved money, or may still."""
        return self.filter(created_at__gte=begin, created_at__lt=end).not_over(at)

    def not_over(self, at: datetime) -> "TransactionRequestQuerySet":
        """Those that moved money, or may still: not what failed, was refused, or was not answered in time."""
        late = Q(payment__status=PaymentStatus.AWAITING_CONFIRMATION, payment__expires_at__lte=at)
        return self.exclude(payment__status__in=[PaymentStatus.FAILED, PaymentStatus.CANCELLED]).exclude(late)


class TransactionRequest(models.Model):
    """One payment that an app asked for: its row in `payments`, who asked, by which consent, and as it was asked."""

    class Type(models.TextChoices):
        """OBP's kinds of request that move money here."""

        ACCOUNT = "ACCOUNT", _("To an account of this bank")
        SANDBOX_TAN = "SANDBOX_TAN", _("To an account of this bank (old word)")
        ACCOUNT_OTP = "ACCOUNT_OTP", _("To an account of this bank, always proven")
        COUNTERPARTY = "COUNTERPARTY", _("To a saved payee")
        SIMPLE = "SIMPLE", _("To an address at any bank")
        REFUND = "REFUND", _("Sending a received payment back")

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    app = models.ForeignKey(ThirdPartyApp, on_delete=models.PROTECT, related_name="payments", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, null=True, related_name="payments", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="+")
    type = models.CharField(max_length=12, choices=Type.choices)
    details = EncryptedJSON(help_text=_("To whom and how it is charged, as it was asked and is answered"))
    refund_of = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="+")
    is_rejected = models.BooleanField(default=False, help_text=_("The customer answered that they do not want it"))
    is_spent = models.BooleanField(default=False, help_text=_("Too many wrong answers to its challenge"))
    created_at = models.DateTimeField()

    objects = TransactionRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(type__in=["ACCOUNT", "SANDBOX_TAN", "ACCOUNT_OTP", "COUNTERPARTY", "SIMPLE", "REFUND"]),
                name="request_type_is_known",
            ),
            models.CheckConstraint(
                condition=Q(type="REFUND", refund_of__isnull=False) | (~Q(type="REFUND") & Q(refund_of=None)),
                name="refunds_say_of_what",
            ),
        ]
        indexes = [
            models.Index(fields=["app", "user", "-id"], name="payments_of_an_app"),
            models.Index(fields=["consent", "created_at"], name="payments_by_a_consent"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    def status(self, at: datetime) -> str:
        """Where it stands, as OBP says it. What was not confirmed in time has failed."""
        if self.is_rejected:
            return "REJECTED"
        is_late = self.payment.status == PaymentStatus.AWAITING_CONFIRMATION and self.payment.expires_at <= at
        return "FAILED" if self.is_spent or is_late else WORDS[self.payment.status]
