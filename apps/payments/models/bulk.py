"""Many payments in one file: salaries and payouts, brought by one person, allowed by another, paid as one batch."""

import uuid
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account, TransactionType
from apps.kernel.fields import EncryptedJSON, EncryptedText
from apps.kernel.money import Money, MoneyOf
from apps.payments.models.payment import Payment
from apps.users.models import BusinessMember, BusinessProfile, User


class BulkKind(models.TextChoices):
    """What the people are paid for."""

    SALARY = "SALARY", _("Salaries")
    PAYOUT = "PAYOUT", _("Payouts")


class BulkStatus(models.TextChoices):
    """Where a batch stands."""

    DRAFT = "DRAFT", _("Draft")
    CHECKED = "CHECKED", _("Checked")
    WAITING = "WAITING", _("Waiting for approval")
    RUNNING = "RUNNING", _("Being paid")
    DONE = "DONE", _("Paid")
    PARTLY_FAILED = "PARTLY_FAILED", _("Paid in part")
    REJECTED = "REJECTED", _("Not approved")
    CANCELLED = "CANCELLED", _("Cancelled")


class Eyes(models.TextChoices):
    """Who must look besides the maker."""

    MEMBERS = "MEMBERS", _("Another member of the business")
    BANK = "BANK", _("Another member of staff")
    OWN = "OWN", _("Nobody: it is one person's own money")


class RowStatus(models.TextChoices):
    """Where a row stands."""

    BAD = "BAD", _("Not payable")
    READY = "READY", _("Ready")
    SENT = "SENT", _("On its way")
    PAID = "PAID", _("Paid")
    FAILED = "FAILED", _("Not paid")


class RowError(models.TextChoices):
    """Why a row is not paid."""

    PAYEE_MISSING = "PAYEE_MISSING", _("Nobody to pay stands in this row.")
    PAYEE_UNREADABLE = "PAYEE_UNREADABLE", _("That is neither a phone nor an account number, till or paybill.")
    PAYEE_TWO_WAYS = "PAYEE_TWO_WAYS", _("It could be a phone or an account. Format the column as text.")
    PAYEE_NOT_FOUND = "PAYEE_NOT_FOUND", _("Nobody at KitBank has that number.")
    PAYEE_CLOSED = "PAYEE_CLOSED", _("That account is closed.")
    PAYEE_CURRENCY = "PAYEE_CURRENCY", _("That account is in another currency.")
    PAYEE_FULL = "PAYEE_FULL", _("That account cannot hold so much.")
    OWN_ACCOUNT = "OWN_ACCOUNT", _("That is the account the money comes from, or another of its holder's.")
    NO_RAIL = "NO_RAIL", _("That way of paying cannot take many payments at once.")
    NOT_CARRIED = "NOT_CARRIED", _("It did not arrive; the money is back.")
    RAIL_REFUSES = "RAIL_REFUSES", _("M-Pesa does not take that amount or number.")
    OVER_SINGLE_LIMIT = "OVER_SINGLE_LIMIT", _("It is more than one payment may be on this tier.")
    NOT_OFFERED = "NOT_OFFERED", _("It is more than can be sent this way.")
    AMOUNT_MISSING = "AMOUNT_MISSING", _("The amount is missing.")
    AMOUNT_EXPONENT = "AMOUNT_EXPONENT", _("An amount like 1e5 is not read. Write all of its digits.")
    AMOUNT_TWO_WAYS = "AMOUNT_TWO_WAYS", _("The amount can be read two ways. Write it like 1500.50.")
    AMOUNT_NOT_POSITIVE = "AMOUNT_NOT_POSITIVE", _("The amount must be more than zero.")
    AMOUNT_TOO_FINE = "AMOUNT_TOO_FINE", _("The amount has more decimals than the currency. Round it yourself.")
    AMOUNT_TOO_LARGE = "AMOUNT_TOO_LARGE", _("The amount is too large.")
    AMOUNT_UNREADABLE = "AMOUNT_UNREADABLE", _("That is not an amount. Write it like 1500.50.")
    FORMULA = "FORMULA", _("A cell is a formula or begins with one of = + - @. Write the value itself.")
    NOT_TEXT_OR_NUMBER = "NOT_TEXT_OR_NUMBER", _("A cell holds a date or an error in place of text or a number.")
    TOO_MANY_CELLS = "TOO_MANY_CELLS", _("The row has more cells than the heading. Write amounts without commas.")
    TEXT_TOO_LONG = "TEXT_TOO_LONG", _("A cell holds too much text.")
    TEXT_UNPRINTABLE = "TEXT_UNPRINTABLE", _("A cell holds characters that cannot be printed.")


