"""Shops that are paid by code: the merchant, its counters, what it asks for, and what it was paid out each day."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only
from apps.users.models import BusinessMember, BusinessProfile, BusinessRole


class Trade(models.TextChoices):
    """What a shop sells, by its merchant category code (ISO 18245)."""

    GROCERIES = "5411", _("Groceries")
    RESTAURANT = "5812", _("Restaurant")
    FAST_FOOD = "5814", _("Fast food")
    CHEMIST = "5912", _("Chemist")
    CLOTHES = "5651", _("Clothes")
    HARDWARE = "5251", _("Hardware")
    ELECTRONICS = "5732", _("Electronics")
    FUEL = "5541", _("Petrol station")
    TRANSPORT = "4121", _("Taxi or boda")
    HAIR = "7230", _("Hair and beauty")
    REPAIRS = "7538", _("Garage")
    SCHOOL = "8299", _("School")
    HEALTH = "8062", _("Hospital or clinic")
    FARM = "0763", _("Farm produce")
    OTHER = "5999", _("Other shop")


class MerchantStatus(models.TextChoices):
    """Whether it can be paid."""

    ACTIVE = "ACTIVE", _("Open")
    SUSPENDED = "SUSPENDED", _("Stopped by the bank")
    CLOSED = "CLOSED", _("Closed")


class SaleAlerts(models.TextChoices):
    """Of which sales a shop hears by SMS."""

    LARGE = "LARGE", _("Of large sales")
    EVERY = "EVERY", _("Of every sale")
    NONE = "NONE", _("Of none")


class SaleAlertFloor(models.Model):
    """From which amount on a sale is a large one, from a day on (minor units of `currency`)."""

    currency = models.CharField(max_length=8, default="KES")
    amount_minor = models.BigIntegerField()
    valid_from = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["currency", "valid_from"], name="one_sale_alert_floor_a_day"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="a_large_sale_is_more_than_nothing"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.currency} {self.valid_from}: {self.amount_minor}"


class MerchantQuerySet(models.QuerySet["Merchant"]):
    """Merchants by whose they are."""

    def visible_to(self, user: Any) -> "MerchantQuerySet":
        """One's own, and those of businesses one belongs to."""
        return self.filter(Q(owner_id=user.pk) | Q(business_id__in=_businesses(user, BusinessRole.values)))

    def run_by(self, user: Any) -> "MerchantQuerySet":
        """Those one may act for: one's own, and those of businesses one signs for."""
        signs = [BusinessRole.OWNER, BusinessRole.SIGNATORY]
        return self.filter(Q(owner_id=user.pk) | Q(business_id__in=_businesses(user, signs)))


def _businesses(user: Any, roles: list[Any]) -> Any:
    present = BusinessMember.objects.filter(user_id=user.pk, role__in=roles, left_at=None, business__closed_at=None)
    return present.values("business_id")


class Merchant(models.Model):
    """A shop of a customer or of a business. What it takes is paid into its settlement account the next day."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    business = models.ForeignKey(BusinessProfile, on_delete=models.PROTECT, null=True, related_name="+")
    trading_name = models.CharField(max_length=25, help_text=_("As payers read it; a code holds 25 letters"))
    mcc = models.CharField(max_length=4, choices=Trade.choices, help_text=_("Merchant category code (ISO 18245)"))
    town = models.CharField(max_length=15)
    till = models.CharField(max_length=8, unique=True, help_text=_("Its number in KE-QR codes"))
    settlement_account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=8)
    status = models.CharField(max_length=9, choices=MerchantStatus.choices, default=MerchantStatus.ACTIVE)
    alerts = models.CharField(max_length=5, choices=SaleAlerts.choices, default=SaleAlerts.LARGE)
    key = models.CharField(max_length=120, help_text=_("The form, counted once"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects = MerchantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["created_by", "key"], name="a_merchant_form_counts_once"),
            models.CheckConstraint(
                condition=Q(owner=None, business__isnull=False) | Q(owner__isnull=False, business=None),
                name="a_merchant_has_one_owner",
            ),
            models.CheckConstraint(condition=Q(till__regex=r"^8[0-9]{7}$"), name="a_merchants_number_has_eight_digits"),
            models.CheckConstraint(condition=Q(mcc__regex=r"^[0-9]{4}$"), name="a_category_has_four_digits"),
            models.CheckConstraint(condition=~Q(trading_name="") & ~Q(town=""), name="a_merchant_has_name_and_town"),
            models.CheckConstraint(
                condition=Q(status__in=["ACTIVE", "SUSPENDED"], closed_at=None)
                | Q(status="CLOSED", closed_at__isnull=False),
                name="closed_merchants_have_a_time",
            ),
            models.CheckConstraint(condition=Q(alerts__in=SaleAlerts.values), name="sale_alerts_are_known"),
        ]

    def __str__(self) -> str:
        return f"{self.trading_name} {self.till}"


class PosTerminal(models.Model):
    """A counter or a device of a merchant; `code` stands in the codes it shows."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="terminals", db_index=False)
    label = models.CharField(max_length=40)
    code = models.CharField(max_length=8)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "code"], name="a_terminal_code_stands_once"),
            models.CheckConstraint(condition=Q(code__regex="^[A-Z0-9]{1,8}$"), name="a_terminal_code_can_be_read"),
            models.CheckConstraint(condition=~Q(label=""), name="a_terminal_has_a_label"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.code}"


