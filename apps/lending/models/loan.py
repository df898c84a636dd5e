"""A loan, from the application to its end, and how it stands today."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.kernel.money import Money, MoneyOf
from apps.lending.models.choices import Purpose
from apps.lending.models.product import LoanProduct, ProductTerms
from apps.users.models import User


class LoanStatus(models.TextChoices):
    """Where a loan stands. Whether it is late is worked out, never stored here."""

    APPLIED = "APPLIED", _("Asked for")
    UNDER_REVIEW = "UNDER_REVIEW", _("Being looked at")
    APPROVED = "APPROVED", _("Offered")
    REJECTED = "REJECTED", _("Declined")
    CANCELLED = "CANCELLED", _("Taken back")
    ACTIVE = "ACTIVE", _("Running")
    PAID = "PAID", _("Paid back")
    WRITTEN_OFF = "WRITTEN_OFF", _("Written off")


class Renewal(models.TextChoices):
    """How a loan comes to pay another one off."""

    TOP_UP = "TOP_UP", _("More on top of a loan in good standing")
    REFINANCE = "REFINANCE", _("A new loan in place of one that is late")


OPEN = (LoanStatus.APPLIED, LoanStatus.UNDER_REVIEW, LoanStatus.APPROVED)


class LoanQuerySet(models.QuerySet["Loan"]):
    """Loans by whose they are and how they stand."""

    def owned_by(self, user: Any) -> "LoanQuerySet":
        """One's own."""
        return self.filter(borrower_id=user.pk)

    def visible_to(self, user: User) -> "LoanQuerySet":
        """One's own; for staff with the right, everyone's."""
        return self.all() if user.has_perm("lending.view_loans") else self.owned_by(user)

    def active(self) -> "LoanQuerySet":
        """Paid out, and not paid back."""
        return self.filter(status=LoanStatus.ACTIVE)

    def open(self) -> "LoanQuerySet":
        """Asked for, and not decided to the end."""
        return self.filter(status__in=OPEN)

    def overdue(self) -> "LoanQuerySet":
        """Running and late at the last end of a day."""
        return self.active().filter(days_past_due__gt=0)

    def shown(self) -> "LoanQuerySet":
        """With what every page of a loan names."""
        return self.select_related("product", "terms", "borrower", "account", "replaces__terms")


