"""What members pay each time: cycles, the due row of each member, and payments that came in."""

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.chamas.models.constitution import ConstitutionVersion
from apps.chamas.models.group import ChamaGroup, Membership
from apps.chamas.models.money import FundKind
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only


class Cycle(models.Model):
    """One turn of paying in, by the constitution in force on the day it opened; a later one does not change it."""

    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="cycles", db_index=False)
    version = models.ForeignKey(ConstitutionVersion, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    opens_on = models.DateField()
    ends_on = models.DateField()
    due_on = models.DateField()
    late_at = models.DateTimeField(help_text=_("End of the due day and the minutes of grace"))
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["group", "number"], name="cycles_are_numbered"),
            models.UniqueConstraint(fields=["group"], condition=Q(closed_at=None), name="one_cycle_is_open"),
            models.CheckConstraint(
                condition=Q(opens_on__lte=F("due_on"), due_on__lte=F("ends_on")), name="a_cycle_is_due_within_it"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} #{self.number}"


class ContributionStatus(models.TextChoices):
    """Where a member stands with one cycle."""

    DUE = "DUE", _("Due")
    PAID = "PAID", _("Paid")
    LATE = "LATE", _("Late")
    WAIVED = "WAIVED", _("Waived")


class ContributionQuerySet(models.QuerySet["Contribution"]):
    """Due rows by what is open on them."""

    def unpaid(self) -> "ContributionQuerySet":
        """Something is still to be paid."""
        return self.filter(status__in=[ContributionStatus.DUE, ContributionStatus.LATE])


_PARTS = F("welfare_minor") + F("rotation_minor") + F("savings_minor")
_PAID = F("paid_welfare_minor") + F("paid_rotation_minor") + F("paid_savings_minor")


class Contribution(models.Model):
    """What one member owes for one cycle, in parts by fund, and what of each is paid (minor units)."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="contributions", db_index=False)
    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="contributions")
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="contributions", db_index=False)
    currency = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    welfare_minor = models.BigIntegerField(default=0)
    rotation_minor = models.BigIntegerField(default=0)
    savings_minor = models.BigIntegerField(default=0)
    paid_welfare_minor = models.BigIntegerField(default=0)
    paid_rotation_minor = models.BigIntegerField(default=0)
    paid_savings_minor = models.BigIntegerField(default=0)
    due_on = models.DateField()
    late_at = models.DateTimeField()
    status = models.CharField(max_length=6, choices=ContributionStatus.choices, default=ContributionStatus.DUE)
    settled_at = models.DateTimeField(null=True, blank=True, help_text=_("Paid in full, or waived"))

    objects = ContributionQuerySet.as_manager()
    amount = MoneyOf("amount_minor")

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        constraints = [
            models.UniqueConstraint(fields=["cycle", "member"], name="a_member_owes_a_cycle_once"),
            models.CheckConstraint(
                condition=Q(status__in=ContributionStatus.values), name="contribution_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor=_PARTS, amount_minor__gt=0), name="a_contribution_is_its_parts"
            ),
            models.CheckConstraint(
                condition=Q(
                    paid_welfare_minor__gte=0,
                    paid_rotation_minor__gte=0,
                    paid_savings_minor__gte=0,
                    paid_welfare_minor__lte=F("welfare_minor"),
                    paid_rotation_minor__lte=F("rotation_minor"),
                    paid_savings_minor__lte=F("savings_minor"),
                ),
                name="no_more_is_paid_than_was_due",
            ),
            models.CheckConstraint(
                condition=Q(status="PAID", amount_minor=_PAID, settled_at__isnull=False)
                | Q(status="WAIVED", amount_minor__gt=_PAID, settled_at__isnull=False)
                | Q(status__in=["DUE", "LATE"], amount_minor__gt=_PAID, settled_at=None),
                name="paid_means_all_of_it",
            ),
        ]
        indexes = [
            models.Index(fields=["late_at"], condition=Q(status="DUE"), name="contributions_to_mark_late"),
            models.Index(fields=["due_on"], condition=Q(status="DUE"), name="contributions_to_remind_of"),
            models.Index(fields=["member", "due_on"], name="contributions_of_a_member"),
        ]

    def __str__(self) -> str:
        return f"{self.cycle_id} · {self.member_id}"

    @property
    def paid_minor(self) -> int:
        """What is paid of it."""
        return self.paid_welfare_minor + self.paid_rotation_minor + self.paid_savings_minor

    @property
    def open_minor(self) -> int:
        """What is still to be paid; nothing once it is waived."""
        return 0 if self.status == ContributionStatus.WAIVED else self.amount_minor - self.paid_minor

    def open_parts(self) -> dict[str, int]:
        """By fund, what is still to be paid."""
        parts = {name: getattr(self, f"{name}_minor") - getattr(self, f"paid_{name}_minor") for name in _NAMES}
        return {name.upper(): minor for name, minor in parts.items() if minor}


_NAMES = ("welfare", "rotation", "savings")


class PaidBy(models.TextChoices):
    """How money came into a group."""

    WALLET = "WALLET", _("From the account")
    MPESA = "MPESA", _("By M-Pesa")
    CASH = "CASH", _("Cash at a till")
    BANK = "BANK", _("From a bank")
    ORDER = "ORDER", _("By payment order")
    TREASURER = "TREASURER", _("Cash through the treasurer")


class PayIn(models.Model):
    """Money a member, or somebody for them, paid in; once per key. What it paid are its parts; they never change."""

    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="pay_ins", db_index=False)
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="pay_ins", db_index=False)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    source = models.CharField(max_length=9, choices=PaidBy.choices)
    reference = models.CharField(max_length=10, unique=True)
    key = models.CharField(max_length=120)
    transfer_id = models.BigIntegerField()
    paid_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    amount = MoneyOf("amount_minor")

    class Meta:
        verbose_name = _("payment into a group")
        verbose_name_plural = _("payments into groups")
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(fields=["member", "key"], name="a_payment_into_a_group_is_made_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="a_payment_into_a_group_pays_something"),
            models.CheckConstraint(condition=Q(source__in=PaidBy.values), name="source_of_a_pay_in_is_known"),
        ]
        indexes = [
            models.Index(fields=["group", "-id"], name="pay_ins_of_a_group"),
            models.Index(fields=["at"], name="pay_ins_of_a_day"),
        ]

    def __str__(self) -> str:
        return self.reference


class PayInPart(models.Model):
    """What of a payment went where: a due row's part, a fine, or ahead (neither)."""

    pay_in = models.ForeignKey(PayIn, on_delete=models.PROTECT, related_name="parts")
    fund = models.CharField(max_length=11, choices=FundKind.choices)
    minor = models.BigIntegerField()
    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, null=True, related_name="parts")
    fine = models.ForeignKey("chamas.Fine", on_delete=models.PROTECT, null=True, related_name="parts")

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [
            models.CheckConstraint(condition=Q(minor__gt=0), name="a_part_pays_something"),
            models.CheckConstraint(
                condition=Q(fund="FINES", fine__isnull=False, contribution=None)
                | Q(fund="ADVANCE", fine=None, contribution=None)
                | Q(fund__in=["WELFARE", "ROTATION", "SAVINGS"], fine=None, contribution__isnull=False),
                name="a_part_pays_what_its_fund_says",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pay_in_id} {self.fund} {self.minor}"


class PayInRefund(models.Model):
    """A payment that was meant for another group, given back by the group that had it; once."""

    pay_in = models.OneToOneField(PayIn, on_delete=models.PROTECT, related_name="refund")
    to_group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, null=True, related_name="+")
    to_pay_in = models.OneToOneField(PayIn, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=140)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.pay_in_id}"