class SaleStatus(models.TextChoices):
    """Where a sale stands."""

    OPEN = "OPEN", _("Waiting to be paid")
    PAID = "PAID", _("Paid")
    VOIDED = "VOIDED", _("Taken back")
    EXPIRED = "EXPIRED", _("Run out")


class PosSaleQuerySet(models.QuerySet["PosSale"]):
    """Sales by what may be done with them."""

    def payable(self, at: datetime) -> "PosSaleQuerySet":
        """Open, in time, and paid by nobody yet."""
        return self.filter(status=SaleStatus.OPEN, payment=None, expires_at__gt=at)


class PosSale(models.Model):
    """An amount a merchant asks for by a code that is paid once (minor units).

    `payment` is the one that claimed it: while it is held the sale stays OPEN and nobody else can pay it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="sales", db_index=False)
    terminal = models.ForeignKey(PosTerminal, on_delete=models.PROTECT, null=True, related_name="sales")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    note = models.CharField(max_length=40, blank=True, default="")
    reference = models.CharField(max_length=12, unique=True)
    status = models.CharField(max_length=7, choices=SaleStatus.choices, default=SaleStatus.OPEN)
    payment = models.OneToOneField("payments.Payment", on_delete=models.PROTECT, null=True, related_name="claimed_sale")
    key = models.CharField(max_length=120, help_text=_("The form, counted once"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)

    amount = MoneyOf("amount_minor")

    objects = PosSaleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "key"], name="a_sale_form_counts_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="a_sale_asks_for_something"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="a_sale_can_be_paid_for_a_while"),
            models.CheckConstraint(
                condition=Q(status="OPEN", over_at=None)
                | Q(status="PAID", over_at__isnull=False, payment__isnull=False)
                | Q(status__in=["VOIDED", "EXPIRED"], over_at__isnull=False, payment=None),
                name="a_sale_is_paid_or_over",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "-id"], name="sales_of_a_merchant"),
            models.Index(fields=["expires_at"], condition=Q(status="OPEN"), name="sales_by_end"),
        ]

    def __str__(self) -> str:
        return self.reference


class Settlement(models.Model):
    """What a merchant was paid out for one day, in one line: sales less refunds, fee and duty (minor units).

    Its transfer in the books is `settlements/<id>`; nothing is posted when nothing is left. Refunds are those made
    before it; what is given back later comes from the account it was paid into.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="settlements", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    reference = models.CharField(max_length=12, unique=True)
    sales_count = models.IntegerField()
    sales_minor = models.BigIntegerField()
    refunds_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    duty_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    created_at = models.DateTimeField()

    sales = MoneyOf("sales_minor")
    refunds = MoneyOf("refunds_minor")
    fee = MoneyOf("fee_minor")
    duty = MoneyOf("duty_minor")
    net = MoneyOf("net_minor")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "day"], name="a_merchant_is_settled_once_a_day"),
            models.CheckConstraint(
                condition=Q(
                    sales_count__gt=0,
                    sales_minor__gt=0,
                    refunds_minor__gte=0,
                    fee_minor__gte=0,
                    duty_minor__gte=0,
                    net_minor__gte=0,
                    sales_minor=F("refunds_minor") + F("fee_minor") + F("duty_minor") + F("net_minor"),
                ),
                name="a_settlement_adds_up",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return self.reference
