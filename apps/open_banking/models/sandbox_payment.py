"""Payments in the sandbox: what a persona allowed, and each payment an app asked for there.

As `payment.py`, and without one foreign key to accounts, books or payments: who is paid is another account of the same
sandbox, or nobody at all. Amounts are minor units of the account's currency.
"""

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import MoneyOf
from apps.open_banking.models.app import ThirdPartyApp
from apps.open_banking.models.consent import Consent
from apps.open_banking.models.payment import Limits, TransactionRequest
from apps.open_banking.models.sandbox import SandboxAccount, SandboxPersona


class SandboxToward(models.Model):
    """Who is paid: another account of the sandbox, or a name and an address where money leaves it."""

    txn_type = models.CharField(max_length=24, help_text=_("What kind of movement, as on lines"))
    to_account = models.ForeignKey(SandboxAccount, on_delete=models.PROTECT, null=True, related_name="+")
    payee_name = models.CharField(max_length=140)
    payee_address = models.CharField(max_length=40)
    payee_key = models.CharField(max_length=80, help_text=_("Who it is, to know them again"))

    class Meta:
        abstract = True


class SandboxTerms(SandboxToward, Limits):
    """What a consent to pay of the sandbox fixes. Nothing costs anything there."""

    consent = models.OneToOneField(Consent, on_delete=models.CASCADE, related_name="sandbox_terms")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(monthly_minor=None, monthly_count=None) | Q(monthly_minor__gt=0, monthly_count__gte=1),
                name="a_sandbox_months_limits_come_together",
            ),
            models.CheckConstraint(
                condition=Q(yearly_minor=None, yearly_count=None)
                | Q(yearly_minor__gt=0, monthly_minor__gt=0)
                | Q(yearly_count__gte=1, monthly_minor__gt=0),
                name="a_sandbox_years_limits_stand_beside_a_months",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payee_name}, {self.payee_address}"


def limits_of(consent: Consent) -> Limits:
    """What a consent to pay fixes beside its amount, on whichever side it is."""
    return consent.sandbox_terms if consent.is_sandbox else consent.terms


class SandboxPaymentQuerySet(models.QuerySet["SandboxPayment"]):
    """Payments of the sandbox, by who may read them and when they were made."""

    def of(self, app: ThirdPartyApp, persona: SandboxPersona | None = None) -> "SandboxPaymentQuerySet":
        """Those an app asked for; of one persona when one is named."""
        rows = self.filter(app_id=app.pk)
        return rows if persona is None else rows.filter(persona_id=persona.pk)

    def shown(self) -> "SandboxPaymentQuerySet":
        """With all that an answer needs, in one query."""
        return self.select_related("account", "persona", "app", "consent")

    def setting_aside(self) -> "SandboxPaymentQuerySet":
        """Those on their way: their money can be used for nothing else."""
        return self.filter(status=SandboxPayment.Status.PENDING)

    def counting(self, consent: Consent, begin: datetime, end: datetime, *, at: datetime) -> "SandboxPaymentQuerySet":
        """Those by a consent in a time that moved money, or may still."""
        return self.filter(consent=consent, created_at__gte=begin, created_at__lt=end).moving(at)

    def moving(self, at: datetime) -> "SandboxPaymentQuerySet":
        """Those that moved money, or may still: not what failed, was refused, or was not answered in time."""
        late = Q(status=SandboxPayment.Status.INITIATED, expires_at__lte=at)
        return self.exclude(status__in=[SandboxPayment.Status.FAILED, SandboxPayment.Status.REJECTED]).exclude(late)


class SandboxPayment(SandboxToward):
    """One payment that an app asked for in the sandbox. Its status is OBP's own word."""

    class Status(models.TextChoices):
        """Where it stands."""

        INITIATED = "INITIATED", _("Waiting for the customer")
        PENDING = "PENDING", _("On its way")
        COMPLETED = "COMPLETED", _("Made")
        FAILED = "FAILED", _("Failed")
        REJECTED = "REJECTED", _("Refused by the customer")

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    app = models.ForeignKey(ThirdPartyApp, on_delete=models.PROTECT, related_name="+", db_index=False)
    persona = models.ForeignKey(SandboxPersona, on_delete=models.CASCADE, related_name="+")
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, null=True, related_name="sandbox_payments")
    account = models.ForeignKey(SandboxAccount, on_delete=models.PROTECT, related_name="+")
    type = models.CharField(max_length=12, choices=TransactionRequest.Type.choices)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    note = models.CharField(max_length=80, blank=True, default="")
    details = models.JSONField(help_text=_("To whom and how it is charged, as it was asked and is answered"))
    status = models.CharField(max_length=9, choices=Status.choices)
    will_be = models.CharField(max_length=9, blank=True, default="", help_text=_("How one on its way will end"))
    challenge = models.UUIDField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    is_spent = models.BooleanField(default=False, help_text=_("Too many wrong answers to its challenge"))
    refund_of = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="+")
    seq = models.BigIntegerField(null=True, help_text=_("The place of its line on the account it left"))
    received_seq = models.BigIntegerField(null=True, help_text=_("The place of its line on the account it reached"))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(help_text=_("Until when its challenge may be answered"))
    settles_at = models.DateTimeField(null=True, help_text=_("When one on its way ends"))
    ended_at = models.DateTimeField(null=True)

    amount = MoneyOf("amount_minor")

    objects = SandboxPaymentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="sandbox_payments_pay_something"),
            models.CheckConstraint(
                condition=Q(status__in=["INITIATED", "PENDING", "COMPLETED", "FAILED", "REJECTED"])
                & Q(type__in=["ACCOUNT", "SANDBOX_TAN", "ACCOUNT_OTP", "COUNTERPARTY", "SIMPLE", "REFUND"]),
                name="sandbox_payment_words_are_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="INITIATED") | Q(challenge__isnull=False),
                name="sandbox_payments_wait_for_an_answer",
            ),
            models.CheckConstraint(
                condition=Q(status="PENDING", settles_at__isnull=False, will_be__in=["COMPLETED", "FAILED"])
                | (~Q(status="PENDING") & Q(settles_at=None, will_be="")),
                name="sandbox_payments_on_their_way_arrive",
            ),
            models.CheckConstraint(
                condition=Q(status="COMPLETED", seq__isnull=False) | (~Q(status="COMPLETED") & Q(seq=None)),
                name="made_sandbox_payments_have_a_line",
            ),
            models.CheckConstraint(
                condition=Q(type="REFUND", refund_of__isnull=False) | (~Q(type="REFUND") & Q(refund_of=None)),
                name="sandbox_refunds_say_of_what",
            ),
        ]
        indexes = [
            models.Index(fields=["app", "persona", "-id"], name="sandbox_payments_of_an_app"),
            models.Index(fields=["settles_at"], condition=Q(status="PENDING"), name="sandbox_payments_under_way"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    def status_at(self, at: datetime) -> str:
        """Where it stands, as OBP says it. What was not answered in time has failed."""
        is_late = self.status == self.Status.INITIATED and self.expires_at <= at
        return str(self.Status.FAILED if is_late else self.status)

    @property
    def facts(self) -> dict[str, Any]:
        """For the audit."""
        return {"app": str(self.app.public_id), "payment": str(self.public_id), "amount": str(self.amount)}
