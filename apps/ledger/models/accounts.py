"""The chart of accounts, customers' accounts under it, and the balance rows that are locked when money moves."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import MoneyOf


class Kind(models.TextChoices):
    """The five kinds of account of double entry."""

    ASSET = "ASSET", _("Asset")
    LIABILITY = "LIABILITY", _("Liability")
    EQUITY = "EQUITY", _("Equity")
    INCOME = "INCOME", _("Income")
    EXPENSE = "EXPENSE", _("Expense")


class Mode(models.IntegerChoices):
    """Whether the balance is a row that each posting locks and checks, or is worked out from the entries."""

    LOCKED = 0, _("Locked balance")
    DERIVED = 1, _("Derived balance")


class AccountRole(models.TextChoices):
    """What an account is for: a heading, the control total of many sub-accounts, or an account that takes entries."""

    HEADING = "HEADING", _("Heading")
    CONTROL = "CONTROL", _("Control account")
    POSTING = "POSTING", _("Posting account")


class LedgerAccount(models.Model):
    """One account of the books, in one currency."""

    code = models.CharField(max_length=64, db_collation="C")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    currency = models.CharField(max_length=8)
    role = models.CharField(max_length=7, choices=AccountRole.choices, default=AccountRole.POSTING)
    mode = models.SmallIntegerField(choices=Mode.choices, default=Mode.LOCKED)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    owner_reference = models.CharField(max_length=120, blank=True, default="")
    is_blocked = models.BooleanField(default=False, help_text=_("Takes no entries for now"))
    is_closed = models.BooleanField(default=False)
    opened_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_account"
        ordering = ["code"]
        default_permissions = ()
        permissions = [
            ("view_books", "Can read the books"),
            ("reverse_transfer", "Can reverse a transfer, four eyes"),
            ("close_periods", "Can open, close and reopen periods"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="account_code_is_unique"),
            models.CheckConstraint(condition=Q(mode__in=[0, 1]), name="account_mode_is_known"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="account_kind_is_known"),
            models.CheckConstraint(condition=Q(role__in=AccountRole.values), name="account_role_is_known"),
            models.CheckConstraint(condition=Q(is_closed=False) | Q(is_blocked=True), name="closed_takes_no_entries"),
            models.CheckConstraint(condition=Q(role="POSTING") | Q(mode=1), name="only_posting_accounts_lock"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="account_is_not_its_own_parent"),
        ]
        indexes = [
            models.Index(fields=["owner_reference"], condition=~Q(owner_reference=""), name="account_by_owner"),
            models.Index(fields=["id"], condition=Q(is_blocked=True), name="blocked_accounts"),
            # What the look over new entries asks of each account, without going to its row.
            models.Index(fields=["id"], include=["currency", "role"], name="account_takes_entries"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class LockedBalance(models.Model):
    """The balance row of a LOCKED account, on the holder's side of the books; only the posting functions write it.

    `side` is 1 where debits add (assets, expenses) and -1 where credits do. `available` is posted − held − floor.
    """

    account = models.OneToOneField(
        LedgerAccount, on_delete=models.PROTECT, primary_key=True, related_name="locked_balance"
    )
    currency = models.CharField(max_length=8)
    side = models.SmallIntegerField()
    posted_minor = models.BigIntegerField(default=0)
    held_minor = models.BigIntegerField(default=0)
    floor_minor = models.BigIntegerField(default=0)
    seq = models.BigIntegerField(default=0, help_text=_("How many entries it has taken"))
    is_blocked = models.BooleanField(default=False)

    posted = MoneyOf("posted_minor")
    held = MoneyOf("held_minor")

    class Meta:
        db_table = "ledger_balance"
        default_permissions = ()
        constraints = [
            # One constraint, not two: PostgreSQL reads each one's text anew for every statement.
            models.CheckConstraint(
                condition=Q(held_minor__gte=0, posted_minor__gte=F("floor_minor") + F("held_minor")),
                name="funds_cover_holds_and_floor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.posted_minor} {self.currency}"


class ChartLine(models.Model):
    """A line of the bank's chart; each currency the bank keeps has an account for it."""

    number = models.IntegerField(primary_key=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    role = models.CharField(max_length=7, choices=AccountRole.choices)
    mode = models.SmallIntegerField(choices=Mode.choices)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")

    class Meta:
        db_table = "ledger_chart_line"
        ordering = ["number"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(number__gte=1000, number__lte=9999), name="chart_numbers_have_four_digits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class GlPurpose(models.Model):
    """Which chart line a product books to, for a purpose: `fees:transfer`, `loans:principal`."""

    code = models.CharField(max_length=60, primary_key=True, db_collation="C")
    line = models.ForeignKey(ChartLine, on_delete=models.PROTECT, related_name="purposes")

    class Meta:
        db_table = "ledger_gl_purpose"
        ordering = ["code"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.code} → {self.line_id}"
