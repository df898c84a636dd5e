"""Interest on savings: dated terms in slices, the tax withheld, what each account has earned, and what it was paid."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.account import Account, Product
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only


class Basis(models.TextChoices):
    """Which balance earns."""

    DAILY = "DAILY", _("Each day's closing balance")
    AVERAGE = "AVERAGE", _("The average balance of the month")


class InterestTerms(models.Model):
    """What a product pays from a day on. A row once written stays; a later one follows it."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="interest_terms", db_index=False)
    valid_from = models.DateField()
    basis = models.CharField(max_length=7, choices=Basis.choices, default=Basis.DAILY)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "valid_from"], name="one_change_of_interest_a_day"),
            models.CheckConstraint(condition=Q(basis__in=Basis.values), name="interest_basis_is_known"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.product_id} {self.basis} {self.valid_from}"


class InterestTier(models.Model):
    """One slice of the balance, from an amount (minor units) up to the next slice, at its yearly rate."""

    terms = models.ForeignKey(InterestTerms, on_delete=models.PROTECT, related_name="tiers", db_index=False)
    from_minor = models.BigIntegerField(default=0)
    rate = models.DecimalField(max_digits=6, decimal_places=5, help_text=_("0.07500 is 7.5 % a year"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["terms", "from_minor"], name="one_slice_at_each_amount"),
            models.CheckConstraint(
                condition=Q(from_minor__gte=0, rate__gte=0, rate__lt=1), name="a_slice_earns_at_a_rate"
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.from_minor}: {self.rate}"


class WithholdingRate(models.Model):
    """The share of interest that the bank pays to the revenue authority for a resident, from a day on."""

    rate = models.DecimalField(max_digits=6, decimal_places=5)
    valid_from = models.DateField(unique=True)
    source = models.CharField(max_length=160, help_text=_("The law that says so"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lt=1), name="withholding_rate_is_a_rate"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.rate} {self.valid_from}"


class AccruedInterest(models.Model):
    """What an account has earned and was not paid yet, in parts of a cent (`rules.interest`).

    The running segment (days with the same terms; a month of an average, a day of a daily balance) is kept as the sum
    of its balances, so that an average is never rounded.
    """

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True, related_name="accrued")
    parts = models.DecimalField(max_digits=30, decimal_places=0, default=0)
    terms = models.ForeignKey(InterestTerms, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    days = models.IntegerField(default=0)
    balance_days = models.DecimalField(max_digits=30, decimal_places=0, default=0)
    segment_parts = models.DecimalField(max_digits=30, decimal_places=0, default=0)
    through = models.DateField(help_text=_("The last day that was reckoned"))

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(parts__gte=0, days__gte=0, balance_days__gte=0, segment_parts__gte=0),
                name="interest_earned_is_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.parts}"


class InterestDay(models.Model):
    """A day whose interest was reckoned for every account of a currency, once; `minor` is what the books took up."""

    day = models.DateField()
    currency = models.CharField(max_length=8)
    accounts = models.IntegerField()
    minor = models.BigIntegerField()
    transfer_id = models.BigIntegerField(null=True)
    done_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["day", "currency"], name="a_days_interest_is_reckoned_once")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.day} {self.currency}: {self.minor}"


class PaidBecause(models.TextChoices):
    """Why interest was paid on that day."""

    MONTH = "MONTH", _("End of the month")
    CLOSING = "CLOSING", _("Account closed")
    MATURITY = "MATURITY", _("End of the term")
    BROKEN = "BROKEN", _("Taken out early")


class InterestPayment(models.Model):
    """Interest paid into an account, gross, with the tax withheld from it (minor units)."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="interest_payments", db_index=False)
    paid_for = models.DateField(help_text=_("The last day it was earned on"))
    because = models.CharField(max_length=8, choices=PaidBecause.choices)
    gross_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    transfer_id = models.BigIntegerField()
    paid_at = models.DateTimeField()

    gross = MoneyOf("gross_minor")
    tax = MoneyOf("tax_minor")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["account", "paid_for"], name="interest_to_a_day_is_paid_once"),
            models.CheckConstraint(
                condition=Q(gross_minor__gt=0, tax_minor__gte=0, tax_minor__lt=F("gross_minor")),
                name="interest_is_more_than_its_tax",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.account_id} {self.paid_for}: {self.gross_minor}"


class InterestReturn(models.Model):
    """Interest that was paid wrongly, taken back with its tax; `owed_minor` of it was earned and is paid later."""

    payment = models.OneToOneField(InterestPayment, on_delete=models.PROTECT, related_name="taken_back")
    owed_minor = models.BigIntegerField()
    transfer_id = models.BigIntegerField(help_text=_("The transfer that answers the payment"))
    unearned_transfer_id = models.BigIntegerField(null=True, help_text=_("By which the bank owes the rest no more"))
    reason = models.CharField(max_length=200)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    allowed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(owed_minor__gte=0), name="interest_still_owed_is_not_negative"),
            models.CheckConstraint(condition=~Q(asked_by=F("allowed_by")), name="no_one_takes_interest_back_alone"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.payment_id}: {self.owed_minor} still owed"
