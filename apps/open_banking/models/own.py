"""What a customer sets for an account themselves: the most that apps may pay somebody of their book, and views of their
own, which narrow what is seen through them.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.accounts.models import Account
from apps.kernel.money import Money
from apps.open_banking.rules import Cap
from apps.payments.models import Payee


class CounterpartyLimit(models.Model):
    """The most that apps together may pay one payee from one account. Amounts are minor units of `currency`."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    payee = models.ForeignKey(Payee, on_delete=models.CASCADE, related_name="+")
    currency = models.CharField(max_length=8)
    single_minor = models.BigIntegerField()
    monthly_minor = models.BigIntegerField()
    monthly_count = models.PositiveIntegerField()
    yearly_minor = models.BigIntegerField()
    yearly_count = models.PositiveIntegerField()
    total_minor = models.BigIntegerField()
    total_count = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "payee"], name="one_limit_for_a_payee_of_an_account"),
            models.CheckConstraint(
                condition=Q(
                    single_minor__gte=0, monthly_minor__gte=0, yearly_minor__gte=0, total_minor__gte=0
                ), name="limits_of_payees_are_amounts",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.payee_id} from {self.account_id}"

    @property
    def single(self) -> Money:
        """The most of one payment."""
        return Money(self.single_minor, self.currency)

    @property
    def caps(self) -> list[Cap]:
        """The most of each time."""
        return [
            Cap("MONTH", self.monthly_count, self.monthly_minor), Cap("YEAR", self.yearly_count, self.yearly_minor),
            Cap("EVER", self.total_count, self.total_minor),
        ]  # fmt: skip


class CustomView(models.Model):
    """A view of the owner's own on one account; `permissions` in OBP's words (`can_see_…`)."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    view_id = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    description = models.CharField(max_length=200, blank=True, default="")
    metadata_view = models.CharField(max_length=60, blank=True, default="")
    hides_metadata = models.BooleanField(default=False)
    permissions = ArrayField(models.CharField(max_length=60))
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "view_id"], name="one_view_of_a_name_for_an_account"),
            models.CheckConstraint(condition=Q(view_id__startswith="_"), name="own_views_are_told_from_the_banks"),
        ]

    def __str__(self) -> str:
        return self.view_id
