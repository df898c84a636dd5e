"""What the bank lends on which terms: a product, the dated versions of its terms, and what each charges."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only
from apps.lending.models.choices import (
    Amortisation,
    DayCount,
    InterestMethod,
    LoanFeeKind,
    Owed,
    Purpose,
    RatePer,
    Rounding,
    Unit,
)


class LossTable(models.Model):
    """A regulator's way to class loans by days late. Its bands are dated rows with their source."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.name


class LossBand(models.Model):
    """From `from_days` late on, until the next band, a loan is of class `code`; `rate` of it is provided for."""

    table = models.ForeignKey(LossTable, on_delete=models.PROTECT, related_name="bands", db_index=False)
    code = models.CharField(max_length=20)
    from_days = models.PositiveIntegerField()
    rate = models.DecimalField(max_digits=6, decimal_places=5)
    valid_from = models.DateField()
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["table", "from_days", "valid_from"], name="one_loss_band_per_day"),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lte=1), name="loss_rate_is_a_share"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.table_id} {self.code} {self.rate}"


class AgeingRule(models.Model):
    """From how many days late on a loan is of a worse stage, and how long it must be paid on time to leave one again.

    Later than `stage_2_after` days is stage 2; later than `non_performing_after` is stage 3, and no income is taken any
    more. A late loan that gets other terms keeps its class and stage for `cure_days` of payments on time.
    """

    stage_2_after = models.PositiveSmallIntegerField()
    non_performing_after = models.PositiveSmallIntegerField()
    cure_days = models.PositiveSmallIntegerField()
    valid_from = models.DateField(unique=True)
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(stage_2_after__lt=F("non_performing_after")), name="stage_3_is_later_than_stage_2"
            )
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.stage_2_after} / {self.non_performing_after} / {self.cure_days}"


class ReferenceRate(models.Model):
    """A published rate a year that others add a margin to, from a day on: 0.0975 is 9.75 %."""

    code = models.CharField(max_length=20)
    rate = models.DecimalField(max_digits=8, decimal_places=6)
    valid_from = models.DateField()
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="one_reference_rate_a_day"),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lt=1), name="reference_rate_is_a_rate"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.code} {self.rate} {self.valid_from}"


class LoanProduct(models.Model):
    """A kind of loan the bank offers; its terms are versions, so a change never touches a loan that runs."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    name_sw = models.CharField(max_length=60)
    about = models.CharField(max_length=200)
    about_sw = models.CharField(max_length=200)
    purposes = ArrayField(models.CharField(max_length=10, choices=Purpose.choices))
    currency = models.CharField(max_length=8, default="KES")
    loss_table = models.ForeignKey(LossTable, on_delete=models.PROTECT, related_name="+")
    loss_given_default = models.DecimalField(
        max_digits=5, decimal_places=4, default="0.45", help_text=_("The share that is lost of a loan that fails")
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(loss_given_default__gte=0, loss_given_default__lte=1), name="a_loss_is_a_share"
            )
        ]
        permissions = [("manage_products", "Can change the terms of loans")]

    def __str__(self) -> str:
        return self.name_sw if get_language() == "sw" else self.name

    @property
    def said(self) -> str:
        """What it is for, in the reader's language."""
        return self.about_sw if get_language() == "sw" else self.about


class ProductTermsQuerySet(models.QuerySet["ProductTerms"]):
    """Versions of terms by when they hold."""

    def in_force(self, on: date) -> "ProductTermsQuerySet":
        """The newest version of each active product whose day has come."""
        there = self.filter(valid_from__lte=on, product__is_active=True)
        return there.order_by("product_id", "-valid_from", "-version").distinct("product_id")


