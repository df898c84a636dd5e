"""What is due when: the versions of a loan's schedule, their instalments, and what was paid on each."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only
from apps.lending.models.loan import Loan


class Why(models.TextChoices):
    """Why a schedule was made."""

    FIRST = "FIRST", _("As agreed")
    PREPAID = "PREPAID", _("Paid ahead")
    RESCHEDULED = "RESCHEDULED", _("More time")
    MORATORIUM = "MORATORIUM", _("A pause")
    REAGED = "REAGED", _("Arrears spread over what is left")
    NEW_RATE = "NEW_RATE", _("Another rate")
    DRAWN = "DRAWN", _("Another part paid out")
    BACK_DATED = "BACK_DATED", _("A payment that had come earlier")
    TAKEN_BACK = "TAKEN_BACK", _("A payment was taken back")


class Schedule(models.Model):
    """One version of what is due. An older version stays as it was, beside the new one."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="schedules", db_index=False)
    version = models.PositiveSmallIntegerField()
    why = models.CharField(max_length=11, choices=Why.choices)
    note = models.CharField(max_length=200, blank=True, default="")
    terms = models.JSONField(help_text=_("What the engine was given"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["loan", "version"], name="a_schedule_has_its_version")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.loan_id}/{self.version}"


class InstalmentQuerySet(models.QuerySet["Instalment"]):
    """Instalments by whether they are paid."""

    def current(self) -> "InstalmentQuerySet":
        """Of the version that counts."""
        return self.filter(is_current=True)

    def unpaid(self) -> "InstalmentQuerySet":
        """Not paid in full, oldest first."""
        return self.filter(is_current=True, settled_on=None).order_by("loan_id", "number")


