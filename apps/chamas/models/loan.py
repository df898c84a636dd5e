"""Table banking: money of the pot lent to a member, its instalments, and the members who stand for it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.chamas.models.constitution import ConstitutionVersion
from apps.chamas.models.group import ChamaGroup, Membership
from apps.kernel.money import Money, MoneyOf
from apps.kernel.triggers import append_only


class GroupLoanStatus(models.TextChoices):
    """Where a loan of a group stands; before it is paid out it waits for its guarantors and the group."""

    ASKED = "ASKED", _("Guarantors and the group decide")
    ACTIVE = "ACTIVE", _("Being paid back")
    PAID = "PAID", _("Paid back")
    CANCELLED = "CANCELLED", _("Not taken")
    WRITTEN_OFF = "WRITTEN_OFF", _("Written off")


class GroupLoan(models.Model):
    """A claim of the group, not of the bank (minor units). What is left of the principal is fund LOANS.

    A written off one is a claim still, which the books do not count on: what comes back of it is earned together.
    """

    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="loans")
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="group_loans", db_index=False)
    version = models.ForeignKey(ConstitutionVersion, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=10, unique=True, help_text=_("What is quoted when paying back"))
    purpose = models.CharField(max_length=140, blank=True, default="")
    principal_minor = models.BigIntegerField()
    left_minor = models.BigIntegerField(help_text=_("Principal not paid back yet"))
    written_off_minor = models.BigIntegerField(default=0, help_text=_("Principal that the group lost"))
    recovered_minor = models.BigIntegerField(default=0, help_text=_("Of that, what came back afterwards"))
    currency = models.CharField(max_length=8)
    rate_bps = models.PositiveIntegerField(help_text=_("A month, on what is left"))
    months = models.PositiveIntegerField()
    status = models.CharField(max_length=11, choices=GroupLoanStatus.choices, default=GroupLoanStatus.ASKED)
    key = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    paid_out_at = models.DateTimeField(null=True, blank=True)
    over_at = models.DateTimeField(null=True, blank=True)

    principal = MoneyOf("principal_minor")
    left = MoneyOf("left_minor")
    written_off = MoneyOf("written_off_minor")
    recovered = MoneyOf("recovered_minor")

    class Meta:
        verbose_name = _("loan of a group")
        verbose_name_plural = _("loans of groups")
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(status__in=["ASKED", "ACTIVE"]),
                name="a_member_has_one_loan_of_a_group",
            ),
            models.UniqueConstraint(fields=["member", "key"], name="a_loan_of_a_group_is_asked_once"),
            models.CheckConstraint(
                condition=Q(principal_minor__gt=0, left_minor__gte=0, left_minor__lte=F("principal_minor")),
                name="a_group_loan_lends_something",
            ),
            models.CheckConstraint(
                condition=Q(status="ASKED", paid_out_at=None, over_at=None)
                | Q(status="ACTIVE", paid_out_at__isnull=False, over_at=None, left_minor__gt=0)
                | Q(status="PAID", paid_out_at__isnull=False, over_at__isnull=False, left_minor=0)
                | Q(status="CANCELLED", paid_out_at=None, over_at__isnull=False)
                | Q(status="WRITTEN_OFF", paid_out_at__isnull=False, over_at__isnull=False, left_minor=0),
                name="group_loans_have_their_times",
            ),
            models.CheckConstraint(
                condition=Q(status="WRITTEN_OFF", written_off_minor__gt=0, written_off_minor__lte=F("principal_minor"))
                | (~Q(status="WRITTEN_OFF") & Q(written_off_minor=0)),
                name="a_group_loses_what_it_wrote_off",
            ),
            models.CheckConstraint(
                condition=Q(recovered_minor__gte=0, recovered_minor__lte=F("written_off_minor")),
                name="a_group_recovers_no_more_than_it_lost",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def not_back(self) -> Money:
        """Of what the group lost by it, what did not come back."""
        return Money(self.written_off_minor - self.recovered_minor, self.currency)


class GroupLoanRow(models.Model):
    """One instalment of a group's loan."""

    loan = models.ForeignKey(GroupLoan, on_delete=models.PROTECT, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    due_on = models.DateField()
    principal_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    paid_principal_minor = models.BigIntegerField(default=0)
    paid_interest_minor = models.BigIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["loan", "number"], name="rows_of_a_group_loan_are_numbered"),
            models.CheckConstraint(
                condition=Q(
                    paid_principal_minor__gte=0,
                    paid_interest_minor__gte=0,
                    paid_principal_minor__lte=F("principal_minor"),
                    paid_interest_minor__lte=F("interest_minor"),
                ),
                name="no_more_of_an_instalment_is_paid_than_it_is",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} · {self.number}"

    @property
    def open_minor(self) -> int:
        """What of it is still to be paid."""
        return self.principal_minor + self.interest_minor - self.paid_principal_minor - self.paid_interest_minor


class GroupGuarantee(models.Model):
    """A member stands for another's loan with a part of their own savings, by their own word; or said no to it."""

    loan = models.ForeignKey(GroupLoan, on_delete=models.PROTECT, related_name="guarantees", db_index=False)
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="group_guarantees")
    agreed_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["loan", "member"], name="a_member_stands_once_for_a_loan"),
            models.CheckConstraint(
                condition=Q(agreed_at=None) | Q(declined_at=None), name="a_guarantor_says_yes_or_no"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} · {self.member_id}"


class GroupRepayment(models.Model):
    """A loan of a group was paid back in part; once per key."""

    loan = models.ForeignKey(GroupLoan, on_delete=models.PROTECT, related_name="repayments", db_index=False)
    amount_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    key = models.CharField(max_length=120)
    transfer_id = models.BigIntegerField()
    at = models.DateTimeField()

    amount = MoneyOf("amount_minor")

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [models.UniqueConstraint(fields=["loan", "key"], name="a_group_loan_is_paid_once_per_key")]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.amount_minor}"