class BulkQuerySet(models.QuerySet["BulkPayment"]):
    """Batches by who may see them."""

    def visible_to(self, user: User) -> "BulkQuerySet":
        """One's own, those of one's businesses, and for staff with the right the bank's own."""
        member = BusinessMember.objects.filter(user_id=user.pk, left_at=None, business__closed_at=None)
        seen = Q(customer_id=user.pk) | Q(business__in=member.values("business"))
        if user.has_perm("payments.bulk_pay"):
            seen |= Q(business=None, customer=None)
        return self.filter(seen)

    def running(self) -> "BulkQuerySet":
        """Those that a worker has to carry on with."""
        return self.filter(status=BulkStatus.RUNNING)


class BulkPayment(models.Model):
    """A file of payments from one account: of a business, of a customer, or (neither given) of the bank itself.

    Amounts are minor units of `currency`, of the rows that are payable; fee and duty come on top. `rows_hash` is the
    SHA-256 of what the payable rows pay to whom: what was approved is what runs.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reference = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=6, choices=BulkKind.choices)
    name = models.CharField(max_length=60, help_text=_("What payer and payees read: July salaries"))
    status = models.CharField(max_length=13, choices=BulkStatus.choices, default=BulkStatus.DRAFT)
    business = models.ForeignKey(BusinessProfile, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    from_account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    payer_name = models.CharField(max_length=120, help_text=_("Who pays, as the payees read it"))
    rail = models.CharField(max_length=12, blank=True, default="", help_text=_("All by this rail; empty: as found"))
    currency = models.CharField(max_length=8)
    file_name = models.CharField(max_length=120)
    file_sha256 = models.CharField(max_length=64)
    key = models.CharField(max_length=120, help_text=_("The form or request, counted once"))
    row_count = models.IntegerField()
    good_count = models.IntegerField(default=0)
    total_minor = models.BigIntegerField(default=0)
    fee_minor = models.BigIntegerField(default=0)
    duty_minor = models.BigIntegerField(default=0)
    rows_hash = models.CharField(max_length=64, blank=True, default="")
    leaves_out_bad = models.BooleanField(default=False, help_text=_("The maker agreed to leave bad rows out"))
    accepts_repeats = models.BooleanField(default=False, help_text=_("The maker meant the rows that look double"))
    eyes = models.CharField(max_length=7, choices=Eyes.choices, blank=True, default="")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approval = models.ForeignKey("kernel.Approval", on_delete=models.PROTECT, null=True, related_name="+")
    in_review = models.BooleanField(default=False, help_text=_("Approved, and looked at by the bank"))
    ended_because = models.CharField(max_length=200, blank=True, default="")
    hold_id = models.BigIntegerField(null=True, help_text=_("What is set aside for rows not handed to their rail yet"))
    transfer_id = models.BigIntegerField(null=True, help_text=_("Where rows inside the bank were paid for at once"))
    returned_minor = models.BigIntegerField(default=0, help_text=_("What came back of it, fees included"))
    created_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    total = MoneyOf("total_minor")
    fee = MoneyOf("fee_minor")
    duty = MoneyOf("duty_minor")
    returned = MoneyOf("returned_minor")

    objects = BulkQuerySet.as_manager()

    class Meta:
        permissions = [("bulk_pay", "Can make and approve the bank's bulk payments")]
        constraints = [
            models.UniqueConstraint(fields=["made_by", "key"], name="a_bulk_form_counts_once"),
            models.CheckConstraint(condition=Q(status__in=BulkStatus.values), name="bulk_status_is_known"),
            models.CheckConstraint(condition=Q(kind__in=BulkKind.values), name="bulk_kind_is_known"),
            models.CheckConstraint(condition=Q(business=None) | Q(customer=None), name="a_batch_has_one_owner"),
            models.CheckConstraint(
                condition=Q(row_count__gt=0, good_count__gte=0, good_count__lte=models.F("row_count")),
                name="a_batch_has_rows",
            ),
            models.CheckConstraint(
                condition=Q(total_minor__gte=0, fee_minor__gte=0, duty_minor__gte=0, returned_minor__gte=0),
                name="batch_figures_are_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["DRAFT", "CHECKED", "CANCELLED"])
                | Q(submitted_by__isnull=False, submitted_at__isnull=False, good_count__gt=0)
                & ~Q(eyes="")
                & ~Q(rows_hash=""),
                name="a_submitted_batch_says_what_and_who",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["RUNNING", "DONE", "PARTLY_FAILED"])
                | Q(started_at__isnull=False) & (Q(decided_by__isnull=False) | Q(eyes="OWN")),
                name="a_batch_runs_when_it_was_allowed",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None)
                | (~Q(decided_by=models.F("submitted_by")) & ~Q(decided_by=models.F("made_by"))),
                name="who_made_a_batch_does_not_decide_it",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["DONE", "PARTLY_FAILED", "REJECTED"])
                | Q(ended_at__isnull=False, hold_id=None),
                name="an_ended_batch_holds_nothing",
            ),
        ]
        indexes = [
            models.Index(fields=["business", "-id"], name="batches_of_a_business"),
            models.Index(fields=["customer", "-id"], name="batches_of_a_customer"),
            models.Index(fields=["status"], condition=Q(status="RUNNING"), name="batches_being_paid"),
            models.Index(fields=["from_account", "file_sha256"], name="batches_by_file"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def needed(self) -> Money:
        """What leaves the account: amounts, fees and duty."""
        return Money(self.total_minor + self.fee_minor + self.duty_minor, self.currency)

    @property
    def bad_count(self) -> int:
        """Rows that are not payable."""
        return self.row_count - self.good_count

    @property
    def is_of_the_bank(self) -> bool:
        """Nobody's but the bank's own."""
        return self.business_id is None and self.customer_id is None

    @property
    def line_kind(self) -> str:
        """What its lines are called on statements."""
        return TransactionType.SALARY if self.kind == BulkKind.SALARY else TransactionType.P2P_TRANSFER

    @property
    def is_over(self) -> bool:
        """Nothing more will happen to it."""
        return self.status in {
            BulkStatus.DONE, BulkStatus.PARTLY_FAILED, BulkStatus.REJECTED, BulkStatus.CANCELLED
        }  # fmt: skip


_FROZEN = """
IF (SELECT status FROM payments_bulkpayment WHERE id = COALESCE(OLD.bulk_id, NEW.bulk_id)) NOT IN ('DRAFT', 'CHECKED')
THEN RAISE EXCEPTION 'what a submitted batch pays does not change'
    USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