class Instalment(models.Model):
    """One row of a schedule (minor units). Periods run from `starts_on` to `due_on`; `balance_minor` is planned."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="instalments")
    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, related_name="instalments", db_index=False)
    is_current = models.BooleanField(default=True)
    number = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    due_on = models.DateField()
    currency = models.CharField(max_length=8)
    principal_minor = models.BigIntegerField(default=0)
    interest_minor = models.BigIntegerField(default=0)
    earned_minor = models.BigIntegerField(default=0, help_text=_("Interest of its own days; grace asks for it later"))
    fee_minor = models.BigIntegerField(default=0)
    penalty_minor = models.BigIntegerField(default=0, help_text=_("Charged so far"))
    balance_minor = models.BigIntegerField()
    paid_principal_minor = models.BigIntegerField(default=0)
    paid_interest_minor = models.BigIntegerField(default=0)
    paid_fee_minor = models.BigIntegerField(default=0)
    paid_penalty_minor = models.BigIntegerField(default=0)
    settled_on = models.DateField(null=True)

    principal = MoneyOf("principal_minor")
    interest = MoneyOf("interest_minor")
    fee = MoneyOf("fee_minor")
    penalty = MoneyOf("penalty_minor")
    balance = MoneyOf("balance_minor")
    total = MoneyOf("total_minor")
    paid = MoneyOf("paid_minor")
    left = MoneyOf("left_minor")

    objects = InstalmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schedule", "number"], name="an_instalment_stands_once"),
            models.CheckConstraint(
                condition=Q(principal_minor__gte=0, interest_minor__gte=0, fee_minor__gte=0, penalty_minor__gte=0)
                & Q(earned_minor__gte=0, balance_minor__gte=0, due_on__gte=F("starts_on")),
                name="an_instalment_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(paid_principal_minor__gte=0, paid_principal_minor__lte=F("principal_minor"))
                & Q(paid_interest_minor__gte=0, paid_interest_minor__lte=F("interest_minor"))
                & Q(paid_fee_minor__gte=0, paid_fee_minor__lte=F("fee_minor"))
                & Q(paid_penalty_minor__gte=0, paid_penalty_minor__lte=F("penalty_minor")),
                name="no_instalment_is_overpaid",
            ),
            models.CheckConstraint(
                condition=Q(settled_on=None)
                | Q(
                    paid_principal_minor=F("principal_minor"),
                    paid_interest_minor=F("interest_minor"),
                    paid_fee_minor=F("fee_minor"),
                    paid_penalty_minor=F("penalty_minor"),
                ),
                name="a_settled_instalment_is_paid",
            ),
        ]
        indexes = [
            models.Index(fields=["loan", "number"], condition=Q(is_current=True), name="instalments_of_a_loan"),
            models.Index(
                fields=["due_on", "loan"], condition=Q(is_current=True, settled_on=None), name="instalments_unpaid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id}: {self.number}"

    @property
    def total_minor(self) -> int:
        """Everything asked for on it."""
        return self.principal_minor + self.interest_minor + self.fee_minor + self.penalty_minor

    @property
    def is_cut(self) -> bool:
        """Whether it only ends the days before another part went out: nothing was asked for on it."""
        return self.total_minor == 0 and self.settled_on == self.due_on

    @property
    def charges_minor(self) -> int:
        """Fees and penalties asked for on it."""
        return self.fee_minor + self.penalty_minor

    @property
    def charges_left_minor(self) -> int:
        """Fees and penalties still to be paid on it."""
        return self.charges_minor - self.paid_fee_minor - self.paid_penalty_minor

    @property
    def paid_minor(self) -> int:
        """Everything paid on it."""
        return self.paid_principal_minor + self.paid_interest_minor + self.paid_fee_minor + self.paid_penalty_minor

    @property
    def left_minor(self) -> int:
        """What is still to be paid on it."""
        return self.total_minor - self.paid_minor

    def status(self, on: date) -> str:
        """PAID, LATE, PARTLY_PAID or DUE, as seen on a day."""
        if self.settled_on:
            return "PAID"
        if self.due_on < on:
            return "LATE"
        return "PARTLY_PAID" if self.paid_minor else "DUE"


class Source(models.TextChoices):
    """Where a repayment came from."""

    WALLET = "WALLET", _("Account")
    MPESA = "MPESA", _("M-Pesa")
    AUTO = "AUTO", _("Taken on the due date")
    CASH = "CASH", _("Cash")
    GROUP = "GROUP", _("Group")
    GUARANTOR = "GUARANTOR", _("Guarantor")
    REFINANCE = "REFINANCE", _("A new loan")
    DOWN = "DOWN", _("Down payment")
    BANK = "BANK", _("Transfer to our bank")


class RepaymentQuerySet(models.QuerySet["Repayment"]):
    """Repayments by whether they count."""

    def standing(self) -> "RepaymentQuerySet":
        """Not taken back."""
        return self.filter(reversal=None)


class Repayment(models.Model):
    """Money that came back (minor units), and what of it went where.

    `before` is how the loan stood until then, as far as its entries and instalments do not say: what it goes back to
    when this is taken back. None for a recovery, and for what was paid before the bank kept it.
    """

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="repayments", db_index=False)
    reference = models.CharField(max_length=12, unique=True)
    key = models.CharField(max_length=120, help_text=_("The form, counted once"))
    source = models.CharField(max_length=9, choices=Source.choices)
    currency = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    principal_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    charges_minor = models.BigIntegerField()
    transfer_id = models.BigIntegerField(unique=True)
    paid_on = models.DateField(help_text=_("The day it counts from"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    before = models.JSONField(null=True, help_text=_("How the loan stood until then"))

    amount = MoneyOf("amount_minor")
    principal = MoneyOf("principal_minor")
    interest = MoneyOf("interest_minor")
    charges = MoneyOf("charges_minor")

    objects = RepaymentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan", "key"], name="a_repayment_form_counts_once"),
            models.UniqueConstraint(
                fields=["key"], condition=Q(key__startswith="document/"), name="a_document_pays_one_loan"
            ),
            models.CheckConstraint(
                condition=Q(
                    amount_minor__gt=0,
                    principal_minor__gte=0,
                    interest_minor__gte=0,
                    charges_minor__gte=0,
                    amount_minor=F("principal_minor") + F("interest_minor") + F("charges_minor"),
                ),
                name="a_repayment_adds_up",
            ),
        ]
        indexes = [models.Index(fields=["loan", "-id"], name="repayments_of_a_loan")]
        triggers = append_only()

    def __str__(self) -> str:
        return self.reference

    @property
    def stood(self) -> dict[str, Any]:
        """How the loan stood before it. Raises ValueError where the bank did not keep that."""
        if self.before is None:
            raise ValueError(f"repayment {self.reference}: nothing is kept of how the loan stood before it")
        return dict(self.before)

    @property
    def taken_back(self) -> Any:
        """Its reversal, or None while it counts; one query unless it was looked up with it."""
        return getattr(self, "reversal", None)


class RepaymentPart(models.Model):
    """What of a repayment was paid on one instalment (minor units)."""

    repayment = models.ForeignKey(Repayment, on_delete=models.PROTECT, related_name="parts")
    instalment = models.ForeignKey(Instalment, on_delete=models.PROTECT, related_name="parts")
    principal_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    penalty_minor = models.BigIntegerField()

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.repayment_id} → {self.instalment_id}"
