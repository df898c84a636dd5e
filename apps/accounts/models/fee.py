"""What things cost: dated tariffs in bands, and the duty on fees. A row once written stays; a later one follows it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.account import Product
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only


class ChargedFor(models.TextChoices):
    """The act that is charged. Those of payments carry the name of their kind."""

    MONTHLY = "MONTHLY", _("Each month")
    CASH_WITHDRAWAL = "CASH_WITHDRAWAL", _("Cash over the counter")
    P2P_TRANSFER = "P2P_TRANSFER", _("Sending inside KitBank")
    QR_PAYMENT = "QR_PAYMENT", _("Paying by QR")
    MOBILE_MONEY = "MOBILE_MONEY", _("Sending to M-Pesa")
    BILL_PAYMENT = "BILL_PAYMENT", _("Paying a bill")
    MERCHANT_PAYMENT = "MERCHANT_PAYMENT", _("Paying a till")
    MERCHANT_FEE = "MERCHANT_FEE", _("Taking payments as a shop")
    AIRTIME = "AIRTIME", _("Airtime")
    EXTERNAL_TRANSFER = "EXTERNAL_TRANSFER", _("Sending to another bank")
    INTERNATIONAL_REMITTANCE = "INTERNATIONAL_REMITTANCE", _("Sending abroad")


class DutyClass(models.TextChoices):
    """What excise duty calls a fee."""

    MONEY_TRANSFER = "MONEY_TRANSFER", _("Money transfer")
    OTHER = "OTHER", _("Other fees")


class DutyRate(models.Model):
    """Excise duty on fees from a day on: 0.15 is 15 % on top of the fee."""

    duty_class = models.CharField(max_length=14, choices=DutyClass.choices)
    rate = models.DecimalField(max_digits=6, decimal_places=5)
    valid_from = models.DateField()
    source = models.CharField(max_length=140, help_text=_("The law that says so"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["duty_class", "valid_from"], name="one_duty_rate_a_day"),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lt=1), name="duty_rate_is_a_rate"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.duty_class} {self.rate} {self.valid_from}"


class FeeRule(models.Model):
    """What an act costs from a day on; for one product, or with none for all that have no rule of their own."""

    charged_for = models.CharField(max_length=24, choices=ChargedFor.choices)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, blank=True, related_name="fee_rules")
    channel = models.CharField(max_length=10, blank=True, default="", help_text=_("Empty: whatever the channel"))
    currency = models.CharField(max_length=8)
    valid_from = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["charged_for", "currency", "product", "channel", "valid_from"],
                nulls_distinct=False,
                name="one_fee_rule_a_day",
            ),
            models.CheckConstraint(condition=Q(charged_for__in=ChargedFor.values), name="fee_is_for_a_known_act"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.charged_for} {self.currency} {self.valid_from}"


class FeeBand(models.Model):
    """What one range of amounts is charged: flat plus a share, within bounds (minor units); duty comes on top."""

    rule = models.ForeignKey(FeeRule, on_delete=models.PROTECT, related_name="bands", db_index=False)
    upto_minor = models.BigIntegerField(null=True, help_text=_("The largest amount of the band; none: no end"))
    flat_minor = models.BigIntegerField(default=0)
    rate = models.DecimalField(max_digits=7, decimal_places=5, default=0)
    least_minor = models.BigIntegerField(default=0)
    most_minor = models.BigIntegerField(null=True)

    upto, flat = MoneyOf("upto_minor"), MoneyOf("flat_minor")
    least, most = MoneyOf("least_minor"), MoneyOf("most_minor")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "upto_minor"], nulls_distinct=False, name="one_band_per_end"),
            models.CheckConstraint(
                condition=Q(flat_minor__gte=0, least_minor__gte=0, rate__gte=0, rate__lt=1)
                & (Q(most_minor=None) | Q(most_minor__gte=F("least_minor")))
                & (Q(upto_minor=None) | Q(upto_minor__gt=0)),
                name="a_fee_is_not_negative",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.rule_id}: {self.upto_minor}"

    @property
    def currency(self) -> str:
        """The rule's."""
        return self.rule.currency
