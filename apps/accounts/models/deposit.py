"""Fixed deposits: the chart of rates, what was agreed, and the instalments of those that grow month by month."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.account import Account
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only


class DepositChart(models.Model):
    """What the bank offers for terms from a day on, and the rate of a deposit that is broken early."""

    currency = models.CharField(max_length=8)
    valid_from = models.DateField()
    premature_rate = models.DecimalField(max_digits=6, decimal_places=5)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["currency", "valid_from"], name="one_deposit_chart_a_day"),
            models.CheckConstraint(
                condition=Q(premature_rate__gte=0, premature_rate__lt=1), name="premature_rate_is_a_rate"
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.currency} {self.valid_from}"


class DepositRate(models.Model):
    """One figure of a chart: the yearly rate from an amount (minor units) on, for a term in months."""

    chart = models.ForeignKey(DepositChart, on_delete=models.PROTECT, related_name="rates", db_index=False)
    months = models.PositiveSmallIntegerField()
    from_minor = models.BigIntegerField()
    rate = models.DecimalField(max_digits=6, decimal_places=5)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chart", "months", "from_minor"], name="one_deposit_rate_at_each_amount"),
            models.CheckConstraint(
                condition=Q(months__range=(1, 120), from_minor__gt=0, rate__gt=0, rate__lt=1),
                name="a_deposit_rate_is_a_rate",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.months}/{self.from_minor}: {self.rate}"


class OnMaturity(models.TextChoices):
    """What becomes of a deposit at the end of its term."""

    PAY_OUT = "PAY_OUT", _("Pay all of it out")
    ROLL_PRINCIPAL = "ROLL_PRINCIPAL", _("Begin again with the amount, pay the interest out")
    ROLL_ALL = "ROLL_ALL", _("Begin again with amount and interest")


class DepositStatus(models.TextChoices):
    """Where a term stands."""

    RUNNING = "RUNNING", _("Running")
    PAID_OUT = "PAID_OUT", _("Paid out")
    ROLLED = "ROLLED", _("Begun again")
    BROKEN = "BROKEN", _("Taken out early")


class FixedDepositQuerySet(models.QuerySet["FixedDeposit"]):
    """Deposits by whose they are."""

    def owned_by(self, user: Any) -> "FixedDepositQuerySet":
        """One's own."""
        return self.filter(owner_id=user.pk)

    def running(self) -> "FixedDepositQuerySet":
        """Whose term has not ended."""
        return self.filter(status=DepositStatus.RUNNING)


class FixedDeposit(models.Model):
    """One term of a deposit. `principal_minor` is what earns: fixed, or growing by `instalment_minor` each month."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deposits", db_index=False
    )
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="deposits")
    from_account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    principal_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    months = models.PositiveSmallIntegerField()
    rate = models.DecimalField(max_digits=6, decimal_places=5)
    premature_rate = models.DecimalField(max_digits=6, decimal_places=5)
    starts_on = models.DateField()
    matures_on = models.DateField(help_text=_("Paid on this day, or the next one on which banks work"))
    on_maturity = models.CharField(max_length=14, choices=OnMaturity.choices, default=OnMaturity.PAY_OUT)
    status = models.CharField(max_length=8, choices=DepositStatus.choices, default=DepositStatus.RUNNING)
    instalment_minor = models.BigIntegerField(null=True)
    next_instalment_on = models.DateField(null=True)
    missed = models.PositiveSmallIntegerField(default=0)
    rolled_from = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="rolled_to")
    key = models.CharField(max_length=120, help_text=_("The owner's form or request, counted once"))
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    principal = MoneyOf("principal_minor")
    instalment = MoneyOf("instalment_minor")

    objects = FixedDepositQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="a_deposit_counts_once"),
            models.UniqueConstraint(fields=["account"], condition=Q(status="RUNNING"), name="one_term_at_a_time"),
            models.CheckConstraint(
                condition=Q(principal_minor__gt=0, matures_on__gt=F("starts_on"), rate__gt=0, rate__lt=1),
                name="a_deposit_earns_on_something",
            ),
            models.CheckConstraint(
                condition=Q(status="RUNNING", ended_at=None) | (~Q(status="RUNNING") & Q(ended_at__isnull=False)),
                name="ended_deposits_have_a_time",
            ),
            models.CheckConstraint(
                condition=Q(instalment_minor=None, next_instalment_on=None) | Q(instalment_minor__gt=0),
                name="instalments_are_of_something",
            ),
        ]
        indexes = [
            models.Index(fields=["matures_on"], condition=Q(status="RUNNING"), name="deposits_by_their_end"),
            models.Index(fields=["next_instalment_on"], condition=Q(status="RUNNING"), name="deposits_by_instalment"),
        ]

    def __str__(self) -> str:
        return f"{self.principal} {self.months} {self.rate}"


class InstalmentStatus(models.TextChoices):
    """What became of an instalment."""

    PAID = "PAID", _("Paid")
    MISSED = "MISSED", _("Missed")


class DepositInstalment(models.Model):
    """One date of a growing deposit: paid once, or missed."""

    deposit = models.ForeignKey(FixedDeposit, on_delete=models.PROTECT, related_name="instalments", db_index=False)
    due_on = models.DateField()
    status = models.CharField(max_length=6, choices=InstalmentStatus.choices)
    transfer_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deposit", "due_on"], name="one_instalment_for_each_date"),
            models.CheckConstraint(
                condition=Q(status="PAID", transfer_id__isnull=False) | Q(status="MISSED", transfer_id=None),
                name="a_paid_instalment_is_in_the_books",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.deposit_id} {self.due_on} {self.status}"