class ProductTerms(models.Model):
    """One version of a product's terms. A loan keeps the version it was offered on. Amounts are minor units.

    `rate` is a share (0.05 is 5 %) for `rate_per`; with `reference` it is the margin on top of that reference rate.
    """

    product = models.ForeignKey(LoanProduct, on_delete=models.PROTECT, related_name="versions", db_index=False)
    version = models.PositiveIntegerField()
    valid_from = models.DateField()
    least_minor = models.BigIntegerField()
    most_minor = models.BigIntegerField()
    rate = models.DecimalField(max_digits=9, decimal_places=6)
    rate_per = models.CharField(max_length=5, choices=RatePer.choices)
    least_rate = models.DecimalField(max_digits=9, decimal_places=6, null=True, help_text=_("Priced by risk: from"))
    most_rate = models.DecimalField(max_digits=9, decimal_places=6, null=True, help_text=_("Priced by risk: up to"))
    reference = models.CharField(max_length=20, blank=True, default="", help_text=_("A reference rate a year"))
    interest_method = models.CharField(max_length=9, choices=InterestMethod.choices)
    amortisation = models.CharField(max_length=19, choices=Amortisation.choices)
    is_daily = models.BooleanField(default=False, help_text=_("Interest by days, not by whole periods"))
    day_count = models.CharField(max_length=13, choices=DayCount.choices, default=DayCount.ACTUAL_365)
    every = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    unit = models.CharField(max_length=5, choices=Unit.choices)
    least_periods = models.PositiveSmallIntegerField()
    most_periods = models.PositiveSmallIntegerField()
    usual_periods = models.PositiveSmallIntegerField()
    principal_grace = models.PositiveSmallIntegerField(default=0, help_text=_("First instalments without principal"))
    interest_deferred = models.PositiveSmallIntegerField(default=0, help_text=_("Their interest is paid with the next"))
    interest_free = models.PositiveSmallIntegerField(default=0, help_text=_("First instalments without interest"))
    down_payment_pct = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    principal_pct = models.DecimalField(max_digits=5, decimal_places=2, null=True, help_text=_("Of each instalment"))
    instalment_multiple_minor = models.BigIntegerField(null=True)
    smoothing = models.BooleanField(default=False)
    rounding = models.CharField(max_length=9, choices=Rounding.choices, default=Rounding.HALF_EVEN)
    repayment_order = ArrayField(
        models.CharField(max_length=9, choices=Owed.choices), help_text=_("What a payment pays first")
    )
    grace_minutes = models.PositiveSmallIntegerField(default=60, help_text=_("Paid back within these it costs nothing"))
    penalty_rate = models.DecimalField(
        max_digits=8, decimal_places=6, default=0, help_text=_("Of what is overdue, a day: 0.001 is 0.1 %")
    )
    penalty_after_days = models.PositiveSmallIntegerField(default=0, help_text=_("Late days that cost nothing"))
    penalty_cap_rate = models.DecimalField(
        max_digits=6, decimal_places=4, default="0.5", help_text=_("All penalties together, of the principal")
    )
    in_duplum = models.BooleanField(
        default=True, help_text=_("What is added once non-performing stops at the principal")
    )
    write_off_after_days = models.PositiveSmallIntegerField(default=180)
    deposit_multiple = models.DecimalField(
        max_digits=6, decimal_places=3, null=True, help_text=_("Of average deposits")
    )
    savings_multiple = models.DecimalField(max_digits=6, decimal_places=3, null=True, help_text=_("Of savings here"))
    guarantee_cover = models.DecimalField(
        max_digits=5, decimal_places=4, default=0, help_text=_("What guarantors must stand for, of the principal")
    )
    loan_to_value = models.DecimalField(max_digits=5, decimal_places=4, null=True, help_text=_("Needs collateral"))
    least_tier = models.CharField(max_length=6, default="TIER_1")
    least_account_days = models.PositiveSmallIntegerField(default=0)
    least_score = models.PositiveSmallIntegerField(default=0, help_text=_("The decision score, 0 to 1000"))
    decides_itself = models.BooleanField(default=False, help_text=_("Paid at once when the score allows it"))
    two_officers_above_minor = models.BigIntegerField(default=0, help_text=_("Above it two officers look"))
    offer_days = models.PositiveSmallIntegerField(default=7)
    top_up_share = models.DecimalField(
        max_digits=5,
        decimal_places=4,
        null=True,
        default="0.5",
        help_text=_("Of the principal that must be back before more is lent on top; none: never"),
    )
    most_parts = models.PositiveSmallIntegerField(default=1, help_text=_("In how many parts it may be paid out"))
    part_days = models.PositiveSmallIntegerField(
        default=30, help_text=_("A part nobody paid out so many days after its day lapses")
    )
    source = models.CharField(max_length=200, help_text=_("Who decided these terms, and where"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    objects = ProductTermsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "version"], name="terms_have_one_version_each"),
            models.CheckConstraint(
                condition=Q(least_minor__gt=0, most_minor__gte=F("least_minor")), name="terms_lend_something"
            ),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lt=10), name="a_loans_rate_is_a_rate"),
            models.CheckConstraint(
                condition=Q(least_periods__gte=1, most_periods__lte=600, most_periods__gte=F("least_periods"))
                & Q(usual_periods__gte=F("least_periods"), usual_periods__lte=F("most_periods"), every__gte=1),
                name="terms_end",
            ),
            models.CheckConstraint(
                condition=Q(penalty_rate__gte=0, penalty_rate__lt=1, penalty_cap_rate__gte=0, penalty_cap_rate__lte=1),
                name="penalties_are_capped",
            ),
            models.CheckConstraint(
                condition=Q(least_rate=None, most_rate=None)
                | Q(least_rate__gte=0, least_rate__lte=F("rate"), most_rate__gte=F("rate")),
                name="a_priced_rate_has_bounds",
            ),
            models.CheckConstraint(
                condition=Q(top_up_share=None) | Q(top_up_share__gte=0, top_up_share__lte=1),
                name="a_top_up_share_is_one",
            ),
            models.CheckConstraint(
                condition=Q(most_parts=1)
                | Q(most_parts__gt=1, most_parts__lte=12, interest_method="DECLINING", down_payment_pct=0),
                name="parts_bear_interest_on_what_is_owed",
            ),
            models.CheckConstraint(
                condition=Q(amortisation="FIXED_PRINCIPAL_PCT", principal_pct__gt=0, principal_pct__lte=100)
                | (~Q(amortisation="FIXED_PRINCIPAL_PCT") & Q(principal_pct=None)),
                name="a_balloon_says_its_share",
            ),
            models.CheckConstraint(
                condition=Q(reference="") | Q(rate_per="YEAR", least_rate=None, most_rate=None),
                name="a_margin_is_a_year",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.product} {self.version}"

    @property
    def currency(self) -> str:
        """The product's."""
        return self.product.currency

    @property
    def charged(self) -> "Sequence[LoanFee]":
        """What it charges; of a draft that is not kept yet, what it would charge."""
        return list(self.fees.all()) if self.pk else self.drafted

    least = MoneyOf("least_minor")
    most = MoneyOf("most_minor")
    drafted: "Sequence[LoanFee]" = ()


class LoanFee(models.Model):
    """What is taken when a loan is paid out: flat plus a share of the principal, within bounds (minor units).

    Excise duty comes on top of a fee of the bank; an insurance premium is passed on and bears none.
    """

    terms = models.ForeignKey(ProductTerms, on_delete=models.PROTECT, related_name="fees", db_index=False)
    kind = models.CharField(max_length=11, choices=LoanFeeKind.choices)
    flat_minor = models.BigIntegerField(default=0)
    rate = models.DecimalField(max_digits=7, decimal_places=5, default=0)
    least_minor = models.BigIntegerField(default=0)
    most_minor = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["terms", "kind"], name="a_loan_fee_is_charged_once"),
            models.CheckConstraint(
                condition=Q(flat_minor__gte=0, least_minor__gte=0, rate__gte=0, rate__lt=1)
                & (Q(most_minor=None) | Q(most_minor__gte=F("least_minor"))),
                name="a_loan_fee_is_not_negative",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.terms_id} {self.kind}"
