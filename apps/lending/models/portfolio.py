"""The loan book as it stood at the end of each day, and what was provided for it."""

from django.db import models
from django.db.models import Q

from apps.kernel.triggers import append_only
from apps.lending.models.loan import Loan
from apps.lending.models.product import LoanProduct


class PortfolioDay(models.Model):
    """Loans of one product, class, stage and range of days late at the end of a day (minor units).

    Kept so that portfolio at risk can be read for any day past. `is_restructured` splits the strict form of it.
    """

    day = models.DateField()
    product = models.ForeignKey(LoanProduct, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=8)
    loss_class = models.CharField(max_length=20)
    stage = models.PositiveSmallIntegerField()
    from_days = models.PositiveSmallIntegerField()
    is_restructured = models.BooleanField()
    loans = models.PositiveIntegerField()
    principal_minor = models.BigIntegerField()
    arrears_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    provision_minor = models.BigIntegerField()
    regulatory_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "product", "currency", "loss_class", "stage", "from_days", "is_restructured"],
                name="a_portfolio_day_is_counted_once",
            ),
            models.CheckConstraint(
                condition=Q(loans__gt=0, principal_minor__gte=0, arrears_minor__gte=0), name="a_portfolio_is_of_loans"
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.day} {self.product_id} {self.loss_class}"


class ClassMove(models.Model):
    """A loan moved from one class or stage to another at the end of a day, and what was provided for it then."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="moves", db_index=False)
    day = models.DateField()
    before = models.CharField(max_length=20, blank=True)
    after = models.CharField(max_length=20)
    stage_before = models.PositiveSmallIntegerField()
    stage_after = models.PositiveSmallIntegerField()
    days_past_due = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["loan", "day"], name="a_loan_moves_once_a_day")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.loan_id}: {self.before} → {self.after}"
