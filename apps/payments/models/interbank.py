"""Other banks, and what is sent to them: the directory, cut-off times, orders, files, and what they tell us."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from pgtrigger import ReadOnly

from apps.kernel.fields import EncryptedText
from apps.kernel.money import MoneyOf
from apps.payments.models.payment import Payment


class OutRail(models.TextChoices):
    """What carries money to another bank."""

    PESALINK = "pesalink", _("PesaLink")
    EFT = "eft", _("EFT")
    RTGS = "rtgs", _("RTGS")
    ABROAD = "abroad", _("Cross-border partner")


class Channel(models.TextChoices):
    """Whom we talk to: each keeps a settlement account of ours and tells of it in a sequence of its own."""

    PESALINK = "pesalink", _("PesaLink switch")
    BANK = "bank", _("Settlement bank")
    ABROAD = "abroad", _("Cross-border partner")


class OtherBankQuerySet(models.QuerySet["OtherBank"]):
    """Banks by day."""

    def on(self, day: date) -> "OtherBankQuerySet":
        """What holds on a day: of each bank the newest row, when it is open."""
        newest = self.filter(valid_from__lte=day).order_by("code", "-valid_from").distinct("code")
        return self.filter(pk__in=newest.values("pk"), is_open=True).order_by("name")


class OtherBank(models.Model):
    """A bank of Kenya from a day on, by its number in the clearing; a later row for the same number replaces it."""

    code = models.CharField(max_length=2, help_text=_("Number in the Nairobi clearing"))
    name = models.CharField(max_length=80)
    bic = models.CharField(max_length=11)
    is_pesalink = models.BooleanField(help_text=_("Takes part in PesaLink"))
    is_open = models.BooleanField(default=True)
    valid_from = models.DateField()

    objects = OtherBankQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="a_bank_changes_once_a_day"),
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{2}$"), name="a_bank_has_two_digits"),
            models.CheckConstraint(
                condition=Q(bic__regex=r"^[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$"), name="a_bank_has_a_bic"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CutOff(models.Model):
    """A time of working days at which a file is cut, from a day on; the newest day's times replace all before."""

    rail = models.CharField(max_length=8, choices=OutRail.choices)
    valid_from = models.DateField()
    at = models.TimeField(help_text=_("East Africa Time"))

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["rail", "valid_from", "at"], name="a_cut_off_stands_once"),
            models.CheckConstraint(condition=Q(rail__in=["eft", "rtgs"]), name="only_files_are_cut"),
        ]

    def __str__(self) -> str:
        return f"{self.rail} {self.at:%H:%M} from {self.valid_from}"


class FileStatus(models.TextChoices):
    """Where a file stands at the bank that carries it out."""

    CUT = "CUT", _("Written")
    SENT = "SENT", _("Taken by the bank")
    DONE = "DONE", _("Carried out")
    PARTLY = "PARTLY", _("Partly rejected")
    REJECTED = "REJECTED", _("Rejected")


class BankFile(models.Model):
    """One pain.001: what waited at a cut-off, each payment in one file. Its words never change; sums in minor units."""

    rail = models.CharField(max_length=8, choices=OutRail.choices)
    sequence = models.PositiveIntegerField(help_text=_("Without gaps, by rail"))
    message_id = models.CharField(max_length=35, unique=True)
    cut_at = models.DateTimeField(help_text=_("The cut-off it was cut for"))
    pays_on = models.DateField()
    count = models.PositiveIntegerField()
    total_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3, default="KES")
    sha256 = models.CharField(max_length=64)
    content = EncryptedText(row="message_id", help_text=_("Whom it pays, in the bank's own words"))
    status = models.CharField(max_length=8, choices=FileStatus.choices, default=FileStatus.CUT)
    trouble = models.CharField(max_length=200, blank=True, default="", help_text=_("Why it was not taken yet"))
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)

    total = MoneyOf("total_minor")

    class Meta:
        default_permissions = ()
        permissions = [("see_bank_files", "See files sent to banks and compare their statements")]
        constraints = [
            models.UniqueConstraint(fields=["rail", "sequence"], name="files_are_numbered"),
            models.UniqueConstraint(fields=["rail", "cut_at"], name="a_cut_off_makes_one_file"),
            models.CheckConstraint(condition=Q(count__gt=0, total_minor__gt=0), name="a_file_pays_something"),
            models.CheckConstraint(condition=Q(status__in=FileStatus.values), name="file_status_is_known"),
            models.CheckConstraint(
                condition=Q(status="CUT", sent_at=None) | (~Q(status="CUT") & Q(sent_at__isnull=False)),
                name="a_taken_file_says_when",
            ),
        ]
        indexes = [models.Index(fields=["status", "id"], name="files_by_status")]
        triggers = [
            ReadOnly(  # its content may be sealed again with a newer key: the hash says that its words are the same
                name="files_keep_their_words", exclude=["content", "status", "trouble", "sent_at", "asked_at"]
            )
        ]

    def __str__(self) -> str:
        return self.message_id


class OrderOutStatus(models.TextChoices):
    """Where a payment stands at the other bank."""

    WAITING = "WAITING", _("Waits for its file")
    SENT = "SENT", _("Sent")
    TAKEN = "TAKEN", _("Taken by the bank")
    SETTLED = "SETTLED", _("Settled")
    REJECTED = "REJECTED", _("Rejected")
    RETURNED = "RETURNED", _("Returned")