class Loan(models.Model):
    """Money lent to one borrower (minor units of `currency`).

    The `…_left` figures are what is owed now and equal the loan's entries in `LoanEntry`, and all loans together the
    books. `interest_accrued_minor` is interest earned so far, `interest_paid_minor` what of it was paid, so that what
    is receivable is their difference; interest of a loan on which income stopped is counted apart, in
    `interest_suspended_minor`, and becomes income when it is paid.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reference = models.CharField(max_length=12, unique=True)
    borrower = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="loans", db_index=False
    )
    product = models.ForeignKey(LoanProduct, on_delete=models.PROTECT, related_name="loans")
    terms = models.ForeignKey(ProductTerms, on_delete=models.PROTECT, related_name="loans")
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="loans", help_text=_("Paid out to, and repaid from")
    )
    currency = models.CharField(max_length=8)
    principal_minor = models.BigIntegerField()
    periods = models.PositiveSmallIntegerField()
    rate = models.DecimalField(max_digits=9, decimal_places=6, help_text=_("As offered, for the terms' time"))
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    purpose_note = models.CharField(max_length=200, blank=True, default="")
    status = models.CharField(max_length=12, choices=LoanStatus.choices, default=LoanStatus.APPLIED)
    key = models.CharField(max_length=120, help_text=_("The borrower's form, counted once"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField()
    decision_id = models.BigIntegerField(null=True, help_text=_("Of credit scoring"))
    score = models.PositiveSmallIntegerField(null=True, help_text=_("The decision score, 0 to 1000"))
    limit_minor = models.BigIntegerField(null=True, help_text=_("What the borrower could have asked for"))
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    review = models.TextField(blank=True, default="", max_length=2000)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    because = models.CharField(max_length=500, blank=True, default="", help_text=_("Why it was declined or taken back"))
    offer_until = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    disbursed_at = models.DateTimeField(null=True)
    disbursed_on = models.DateField(null=True)
    first_due_on = models.DateField(null=True)
    last_due_on = models.DateField(null=True)
    over_at = models.DateTimeField(null=True, help_text=_("Paid back, written off, declined or taken back"))
    cost_minor = models.BigIntegerField(default=0, help_text=_("Interest and fees of the first schedule"))
    apr_pct = models.DecimalField(max_digits=9, decimal_places=2, null=True, help_text=_("EU method, with all charges"))
    auto_debit = models.BooleanField(default=True)
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="replaced_by", help_text=_("Paid off by this one")
    )
    renewal = models.CharField(max_length=9, choices=Renewal.choices, blank=True, default="")
    more_minor = models.BigIntegerField(default=0, help_text=_("New money that was asked for on top"))
    replaced_minor = models.BigIntegerField(default=0, help_text=_("What paying the other one off took"))

    principal_left_minor = models.BigIntegerField(default=0)
    interest_accrued_minor = models.BigIntegerField(default=0)
    interest_paid_minor = models.BigIntegerField(default=0)
    interest_suspended_minor = models.BigIntegerField(default=0)
    charges_left_minor = models.BigIntegerField(default=0, help_text=_("Fees and penalties"))
    penalties_minor = models.BigIntegerField(default=0, help_text=_("All charged so far"))
    paid_minor = models.BigIntegerField(default=0, help_text=_("All repaid so far"))
    provision_minor = models.BigIntegerField(default=0, help_text=_("Expected loss by IFRS 9, in the books"))
    regulatory_minor = models.BigIntegerField(default=0, help_text=_("What the regulator's table asks for"))
    written_off_minor = models.BigIntegerField(default=0)
    recovered_minor = models.BigIntegerField(default=0)
    accrued_through = models.DateField(null=True)
    penalised_through = models.DateField(null=True)
    is_non_accrual = models.BooleanField(default=False)
    owed_when_non_performing_minor = models.BigIntegerField(null=True, help_text=_("In duplum counts from it"))
    paid_since_non_performing_minor = models.BigIntegerField(
        default=0, help_text=_("Interest and charges paid since, which in duplum counts too")
    )
    days_past_due = models.PositiveIntegerField(default=0)
    oldest_due_on = models.DateField(null=True, help_text=_("Of the oldest instalment not paid in full"))
    arrears_minor = models.BigIntegerField(default=0)
    loss_class = models.CharField(max_length=20, blank=True, default="")
    stage = models.PositiveSmallIntegerField(default=1, help_text=_("IFRS 9"))
    is_restructured = models.BooleanField(default=False)
    held_at_days = models.PositiveIntegerField(
        default=0, help_text=_("How late it was when it got other terms: it is classed by that until it is cured")
    )
    on_time_since = models.DateField(null=True, help_text=_("From when on the cure of a held class counts"))
    version = models.PositiveSmallIntegerField(default=0, help_text=_("Of the schedule that counts"))

    principal = MoneyOf("principal_minor")
    principal_left = MoneyOf("principal_left_minor")
    charges_left = MoneyOf("charges_left_minor")
    arrears = MoneyOf("arrears_minor")
    paid = MoneyOf("paid_minor")
    cost = MoneyOf("cost_minor")
    limit = MoneyOf("limit_minor")
    written_off = MoneyOf("written_off_minor")
    recovered = MoneyOf("recovered_minor")
    more = MoneyOf("more_minor")
    replaced = MoneyOf("replaced_minor")

    objects = LoanQuerySet.as_manager()

    class Meta:
        permissions = [
            ("view_loans", "Can see customers' loans"),
            ("approve_loan", "Can look at applications and approve up to their own limit"),
            ("disburse_loan", "Can pay out approved loans"),
            ("write_off_loan", "Can write loans off"),
            ("stop_lending", "Can stop and start lending"),
            ("view_portfolio", "Can see the loan portfolio"),
            ("collect_loans", "Can work with borrowers who are late"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["borrower", "key"], name="a_loan_form_counts_once"),
            models.UniqueConstraint(
                fields=["borrower", "product"], condition=Q(status__in=OPEN), name="one_open_application_of_a_kind"
            ),
            models.UniqueConstraint(
                fields=["replaces"],
                condition=~Q(status__in=["REJECTED", "CANCELLED"]),
                name="a_loan_is_replaced_once",
            ),
            models.CheckConstraint(
                condition=Q(replaces=None, renewal="", more_minor=0, replaced_minor=0)
                | Q(
                    replaces__isnull=False,
                    renewal__in=["TOP_UP", "REFINANCE"],
                    more_minor__gte=0,
                    replaced_minor__gte=0,
                ),
                name="a_renewal_says_what_it_replaces",
            ),
            models.CheckConstraint(condition=Q(principal_minor__gt=0), name="loan_lends_something"),
            models.CheckConstraint(condition=Q(periods__gte=1), name="a_loan_has_a_term"),
            models.CheckConstraint(condition=Q(status__in=LoanStatus.values), name="loan_status_is_known"),
            models.CheckConstraint(
                condition=Q(principal_left_minor__gte=0, principal_left_minor__lte=F("principal_minor")),
                name="no_more_principal_than_lent",
            ),
            models.CheckConstraint(
                condition=Q(interest_paid_minor__gte=0, interest_accrued_minor__gte=F("interest_paid_minor"))
                & Q(interest_suspended_minor__gte=0, charges_left_minor__gte=0, paid_minor__gte=0)
                & Q(penalties_minor__gte=0, provision_minor__gte=0, regulatory_minor__gte=0, arrears_minor__gte=0),
                name="nothing_owed_is_negative",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["ACTIVE", "PAID", "WRITTEN_OFF"], disbursed_at__isnull=False, version__gte=1)
                & Q(disbursed_on__isnull=False)
                | (~Q(status__in=["ACTIVE", "PAID", "WRITTEN_OFF"]) & Q(disbursed_at=None, principal_left_minor=0)),
                name="a_loan_is_owed_once_paid_out",
            ),
            models.CheckConstraint(
                condition=~Q(status="PAID")
                | Q(principal_left_minor=0, charges_left_minor=0, interest_accrued_minor=F("interest_paid_minor")),
                name="a_paid_loan_owes_nothing",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["APPLIED", "UNDER_REVIEW", "APPROVED", "ACTIVE"], over_at=None)
                | Q(status__in=["REJECTED", "CANCELLED", "PAID", "WRITTEN_OFF"], over_at__isnull=False),
                name="loans_that_are_over_have_a_time",
            ),
            models.CheckConstraint(
                condition=Q(recovered_minor__gte=0, recovered_minor__lte=F("written_off_minor")),
                name="no_more_recovered_than_written_off",
            ),
            models.CheckConstraint(
                condition=Q(held_at_days=0, on_time_since=None) | Q(held_at_days__gt=0, on_time_since__isnull=False),
                name="a_held_class_has_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("borrower")) | Q(decided_by=None), name="nobody_decides_their_own_loan"
            ),
        ]
        indexes = [
            models.Index(fields=["borrower", "-id"], name="loans_of_a_person"),
            models.Index(fields=["status", "applied_at"], condition=Q(status__in=OPEN), name="loans_to_decide"),
            models.Index(fields=["-days_past_due", "id"], condition=Q(status="ACTIVE"), name="loans_by_lateness"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def interest_due(self) -> Money:
        """Interest earned and not paid."""
        return Money(self.interest_accrued_minor - self.interest_paid_minor, self.currency)


class Side(models.TextChoices):
    """Which account of the books an entry of a loan belongs to."""

    PRINCIPAL = "PRINCIPAL", _("Principal")
    INTEREST = "INTEREST", _("Interest receivable")
    CHARGES = "CHARGES", _("Fees and penalties receivable")
    PROVISION = "PROVISION", _("Provision")


class LoanEntry(models.Model):
    """What one transfer in the books did to one loan (minor units; + the borrower owes more, or more is provided).

    The sub-ledger: all entries of a side together are the balance of that side's account in the books.
    """

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="entries", db_index=False)
    side = models.CharField(max_length=9, choices=Side.choices)
    amount_minor = models.BigIntegerField()
    transfer_id = models.BigIntegerField()
    booked_on = models.DateField()
    what = models.CharField(max_length=20, help_text=_("DISBURSEMENT, ACCRUAL, REPAYMENT…"))

    class Meta:
        verbose_name_plural = "loan entries"
        constraints = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="a_loan_entry_moves_something"),
        ]
        indexes = [
            models.Index(fields=["loan", "id"], name="entries_of_a_loan"),
            models.Index(fields=["transfer_id"], name="loan_entries_of_a_transfer"),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.side} {self.amount_minor}"
