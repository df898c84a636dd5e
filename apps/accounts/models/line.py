"""What a holder reads: lines, the limits they used, statements."""

import uuid
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.account import Account
from apps.kernel.money import DECIMALS, MoneyOf
from apps.kernel.triggers import append_only
from apps.users.models import BusinessProfile, User


class TransactionType(models.TextChoices):
    """Why money moved."""

    INTERNAL_TRANSFER = "INTERNAL_TRANSFER", _("Between own accounts")
    EXTERNAL_TRANSFER = "EXTERNAL_TRANSFER", _("To another bank")
    P2P_TRANSFER = "P2P_TRANSFER", _("Sent to a person")
    QR_PAYMENT = "QR_PAYMENT", _("Paid by QR")
    BILL_PAYMENT = "BILL_PAYMENT", _("Bill")
    MOBILE_MONEY = "MOBILE_MONEY", _("Mobile money")
    INTERNATIONAL_REMITTANCE = "INTERNATIONAL_REMITTANCE", _("Sent abroad")
    CARD_PAYMENT = "CARD_PAYMENT", _("Card")
    MERCHANT_PAYMENT = "MERCHANT_PAYMENT", _("Shop")
    DEPOSIT = "DEPOSIT", _("Deposit")
    DISBURSEMENT = "DISBURSEMENT", _("Loan paid out")
    LOAN_REPAYMENT = "LOAN_REPAYMENT", _("Loan repayment")
    WITHDRAWAL = "WITHDRAWAL", _("Withdrawal")
    SALARY = "SALARY", _("Salary")
    AIRTIME = "AIRTIME", _("Airtime")
    FEE = "FEE", _("Fee")
    EXCISE_DUTY = "EXCISE_DUTY", _("Excise duty")
    INTEREST = "INTEREST", _("Interest")
    REFUND = "REFUND", _("Refund")
    REVERSAL = "REVERSAL", _("Reversal")
    EXCHANGE = "EXCHANGE", _("Exchange")
    SETTLEMENT = "SETTLEMENT", _("Sales paid out")
    WITHHOLDING_TAX = "WITHHOLDING_TAX", _("Withholding tax")
    AUTO_TRANSFER = "AUTO_TRANSFER", _("Saved by itself")
    CONTRIBUTION = "CONTRIBUTION", _("Paid into a group")
    PAYOUT = "PAYOUT", _("From a group")
    UNCLAIMED = "UNCLAIMED", _("Unclaimed assets")


def _minor(amount: Decimal, places: int, rounding: str) -> int:
    return min(int(amount.scaleb(places).to_integral_value(rounding)), 2**62)


class TransactionQuerySet(models.QuerySet["Transaction"]):
    """Lines by whose they are."""

    def owned_by(self, user: Any) -> "TransactionQuerySet":
        """Of one's own accounts."""
        return self.filter(account__owner_id=user.pk)

    def held_by(self, user: Any) -> "TransactionQuerySet":
        """Of one's own accounts, and of those of the businesses one belongs to."""
        mine = BusinessProfile.objects.visible_to(user).values("party")
        return self.filter(Q(account__owner_id=user.pk) | Q(account__owner__in=mine))

    def acted_for_by(self, user: Any) -> "TransactionQuerySet":
        """Of one's own accounts, and of those of the businesses one signs for."""
        mine = BusinessProfile.objects.signed_by(user).values("party")
        return self.filter(Q(account__owner_id=user.pk) | Q(account__owner__in=mine))

    def of_size(self, *, least: Decimal | None = None, most: Decimal | None = None) -> "TransactionQuerySet":
        """Of at least and at most so much, its sign left out, in major units of each line's own currency."""
        fits = Q()
        for places in sorted(set(DECIMALS.values())):
            alike = Q(currency__in=[code for code, digits in DECIMALS.items() if digits == places])
            if least is not None:
                minor = _minor(least, places, ROUND_CEILING)
                alike &= Q(amount_minor__gte=minor) | Q(amount_minor__lte=-minor)
            if most is not None:
                minor = _minor(most, places, ROUND_FLOOR)
                alike &= Q(amount_minor__range=(-minor, minor))
            fits |= alike
        return self.filter(fits)

    def visible_to(self, user: User) -> "TransactionQuerySet":
        """One's own and of one's businesses; for staff with the right, everyone's."""
        return self.all() if user.has_perm("accounts.view_transactions") else self.held_by(user)


class Transaction(models.Model):
    """One line of an account: the holder's reading of one leg in the books. `amount_minor` is signed: in +, out −."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lines", db_index=False)
    transfer_id = models.BigIntegerField(help_text=_("The transfer in the books"))
    seq = models.BigIntegerField(help_text=_("The line's place among all lines of the account"))
    txn_type = models.CharField(max_length=24, choices=TransactionType.choices)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    running_balance_minor = models.BigIntegerField()
    description = models.CharField(max_length=140)
    counterparty = models.CharField(max_length=140, blank=True, default="")
    merchant = models.CharField(max_length=100, blank=True, default="")
    mcc = models.CharField(
        max_length=4, blank=True, default="", help_text=_("Merchant category code (ISO 18245) of the shop")
    )
    category = models.CharField(max_length=40, blank=True, default="")
    reference = models.CharField(max_length=120)
    booked_on = models.DateField()
    posted_at = models.DateTimeField()

    amount = MoneyOf("amount_minor")
    running_balance = MoneyOf("running_balance_minor")

    objects = TransactionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "seq"], name="one_line_per_leg"),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="a_line_moves_something"),
        ]
        indexes = [
            # Rising, though pages show the newest first: an account's lines fill the index's pages that way.
            models.Index(fields=["account", "id"], name="lines_newest_first"),
            models.Index(fields=["account", "booked_on"], name="lines_by_day"),
            models.Index(fields=["transfer_id"], name="lines_of_a_transfer"),
        ]

    def __str__(self) -> str:
        return f"{self.description} {self.amount}"

    @property
    def is_out(self) -> bool:
        """Money that left."""
        return self.amount_minor < 0


class LargePaymentFloor(models.Model):
    """From which amount on money that leaves an account is much, from a day on (minor units of the home currency)."""

    amount_minor = models.BigIntegerField()
    valid_from = models.DateField(unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="a_large_payment_is_more_than_nothing")
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.valid_from}: {self.amount_minor}"


class LimitUse(models.Model):
    """How much of the daily limit a customer has used (minor units of `currency`)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    on_date = models.DateField()
    currency = models.CharField(max_length=8)
    used_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "on_date", "currency"], name="one_use_a_day"),
            models.CheckConstraint(condition=Q(used_minor__gte=0), name="limit_use_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.on_date}: {self.used_minor}"


class Statement(models.Model):
    """A statement that was made: what it said, as a hash, so that anyone holding it can have it checked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="statements")
    from_date = models.DateField()
    to_date = models.DateField()
    opening_minor = models.BigIntegerField()
    closing_minor = models.BigIntegerField()
    lines = models.IntegerField()
    after_seq = models.BigIntegerField()
    upto_seq = models.BigIntegerField()
    seal = models.CharField(max_length=64, help_text=_("SHA-256 of the statement's content"))
    is_monthly = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    opening, closing = MoneyOf("opening_minor"), MoneyOf("closing_minor")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "from_date", "to_date"], condition=Q(is_monthly=True), name="one_statement_a_month"
            ),
            models.CheckConstraint(condition=Q(from_date__lte=models.F("to_date")), name="a_statement_goes_forward"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.from_date} – {self.to_date}"

    @property
    def currency(self) -> str:
        """The account's."""
        return self.account.currency