class BankOrder(models.Model):
    """What another bank was asked to do about one payment.

    To them it is `EndToEndId` = the payment's reference and `UETR` = its public id, which they count once.
    """

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="bank_order")
    rail = models.CharField(max_length=8, choices=OutRail.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    file = models.ForeignKey(BankFile, on_delete=models.PROTECT, null=True, related_name="orders")
    status = models.CharField(max_length=8, choices=OrderOutStatus.choices)
    reason = models.CharField(max_length=35, blank=True, default="", help_text=_("ISO 20022 reason code"))
    their_reference = models.CharField(max_length=35, blank=True, default="")
    moved_minor = models.BigIntegerField(help_text=_("What leaves our account there"))
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    moved = MoneyOf("moved_minor")

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(status__in=OrderOutStatus.values), name="bank_order_status_is_known"),
            models.CheckConstraint(condition=Q(moved_minor__gt=0), name="a_bank_order_moves_something"),
            models.CheckConstraint(
                condition=Q(status="WAITING", file=None) | ~Q(status="WAITING"), name="what_waits_is_in_no_file"
            ),
            models.CheckConstraint(
                condition=Q(rail__in=["eft", "rtgs"]) | Q(file=None), name="only_file_rails_have_files"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["SETTLED", "REJECTED", "RETURNED"], ended_at__isnull=False)
                | (~Q(status__in=["SETTLED", "REJECTED", "RETURNED"]) & Q(ended_at=None)),
                name="an_ended_bank_order_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["rail", "id"], condition=Q(status="WAITING"), name="orders_for_a_file"),
            models.Index(fields=["channel", "ended_at"], name="bank_orders_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.rail} {self.payment_id} {self.status}"


class BankNews(models.Model):
    """A camt.054 as it came: each number of a channel once, in order."""

    channel = models.CharField(max_length=8, choices=Channel.choices)
    sequence = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    raw = EncryptedText(row="sha256", help_text=_("Who paid and was paid, as they told it"))
    disputed = models.JSONField(default=list, blank=True, help_text=_("Entries that a person must look at"))
    received_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["channel", "sequence"], name="news_count_once")]

    def __str__(self) -> str:
        return f"{self.channel} {self.sequence}"


class PaymentReturn(models.Model):
    """A payment that another bank sent back after it was settled: what came, and what the payer got of it."""

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="came_back")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    their_reference = models.CharField(max_length=35)
    reason = models.CharField(max_length=4, blank=True, default="")
    came_minor = models.BigIntegerField(help_text=_("Into our account there"))
    came_currency = models.CharField(max_length=3)
    given_minor = models.BigIntegerField(help_text=_("To the payer"))
    currency = models.CharField(max_length=8)
    transfer_id = models.BigIntegerField()
    in_suspense = models.BooleanField(default=False, help_text=_("The payer's account takes no money any more"))
    made_at = models.DateTimeField()

    came, given = MoneyOf("came_minor", "came_currency"), MoneyOf("given_minor")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["channel", "their_reference"], name="a_return_counts_once"),
            models.CheckConstraint(condition=Q(came_minor__gt=0, given_minor__gt=0), name="a_return_brings_something"),
        ]

    def __str__(self) -> str:
        return f"{self.payment_id} {self.came_minor}"


class NostroStatement(models.Model):
    """One day of our account at another bank by its camt.053, beside what we booked (minor units, in is positive)."""

    channel = models.CharField(max_length=8, choices=Channel.choices)
    day = models.DateField()
    statement_id = models.CharField(max_length=35)
    account = models.CharField(max_length=34, blank=True, default="", help_text=_("Ours at them, as they number it"))
    sequence = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    opening_minor = models.BigIntegerField()
    closing_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    count = models.PositiveIntegerField()
    matched = models.PositiveIntegerField()
    made_at = models.DateTimeField()

    opening, closing = MoneyOf("opening_minor"), MoneyOf("closing_minor")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["channel", "day", "currency"], name="a_day_of_an_account_is_compared_once"),
            models.UniqueConstraint(fields=["channel", "currency", "sequence"], name="nostro_statements_are_numbered"),
            models.CheckConstraint(condition=Q(matched__lte=F("count")), name="no_more_matches_than_entries"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.day}"


class NostroEntry(models.Model):
    """One entry of such a statement. `key` is the payment's reference, with `/R` when it came back; else theirs."""

    statement = models.ForeignKey(NostroStatement, on_delete=models.PROTECT, related_name="entries", db_index=False)
    key = models.CharField(max_length=40)
    their_reference = models.CharField(max_length=35)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    words = models.CharField(max_length=140, blank=True, default="")

    amount = MoneyOf("amount_minor")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["statement", "their_reference"], name="a_nostro_entry_stands_once")
        ]
        indexes = [models.Index(fields=["key"], name="nostro_entries_by_key")]

    def __str__(self) -> str:
        return f"{self.key} {self.amount_minor}"


class NostroBreak(models.Model):
    """What the two sides tell differently; a side that does not know of it is empty."""

    statement = models.ForeignKey(NostroStatement, on_delete=models.PROTECT, related_name="breaks")
    key = models.CharField(max_length=40)
    ours_minor = models.BigIntegerField(null=True)
    theirs_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    healed_at = models.DateTimeField(null=True, help_text=_("When a later look found both sides alike"))

    ours, theirs = MoneyOf("ours_minor"), MoneyOf("theirs_minor")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=Q(healed_at=None), name="one_open_nostro_break_a_key"),
            models.CheckConstraint(
                condition=Q(ours_minor__isnull=False) | Q(theirs_minor__isnull=False), name="a_nostro_break_has_a_side"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.ours_minor} / {self.theirs_minor}"
