"""Returns of tax by month: figures computed from the books, kept version by version, filed by one, paid by two."""

from datetime import date

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from apps.compliance.tax_rules import Figures
from apps.kernel.money import Money
from apps.kernel.triggers import append_only


class TaxKind(models.TextChoices):
    """Which tax; each has an account in the chart."""

    EXCISE = "EXCISE", _("Excise duty on fees")
    WITHHOLDING = "WITHHOLDING", _("Withholding tax on interest and dividends")


class TaxStatus(models.TextChoices):
    """Where a return stands."""

    DRAFT = "DRAFT", _("Draft")
    FILED = "FILED", _("Filed")
    PAID = "PAID", _("Paid")


class DueUnit(models.TextChoices):
    """How the law counts the days."""

    DAY_OF_NEXT_MONTH = "DAY_OF_NEXT_MONTH", _("Day of the next month")
    WORKING_DAYS = "WORKING_DAYS", _("Working days")


class TaxDueRule(models.Model):
    """When a tax is due, for months that begin on a day or later. A row once written stays; a later one follows it."""

    kind = models.CharField(max_length=11, choices=TaxKind.choices)
    valid_from = models.DateField()
    unit = models.CharField(max_length=17, choices=DueUnit.choices)
    days = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=240, help_text=_("The law that says so"))

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(fields=["kind", "valid_from"], name="one_change_of_due_days_a_day"),
            models.CheckConstraint(condition=Q(unit__in=DueUnit.values, days__gte=1, days__lte=28), name="due_is_near"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.days} {self.unit}"


_AS_FILED = ("kind", "currency", "first_on", "last_on", "due_on", "follows_id", "computation_id", "computed_by_id",
             "filed_by_id", "filed_at", "acknowledgement")  # fmt: skip


def _row(name: str) -> str:
    return f"ROW({', '.join(f'{name}.{column}' for column in _AS_FILED)})"


class TaxReturnQuerySet(models.QuerySet["TaxReturn"]):
    """Returns with what their next step asks for."""

    def to_change(self) -> "TaxReturnQuerySet":
        """Locked until the transaction ends, with their figures and those of the month before."""
        return self.select_for_update(of=("self",)).select_related("computation", "follows__computation")


