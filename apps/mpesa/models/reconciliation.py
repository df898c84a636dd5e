"""M-Pesa's own statement beside our rows: what it said of each receipt, each comparison, and what differed."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.fields import EncryptedText
from apps.kernel.money import MoneyOf


class ReconciliationStatus(models.TextChoices):
    """Whether anything differs still."""

    OPEN = "OPEN", _("Differences open")
    MATCHED = "MATCHED", _("All agrees")
    RESOLVED = "RESOLVED", _("Differences settled")


class BreakKind(models.TextChoices):
    """What differs."""

    MISSING_HERE = "MISSING_HERE", _("Missing with us")
    MISSING_THERE = "MISSING_THERE", _("Missing at M-Pesa")
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS", _("Amounts differ")


class PaymentReconciliation(models.Model):
    """One day compared with one statement. Sums in shilling cents; a day's earlier statements count with it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    day = models.DateField()
    source_hash = models.CharField(max_length=64, help_text=_("SHA-256 of the statement: the same counts once"))
    ours_in_count = models.PositiveIntegerField()
    ours_in_minor = models.BigIntegerField()
    ours_out_count = models.PositiveIntegerField()
    ours_out_minor = models.BigIntegerField()
    theirs_in_count = models.PositiveIntegerField()
    theirs_in_minor = models.BigIntegerField()
    theirs_out_count = models.PositiveIntegerField()
    theirs_out_minor = models.BigIntegerField()
    charges_minor = models.BigIntegerField(help_text=_("What M-Pesa charged us that day"))
    matched = models.PositiveIntegerField()
    status = models.CharField(max_length=8, choices=ReconciliationStatus.choices)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3, default="KES", editable=False)
    created_at = models.DateTimeField()

    ours_in, ours_out = MoneyOf("ours_in_minor"), MoneyOf("ours_out_minor")
    theirs_in, theirs_out = MoneyOf("theirs_in_minor"), MoneyOf("theirs_out_minor")
    charges = MoneyOf("charges_minor")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "source_hash"], name="a_statement_counts_once"),
            models.CheckConstraint(
                condition=Q(status__in=ReconciliationStatus.values), name="reconciliation_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(matched__lte=F("ours_in_count") + F("ours_out_count"))
                & Q(matched__lte=F("theirs_in_count") + F("theirs_out_count")),
                name="no_more_matches_than_rows",
            ),
            models.CheckConstraint(
                condition=Q(
                    ours_in_minor__gte=0,
                    ours_out_minor__gte=0,
                    theirs_in_minor__gte=0,
                    theirs_out_minor__gte=0,
                    charges_minor__gte=0,
                ),
                name="reconciled_sums_are_not_negative",
            ),
            models.CheckConstraint(condition=Q(currency="KES"), name="mpesa_is_reconciled_in_shillings"),
        ]
        indexes = [models.Index(fields=["-day", "-id"], name="reconciliations_by_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.status}"


class StatementRow(models.Model):
    """What M-Pesa's statement says of one receipt: the movement (in positive, out negative, 0 between own accounts)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    receipt = models.CharField(max_length=20, unique=True)
    day = models.DateField()
    completed_at = models.DateTimeField()
    moved_minor = models.BigIntegerField()
    charge_minor = models.BigIntegerField(default=0)
    booked_charge_minor = models.BigIntegerField(default=0)
    details = EncryptedText(null=True, help_text=_("In M-Pesa's words, which name people and their phones"))
    other_party = EncryptedText(null=True)
    account_reference = models.CharField(max_length=40, blank=True, default="")
    linked_receipt = models.CharField(max_length=20, blank=True, default="")
    is_fetched = models.BooleanField(default=False, help_text=_("We had it from M-Pesa ourselves, not by a person"))
    is_booked_from_here = models.BooleanField(default=False, help_text=_("No callback told of it; this row did"))
    currency = models.CharField(max_length=3, default="KES", editable=False)

    moved, charge = MoneyOf("moved_minor"), MoneyOf("charge_minor")
    booked_charge = MoneyOf("booked_charge_minor")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(charge_minor__gte=0, booked_charge_minor__gte=0), name="mpesa_charges_are_not_negative"
            ),
            models.CheckConstraint(condition=Q(currency="KES"), name="mpesa_states_shillings"),
        ]
        indexes = [models.Index(fields=["day"], name="statement_rows_of_a_day")]

    def __str__(self) -> str:
        return f"{self.receipt} {self.moved_minor}"


class ReconciliationBreak(models.Model):
    """One receipt that the two sides tell differently; money in is positive, money out negative, unknown is empty."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reconciliation = models.ForeignKey(PaymentReconciliation, on_delete=models.PROTECT, related_name="breaks")
    kind = models.CharField(max_length=14, choices=BreakKind.choices)
    receipt = models.CharField(max_length=20)
    ours_minor = models.BigIntegerField(null=True)
    theirs_minor = models.BigIntegerField(null=True)
    first_seen_on = models.DateField()
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True, default="")
    currency = models.CharField(max_length=3, default="KES", editable=False)

    ours, theirs = MoneyOf("ours_minor"), MoneyOf("theirs_minor")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["receipt"], condition=Q(resolved_at=None), name="a_receipt_has_one_open_break"
            ),
            models.CheckConstraint(
                condition=Q(kind="MISSING_HERE", ours_minor=None, theirs_minor__isnull=False)
                | Q(kind="MISSING_THERE", theirs_minor=None, ours_minor__isnull=False)
                | (
                    Q(kind="AMOUNT_DIFFERS")
                    & ~Q(ours_minor=F("theirs_minor"))
                    & Q(ours_minor__isnull=False)
                    & Q(theirs_minor__isnull=False)
                ),
                name="a_break_says_what_differs",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by=None, note="")
                | (Q(resolved_at__isnull=False, resolved_by__isnull=False) & ~Q(note="")),
                name="a_settled_break_says_who_and_why",
            ),
        ]
        indexes = [
            models.Index(fields=["first_seen_on", "id"], condition=Q(resolved_at=None), name="breaks_by_age"),
            models.Index(fields=["receipt"], name="breaks_of_a_receipt"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.receipt}"
