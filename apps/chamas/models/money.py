"""A group's funds, and every movement of its money: the rows nobody can erase."""

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.chamas.models.group import ChamaGroup, Membership
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only


class FundKind(models.TextChoices):
    """What money of a group is for. Loans and investments stand below zero: money of the pot that is out working."""

    SAVINGS = "SAVINGS", _("Savings")
    SHARES = "SHARES", _("Share capital")
    FINES = "FINES", _("Fines")
    RESERVE = "RESERVE", _("Earned together")
    LOANS = "LOANS", _("Lent to members")
    INVESTMENTS = "INVESTMENTS", _("Investments")
    WELFARE = "WELFARE", _("Welfare")
    ROTATION = "ROTATION", _("Merry-go-round")
    ADVANCE = "ADVANCE", _("Paid ahead")


class EntryKind(models.TextChoices):
    """What happened."""

    CONTRIBUTION = "CONTRIBUTION", _("Contribution")
    SHARE_PURCHASE = "SHARE_PURCHASE", _("Shares bought")
    FINE = "FINE", _("Fine paid")
    PAYOUT = "PAYOUT", _("Merry-go-round payout")
    LOAN = "LOAN", _("Loan to a member")
    LOAN_REPAYMENT = "LOAN_REPAYMENT", _("Loan paid back")
    LOAN_INTEREST = "LOAN_INTEREST", _("Interest on a loan")
    LOAN_LOSS = "LOAN_LOSS", _("Loan written off")
    LOAN_RECOVERY = "LOAN_RECOVERY", _("Lost loan that came back")
    WELFARE_CLAIM = "WELFARE_CLAIM", _("Welfare paid")
    WITHDRAWAL = "WITHDRAWAL", _("Savings taken out")
    EXIT = "EXIT", _("Share of a member who left")
    EXIT_FEE = "EXIT_FEE", _("Fee for leaving")
    REFUND = "REFUND", _("Given back")
    DIVIDEND = "DIVIDEND", _("Dividend")
    SHARE_OUT = "SHARE_OUT", _("Share-out")
    INVESTMENT = "INVESTMENT", _("Investment")
    INVESTMENT_RETURN = "INVESTMENT_RETURN", _("From an investment")
    EXPENSE = "EXPENSE", _("Spent for the group")
    BROUGHT = "BROUGHT", _("Brought into the group")
    MOVED = "MOVED", _("Moved between funds")
    REVERSAL = "REVERSAL", _("Taken back")


class Fund(models.Model):
    """One purpose of a group's money, and its account in the books."""

    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="funds", db_index=False)
    kind = models.CharField(max_length=11, choices=FundKind.choices)
    ledger_account = models.OneToOneField("ledger.LedgerAccount", on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["group", "kind"], name="a_group_has_each_fund_once"),
            models.CheckConstraint(condition=Q(kind__in=FundKind.values), name="fund_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.kind}"


# Asked when the transaction ends, once all rows of a transfer are there; who takes out waits for who took out before.
# Contributions only add, so they take no lock and never wait for each other.
_ENOUGH = """
PERFORM FROM chamas_chamagroup WHERE id = NEW.group_id FOR NO KEY UPDATE;
IF (SELECT sum(amount_minor) FROM chamas_groupentry
     WHERE group_id = NEW.group_id
       AND CASE WHEN NEW.fund IN ('WELFARE', 'ROTATION', 'ADVANCE') THEN fund = NEW.fund
                ELSE fund NOT IN ('WELFARE', 'ROTATION', 'ADVANCE') END) < 0
THEN RAISE EXCEPTION 'group % has not enough for this', NEW.group_id
     USING ERRCODE = 'check_violation', CONSTRAINT = 'a_purse_is_never_below_zero';
END IF;
IF NEW.fund IN ('SAVINGS', 'SHARES', 'ADVANCE') AND NEW.member_id IS NOT NULL AND
   (SELECT sum(amount_minor) FROM chamas_groupentry
     WHERE group_id = NEW.group_id AND member_id = NEW.member_id AND fund = NEW.fund) < 0
THEN RAISE EXCEPTION 'member % has not enough for this', NEW.member_id
     USING ERRCODE = 'check_violation', CONSTRAINT = 'a_member_owns_no_less_than_nothing';
END IF;
RETURN NULL;
"""


class GroupEntryQuerySet(models.QuerySet["GroupEntry"]):
    """Rows of ledgers by what they add up to."""

    def by_fund(self) -> dict[str, int]:
        """What each fund holds of these rows (minor units); every fund is named."""
        sums = self.values_list("fund").annotate(models.Sum("amount_minor")).order_by()
        return dict.fromkeys(FundKind.values, 0) | dict(sums)


class GroupEntry(models.Model):
    """What one transfer in the books did to one fund, for one member (minor units; + the fund holds more).

    The group's own ledger: all entries of a fund together are the balance of its account in the books. A purse never
    falls below zero, and no member's savings or shares do: the database sees to both.
    """

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="entries", db_index=False)
    fund = models.CharField(max_length=11, choices=FundKind.choices)
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="entries", db_index=False)
    kind = models.CharField(max_length=17, choices=EntryKind.choices)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    transfer_id = models.BigIntegerField()
    reference = models.CharField(max_length=60, help_text=_("What people quote"))
    note = models.CharField(max_length=140, blank=True, default="")
    booked_on = models.DateField()
    at = models.DateTimeField()

    objects = GroupEntryQuerySet.as_manager()
    amount = MoneyOf("amount_minor")

    class Meta:
        verbose_name = _("entry of a group")
        verbose_name_plural = _("entries of groups")
        triggers = [
            *append_only(),
            pgtrigger.Trigger(
                name="what_leaves_was_there",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(new__amount_minor__lt=0),
                func=_ENOUGH,
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="a_group_entry_moves_something"),
            models.CheckConstraint(condition=Q(fund__in=FundKind.values), name="entry_fund_is_known"),
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="entry_kind_is_known"),
        ]
        indexes = [
            models.Index(fields=["group", "-id"], name="entries_of_a_group"),
            models.Index(fields=["group", "fund"], include=["amount_minor"], name="entries_of_a_fund"),
            models.Index(fields=["member", "fund"], include=["amount_minor"], name="entries_of_a_member"),
            models.Index(fields=["transfer_id"], name="group_entries_of_a_transfer"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.fund} {self.amount_minor}"
