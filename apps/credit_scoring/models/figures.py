"""The bank's own figures for credit, each from a day on and with its source. A row once written stays."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.credit_scoring.rules import factors
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only


class Dated(models.Model):
    """Valid from a day on, until a later row; `source` says who decided or where it stands written."""

    valid_from = models.DateField()
    source = models.CharField(max_length=200)

    class Meta:
        abstract = True


class FactorWeight(Dated):
    """How much one of the five factors weighs, of 100 together."""

    factor = models.CharField(max_length=20, choices=[(code, code) for code in factors.WEIGHTS])
    weight = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["factor", "valid_from"], name="one_weight_a_day"),
            models.CheckConstraint(condition=Q(factor__in=list(factors.WEIGHTS)), name="factor_is_known"),
            models.CheckConstraint(condition=Q(weight__gte=0, weight__lte=100), name="weight_is_a_share_of_100"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.factor} {self.weight} {self.valid_from}"


class DecisionLine(Dated):
    """Decision scores: above `approve_above` a machine may say yes; at `reject_upto` or below it says no."""

    approve_above = models.PositiveSmallIntegerField(default=600)
    reject_upto = models.PositiveSmallIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["valid_from"], name="one_decision_line_a_day"),
            models.CheckConstraint(
                condition=Q(reject_upto__lte=F("approve_above"), approve_above__lte=1000), name="lines_are_in_order"
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.reject_upto}/{self.approve_above} {self.valid_from}"


class LoanLimitRule(Dated):
    """The retail limit: a share of the average deposit; `first_loan_minor` (of `currency`) where there was none."""

    deposit_share = models.DecimalField(max_digits=5, decimal_places=4, help_text=_("0.8 of the average deposit"))
    first_loan_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8, default="KES")

    first_loan = MoneyOf("first_loan_minor")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["valid_from", "currency"], name="one_loan_limit_rule_a_day"),
            models.CheckConstraint(
                condition=Q(deposit_share__gt=0, deposit_share__lte=10, first_loan_minor__gte=0),
                name="loan_limit_is_not_negative",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.deposit_share} {self.valid_from}"


class PricingRule(Dated):
    """What a recommended yearly rate is made of, and its bounds; for one product, or (empty) for all others."""

    RATES: ClassVar[tuple[str, ...]] = ("cost_of_funds", "operating_cost", "margin", "loss_given_default")

    product = models.CharField(max_length=20, blank=True, default="", help_text=_("A loan product's code"))
    cost_of_funds = models.DecimalField(max_digits=6, decimal_places=5)
    operating_cost = models.DecimalField(max_digits=6, decimal_places=5)
    margin = models.DecimalField(max_digits=6, decimal_places=5)
    loss_given_default = models.DecimalField(max_digits=6, decimal_places=5)
    floor_rate = models.DecimalField(max_digits=6, decimal_places=5)
    cap_rate = models.DecimalField(max_digits=6, decimal_places=5)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["product", "valid_from"], name="one_price_a_day"),
            models.CheckConstraint(
                condition=Q(
                    cost_of_funds__gte=0,
                    operating_cost__gte=0,
                    margin__gte=0,
                    loss_given_default__gte=0,
                    loss_given_default__lte=1,
                    floor_rate__gte=0,
                    floor_rate__lte=F("cap_rate"),
                ),
                name="a_price_is_not_negative",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.product or '*'} {self.floor_rate}–{self.cap_rate} {self.valid_from}"


class ArrearsRate(Dated):
    """The chance that a loan this many days late fails within 90 days, whatever its score."""

    days_from = models.PositiveSmallIntegerField()
    probability = models.DecimalField(max_digits=6, decimal_places=5)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["days_from", "valid_from"], name="one_arrears_rate_a_day"),
            models.CheckConstraint(
                condition=Q(probability__gte=0, probability__lte=1), name="arrears_rate_is_a_probability"
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.days_from}+ {self.probability} {self.valid_from}"