END IF;
RETURN COALESCE(NEW, OLD);
"""
# The destination is sealed, and again when keys change; whose it is is what the payee's key says.
_WHAT_IS_PAID = ("number", "bulk_id", "rail", "to_account_id", "payee_key", "amount_minor", "fee_minor", "duty_minor",
                 "note", "kind")  # fmt: skip


_update_of: Any = pgtrigger.UpdateOf


def _frozen(name: str, operation: Any, **more: Any) -> pgtrigger.Trigger:
    func = _FROZEN.format(name=name)
    return pgtrigger.Trigger(name=name, operation=operation, when=pgtrigger.Before, func=func, **more)


class BulkRow(models.Model):
    """One row of the file: as typed, as found, and what became of it."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)  # what its sealed columns are bound to
    bulk = models.ForeignKey(BulkPayment, on_delete=models.PROTECT, related_name="rows", db_index=False)
    number = models.IntegerField(help_text=_("The line of the file"))
    status = models.CharField(max_length=6, choices=RowStatus.choices, default=RowStatus.BAD)
    payee_typed = EncryptedText(null=True)
    name_typed = models.CharField(max_length=140, blank=True, default="")
    amount_typed = models.CharField(max_length=40, blank=True, default="")
    note = models.CharField(max_length=80, blank=True, default="")
    amount_minor = models.BigIntegerField(null=True)
    fee_minor = models.BigIntegerField(default=0)
    duty_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=8)
    kind = models.CharField(max_length=24, blank=True, default="", help_text=_("What the row is charged as"))
    rail = models.CharField(max_length=12, blank=True, default="")
    to_account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    destination = EncryptedJSON()
    payee_key = models.CharField(max_length=80, blank=True, default="")
    payee_name = models.CharField(max_length=140, blank=True, default="", help_text=_("The name we know"))
    payee_address = EncryptedText(null=True)
    name_match = models.CharField(max_length=9, default="NONE")
    is_double = models.BooleanField(default=False, help_text=_("Another row pays the same payee"))
    read_error = models.CharField(max_length=20, blank=True, default="", choices=RowError.choices)
    error = models.CharField(max_length=20, blank=True, default="", choices=RowError.choices)
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, null=True, related_name="bulk_row")
    transfer_id = models.BigIntegerField(null=True)
    settled_at = models.DateTimeField(null=True)

    amount = MoneyOf("amount_minor")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bulk", "number"], name="a_row_has_its_place"),
            models.CheckConstraint(condition=Q(status__in=RowStatus.values), name="row_status_is_known"),
            models.CheckConstraint(
                condition=Q(status="BAD") & ~Q(error="") | Q(status="FAILED") & ~Q(error="") | Q(
                    status__in=["READY", "SENT", "PAID"], error="", amount_minor__gt=0
                ) & ~Q(payee_key=""),
                name="a_row_pays_or_says_why_not",
            ),
            models.CheckConstraint(condition=Q(fee_minor__gte=0, duty_minor__gte=0), name="row_costs_are_not_negative"),
            models.CheckConstraint(
                condition=Q(status="BAD") | Q(rail="internal", to_account__isnull=False)
                | ~Q(rail__in=["", "internal"]) & Q(to_account=None),
                name="a_row_goes_to_an_account_or_by_a_rail",
            ),
            models.CheckConstraint(
                condition=~Q(status="PAID") | Q(transfer_id__isnull=False, settled_at__isnull=False),
                name="paid_rows_are_in_the_books",
            ),
            models.CheckConstraint(
                condition=~Q(status="SENT") | Q(payment__isnull=False), name="a_row_on_its_way_is_a_payment"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["bulk", "status", "number"], name="rows_by_state"),
            models.Index(fields=["payee_key"], condition=Q(status="PAID"), name="rows_paid_to_somebody"),
        ]
        triggers = [
            _frozen("rows_come_before_submitting", pgtrigger.Insert | pgtrigger.Delete),
            _frozen("a_submitted_row_pays_the_same", _update_of(*_WHAT_IS_PAID)),
        ]

    def __str__(self) -> str:
        return f"{self.bulk_id}/{self.number}"

    @property
    def typed(self) -> str:
        """The payee, as the file said it."""
        return self.payee_typed or ""

    @property
    def address(self) -> str:
        """The payee, as people are shown them; empty where nobody was found."""
        return self.payee_address or ""

    @property
    def cost(self) -> Money:
        """Fee and duty."""
        return Money(self.fee_minor + self.duty_minor, self.currency)
