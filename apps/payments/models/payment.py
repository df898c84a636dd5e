"""A payment from intent to receipt."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.fees import Charge, income_of
from apps.accounts.models import Account, TransactionType
from apps.fx.models import Quote
from apps.kernel.fields import EncryptedJSON, EncryptedText
from apps.kernel.money import Money, MoneyOf


class PaymentStatus(models.TextChoices):
    """Where a payment stands."""

    AWAITING_CONFIRMATION = "AWAITING_CONFIRMATION", _("Waiting for you to confirm")
    HELD = "HELD", _("Held for a moment")
    PENDING = "PENDING", _("On its way")
    CHECKING = "CHECKING", _("We are checking")
    COMPLETED = "COMPLETED", _("Done")
    FAILED = "FAILED", _("Not sent")
    CANCELLED = "CANCELLED", _("Cancelled")
    REVERSED = "REVERSED", _("Sent back")


class HeldBecause(models.TextChoices):
    """Why a confirmed payment waits with its money set aside."""

    NEW_PAYEE = "NEW_PAYEE", _("First large payment to someone new")
    REVIEW = "REVIEW", _("Looked at by the bank")


class Door(models.TextChoices):
    """By which door a payment was begun, where that changes what proves it and how much may leave in a day."""

    ANY = "", _("App or browser")
    USSD = "USSD", "USSD"


class PaymentQuerySet(models.QuerySet["Payment"]):
    """Payments by whose they are."""

    def owned_by(self, user: Any) -> "PaymentQuerySet":
        """Made by this person."""
        return self.filter(payer_id=user.pk)

    def completed(self) -> "PaymentQuerySet":
        """Those that moved money."""
        return self.filter(status=PaymentStatus.COMPLETED)


class Payment(models.Model):
    """Money one customer means to move: to an account of this bank, or by a rail to somewhere outside it.

    Amounts are minor units of `currency`. `fee_minor` is the bank's, `duty_minor` the excise duty on it; both come on
    top of `amount_minor` and are what was quoted before the payer confirmed.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=24, choices=TransactionType.choices)
    status = models.CharField(max_length=21, choices=PaymentStatus.choices, default=PaymentStatus.AWAITING_CONFIRMATION)
    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payments", db_index=False
    )
    from_account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="payments_out")
    to_account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="payments_in")
    rail = models.CharField(max_length=12, default="internal", help_text=_("What carries it"))
    destination = EncryptedJSON(help_text=_("Where the rail takes it: phone, paybill, bank account"))
    payee_name = models.CharField(max_length=140, help_text=_("The name the payer was shown"))
    payee_address = EncryptedText(null=True, help_text=_("Phone or account number, as it is shown"))
    payee_key = models.CharField(max_length=80, default="", help_text=_("Who it is, to know them again"))
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(default=0)
    duty_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=8)
    note = models.CharField(max_length=80, blank=True, default="")
    key = models.CharField(max_length=120, help_text=_("The payer's form or request, counted once"))
    qr_code = models.ForeignKey(
        "payments.QrCode", on_delete=models.PROTECT, null=True, related_name="payments", db_index=False
    )
    request = models.ForeignKey(
        "payments.PaymentRequest", on_delete=models.PROTECT, null=True, related_name="payments", db_index=False
    )
    merchant = models.ForeignKey(
        "payments.Merchant",
        on_delete=models.PROTECT,
        null=True,
        related_name="takings",
        help_text=_("The shop that is paid; its money waits for the day's settlement"),
        db_index=False,
    )
    sale = models.ForeignKey(
        "payments.PosSale", on_delete=models.PROTECT, null=True, related_name="payments", db_index=False
    )
    settlement = models.ForeignKey(
        "payments.Settlement", on_delete=models.PROTECT, null=True, related_name="takings", db_index=False
    )
    quote = models.OneToOneField(
        Quote, on_delete=models.PROTECT, null=True, related_name="+", help_text=_("The price of an exchange, used once")
    )
    channel = models.CharField(max_length=4, choices=Door.choices, blank=True, default="")
    challenge = models.UUIDField(null=True)
    is_limited = models.BooleanField(default=True, help_text=_("Counts against the limits of its payer's tier"))
    hold_id = models.BigIntegerField(null=True, help_text=_("What was set aside in the books"))
    held_because = models.CharField(max_length=9, choices=HeldBecause.choices, blank=True, default="")
    held_until = models.DateTimeField(null=True)
    transfer_id = models.BigIntegerField(null=True)
    provider_reference = models.CharField(max_length=64, blank=True, default="")
    reference = models.CharField(max_length=12, unique=True)
    failed_because = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True, help_text=_("When a worker took it to its rail"))
    asked_at = models.DateTimeField(null=True, help_text=_("When its rail was last asked what became of it"))
    completed_at = models.DateTimeField(null=True)

    amount = MoneyOf("amount_minor")
    fee = MoneyOf("fee_minor")
    duty = MoneyOf("duty_minor")

    objects = PaymentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payer", "key"], name="a_payment_form_counts_once"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, fee_minor__gte=0, duty_minor__gte=0), name="a_payment_pays_something"
            ),
            models.CheckConstraint(condition=~Q(from_account=F("to_account")), name="no_payment_to_the_same_account"),
            models.CheckConstraint(condition=Q(status__in=PaymentStatus.values), name="payment_status_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=["COMPLETED", "REVERSED"], transfer_id__isnull=False, completed_at__isnull=False)
                | (~Q(status__in=["COMPLETED", "REVERSED"]) & Q(transfer_id=None, completed_at=None)),
                name="completed_payments_are_in_the_books",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["HELD", "PENDING", "CHECKING"]) | Q(hold_id__isnull=False),
                name="what_is_under_way_is_set_aside",
            ),
            models.CheckConstraint(
                condition=Q(rail="internal", to_account__isnull=False, merchant=None)
                | Q(rail="internal", to_account=None, merchant__isnull=False)
                | (~Q(rail="internal") & Q(to_account=None, merchant=None)),
                name="a_payment_goes_to_an_account_a_shop_or_by_a_rail",
            ),
            models.CheckConstraint(condition=Q(sale=None) | Q(merchant__isnull=False), name="a_sale_is_of_a_merchant"),
            models.CheckConstraint(
                condition=Q(settlement=None) | Q(merchant__isnull=False, status__in=["COMPLETED", "REVERSED"]),
                name="only_takings_are_settled",
            ),
            models.CheckConstraint(
                condition=Q(kind="EXCHANGE", quote__isnull=False)
                | Q(kind="INTERNATIONAL_REMITTANCE")
                | (~Q(kind="EXCHANGE") & Q(quote=None)),
                name="an_exchange_has_its_quote",
            ),
            models.CheckConstraint(
                condition=~Q(rail="abroad") | Q(kind="INTERNATIONAL_REMITTANCE", quote__isnull=False),
                name="money_abroad_has_its_rate",
            ),
            models.CheckConstraint(
                condition=Q(status="HELD", held_because__in=HeldBecause.values) | ~Q(status="HELD"),
                name="a_held_payment_says_why",
            ),
            models.CheckConstraint(condition=Q(channel__in=Door.values), name="payment_channel_is_known"),
        ]
        indexes = [
            models.Index(fields=["payer", "-id"], name="payments_of_a_person"),
            models.Index(fields=["payer", "payee_key"], name="payments_to_a_payee"),
            models.Index(fields=["transfer_id"], name="payments_by_transfer"),
            models.Index(
                fields=["merchant", "completed_at"], condition=Q(merchant__isnull=False), name="payments_to_a_merchant"
            ),
            models.Index(
                fields=["merchant", "id"],
                condition=Q(merchant__isnull=False, settlement=None, status__in=["COMPLETED", "REVERSED"]),
                name="payments_to_settle",
            ),
            *(
                models.Index(fields=[name], condition=Q(**{f"{name}__isnull": False}), name=f"payments_by_{name}")
                for name in ("qr_code", "request", "sale", "settlement")
            ),
            models.Index(
                fields=["status", "sent_at"],
                condition=Q(status__in=["HELD", "PENDING", "CHECKING"]),
                name="payments_under_way",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_inside(self) -> bool:
        """Whether it stays in this bank: to an account or to a shop; else a rail carries it out."""
        return self.rail == "internal"

    @property
    def total(self) -> Money:
        """What leaves the account: amount, fee and duty."""
        return Money(self.amount_minor + self.fee_minor + self.duty_minor, self.currency)

    @property
    def charge(self) -> Charge:
        """The fee and the duty as they were quoted."""
        return Charge(self.fee, self.duty, income_of(self.kind))