class TaxReturn(models.Model):
    """One tax of one calendar month of the bank, in one currency; `follows` is the return of the month before."""

    kind = models.CharField(max_length=11, choices=TaxKind.choices)
    currency = models.CharField(max_length=8, default="KES")
    first_on = models.DateField()
    last_on = models.DateField()
    due_on = models.DateField()
    status = models.CharField(max_length=5, choices=TaxStatus.choices, default=TaxStatus.DRAFT)
    follows = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="followed_by")
    computation = models.OneToOneField("TaxComputation", on_delete=models.PROTECT, null=True, related_name="+")
    computed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    filed_at = models.DateTimeField(null=True)
    acknowledgement = models.CharField(max_length=60, blank=True, default="", help_text=_("KRA's number"))
    prn = models.CharField(max_length=30, blank=True, default="", help_text=_("Payment registration number"))
    bank_reference = models.CharField(max_length=60, blank=True, default="")
    pay_asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    paid_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    paid_on = models.DateField(null=True)
    transfer_id = models.BigIntegerField(null=True, help_text=_("The transfer in the books"))

    objects = TaxReturnQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [
            ("view_taxes", "Can read tax returns"),
            ("file_taxes", "Can compute and file tax returns, and pay them with a second person"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind", "currency", "first_on"], name="one_tax_return_a_month"),
            models.UniqueConstraint(
                fields=["kind", "currency"], condition=Q(follows=None), name="tax_returns_are_one_chain"
            ),
            models.UniqueConstraint(
                fields=["kind", "acknowledgement"], condition=~Q(acknowledgement=""), name="kra_acknowledges_once"
            ),
            models.UniqueConstraint(fields=["prn"], condition=~Q(prn=""), name="a_prn_is_paid_once"),
            models.CheckConstraint(
                condition=Q(kind__in=TaxKind.values, status__in=TaxStatus.values, first_on__day=1),
                name="tax_return_is_known",
            ),
            models.CheckConstraint(
                condition=Q(filed_by=None) | ~Q(filed_by=F("computed_by")), name="nobody_files_their_own_figures"
            ),
            models.CheckConstraint(
                condition=Q(status="DRAFT", filed_by=None, filed_at=None, acknowledgement="")
                | (
                    ~Q(status="DRAFT")
                    & ~Q(acknowledgement="")
                    & Q(filed_by__isnull=False, filed_at__isnull=False, computation__isnull=False)
                ),
                name="a_filed_return_was_acknowledged",
            ),
            models.CheckConstraint(
                condition=(~Q(status="PAID") & Q(transfer_id=None, paid_by=None, paid_on=None, prn=""))
                | (
                    Q(status="PAID", transfer_id__isnull=False, paid_on__isnull=False)
                    & ~Q(prn="")
                    & ~Q(bank_reference="")
                    & ~Q(paid_by=F("pay_asked_by"))
                ),
                name="a_paid_return_was_paid_by_two",
            ),
        ]
        indexes = [models.Index(fields=["due_on"], condition=~Q(status="PAID"), name="taxes_by_time_left")]
        triggers = [
            pgtrigger.Protect(name="tax_returns_are_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="filed_figures_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.status = 'PAID' OR (OLD.status = 'FILED' AND (NEW.status = 'DRAFT' OR "
                    f"{_row('OLD')} IS DISTINCT FROM {_row('NEW')}))"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.first_on:%Y-%m} {self.currency}"

    @property
    def reference(self) -> str:
        """How people call it: `EXCISE-2026-10`, with its currency when that is not the shilling."""
        tail = "" if self.currency == "KES" else f"-{self.currency}"
        return f"{self.kind}-{self.first_on:%Y-%m}{tail}"

    @property
    def figures(self) -> Figures:
        """What the last computation found."""
        if self.computation is None:
            raise ValueError(f"{self} was never computed")
        return self.computation.figures

    @property
    def payable(self) -> Money:
        """What is to be paid for the month."""
        return Money(self.figures.payable, self.currency)

    @property
    def is_settled(self) -> bool:
        """Filed, and nothing of it left to be paid."""
        return self.status == TaxStatus.PAID or (self.status == TaxStatus.FILED and not self.figures.payable)

    def is_late(self, today: date) -> bool:
        """Whether it should have been done by now."""
        return not self.is_settled and self.due_on < today


class TaxComputation(models.Model):
    """What the books said of a month at a moment; written once. Minor units, positive for what is owed.

    It counts entries booked up to the month's end in transfers up to `upto_transfer`, less those that the return before
    counted: booked up to its own end, in transfers up to `since_transfer`.
    """

    tax_return = models.ForeignKey(TaxReturn, on_delete=models.PROTECT, related_name="computations", db_index=False)
    number = models.PositiveIntegerField()
    since_transfer = models.BigIntegerField()
    upto_transfer = models.BigIntegerField()
    opening_minor = models.BigIntegerField()
    accrued_minor = models.BigIntegerField()
    reversed_minor = models.BigIntegerField()
    late_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField()
    on_account_minor = models.BigIntegerField()
    closing_minor = models.BigIntegerField()
    credit_minor = models.BigIntegerField(help_text=_("Overpaid in earlier months and not used yet"))
    payable_minor = models.BigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(fields=["tax_return", "number"], name="one_tax_computation_a_number"),
            models.CheckConstraint(
                condition=Q(
                    closing_minor=F("opening_minor")
                    + F("accrued_minor")
                    - F("reversed_minor")
                    + F("late_minor")
                    - F("paid_minor")
                    - F("on_account_minor")
                ),
                name="tax_figures_add_up",
            ),
            models.CheckConstraint(
                condition=Q(credit_minor__gte=0)
                & Q(
                    payable_minor=Greatest(
                        F("accrued_minor")
                        - F("reversed_minor")
                        + F("late_minor")
                        - F("credit_minor")
                        - F("on_account_minor"),
                        0,
                    )
                ),
                name="tax_payable_follows",
            ),
            models.CheckConstraint(
                condition=Q(since_transfer__lte=F("upto_transfer")), name="a_tax_computation_goes_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tax_return_id} {self.number}"

    @property
    def figures(self) -> Figures:
        """As a value."""
        return Figures(
            opening=self.opening_minor, accrued=self.accrued_minor, reversed=self.reversed_minor, late=self.late_minor,
            paid=self.paid_minor, on_account=self.on_account_minor, credit=self.credit_minor,
        )  # fmt: skip


class TaxPart(models.TextChoices):
    """Which figure a row belongs to."""

    ACCRUED = "ACCRUED", _("Came up in the month")
    REVERSED = "REVERSED", _("Given back in the month")
    LATE = "LATE", _("Of earlier months, after they were computed")
    PAID = "PAID", _("Paid over")
    ON_ACCOUNT = "ON_ACCOUNT", _("Paid on account")


class TaxLine(models.Model):
    """The entries behind a figure, by what they came from and the product; written once with its computation."""

    computation = models.ForeignKey(TaxComputation, on_delete=models.PROTECT, related_name="lines", db_index=False)
    part = models.CharField(max_length=10, choices=TaxPart.choices)
    source = models.CharField(max_length=40, help_text=_("The kind of transfer"))
    product = models.CharField(max_length=30, blank=True, default="")
    entries = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField()
    first_on = models.DateField()
    last_on = models.DateField()

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(
                fields=["computation", "part", "source", "product"], name="one_tax_line_a_source_and_product"
            ),
            models.CheckConstraint(condition=Q(part__in=TaxPart.values), name="tax_part_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.source} {self.product}: {self.amount_minor}"