class CashNoteStatus(models.TextChoices):
    """Where cash stands that a member gave the treasurer."""

    RECORDED = "RECORDED", _("The member must confirm it")
    CONFIRMED = "CONFIRMED", _("With the treasurer, not yet paid in")
    BANKED = "BANKED", _("Paid in")
    DENIED = "DENIED", _("The member says it is not so")
    WITHDRAWN = "WITHDRAWN", _("Taken back")


class CashNote(models.Model):
    """Cash handed to the treasurer. It is no money of the group before the treasurer pays it in from an account."""

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="cash_notes")
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="cash_notes")
    treasurer = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    note = models.CharField(max_length=140, blank=True, default="")
    status = models.CharField(max_length=9, choices=CashNoteStatus.choices, default=CashNoteStatus.RECORDED)
    key = models.CharField(max_length=120)
    recorded_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    banked_at = models.DateTimeField(null=True, blank=True)
    pay_in = models.OneToOneField(PayIn, on_delete=models.PROTECT, null=True, related_name="cash_note")

    amount = MoneyOf("amount_minor")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["treasurer", "key"], name="cash_is_recorded_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="a_cash_note_is_of_something"),
            models.CheckConstraint(condition=~Q(member=F("treasurer")), name="nobody_notes_their_own_cash"),
            models.CheckConstraint(
                condition=Q(status="BANKED", pay_in__isnull=False, banked_at__isnull=False, answered_at__isnull=False)
                | Q(status__in=["RECORDED", "CONFIRMED", "DENIED", "WITHDRAWN"], pay_in=None, banked_at=None),
                name="banked_cash_is_in_the_books",
            ),
        ]
        indexes = [
            models.Index(
                fields=["member"], condition=Q(status__in=["RECORDED", "CONFIRMED"]), name="cash_with_a_treasurer"
            )
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.amount_minor}"
