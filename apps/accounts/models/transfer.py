"""Automatic transfers: rules that move a person's money to where they want it, and what became of each run."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.account import Account
from apps.accounts.rules.transfers import ONCE_A_DAY
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only


class RuleKind(models.TextChoices):
    """What a rule does."""

    LOAN_DUES = "LOAN_DUES", _("Pay what is due on my loans")
    FIXED = "FIXED", _("Save a fixed amount")
    PERCENTAGE = "PERCENTAGE", _("Save a share of what comes in")
    SWEEP_ABOVE = "SWEEP_ABOVE", _("Move what is above an amount")
    TOP_UP_BELOW = "TOP_UP_BELOW", _("Fill up below an amount")
    ROUND_UP = "ROUND_UP", _("Round my payments up")


class RuleCadence(models.TextChoices):
    """How often a fixed amount is saved."""

    DAILY = "DAILY", _("Every day")
    WEEKLY = "WEEKLY", _("Every week")
    MONTHLY = "MONTHLY", _("Every month")


class AutoTransferRuleQuerySet(models.QuerySet["AutoTransferRule"]):
    """Rules by whose they are."""

    def owned_by(self, user: Any) -> "AutoTransferRuleQuerySet":
        """One's own."""
        return self.filter(owner_id=user.pk)

    def kept(self) -> "AutoTransferRuleQuerySet":
        """Not ended."""
        return self.filter(ended_at=None)

    def live(self) -> "AutoTransferRuleQuerySet":
        """At work; paused ones too, which only watch money go by."""
        return self.filter(ended_at=None, is_active=True)


class AutoTransferRule(models.Model):
    """One rule. Amounts in minor units; `floor_minor` is what the account it leaves keeps, whatever happens."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="transfer_rules", db_index=False
    )
    kind = models.CharField(max_length=12, choices=RuleKind.choices)
    from_account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="rules_out")
    to_account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="rules_in")
    currency = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField(null=True, help_text=_("Of a fixed transfer; or what payments round up to"))
    rate = models.DecimalField(max_digits=6, decimal_places=5, null=True, help_text=_("0.10000 is a tenth"))
    threshold_minor = models.BigIntegerField(null=True)
    floor_minor = models.BigIntegerField(default=0)
    cadence = models.CharField(max_length=7, choices=RuleCadence.choices, blank=True, default="")
    day = models.PositiveSmallIntegerField(
        null=True, help_text=_("Of the week from 1, or of the month; 31 is the last")
    )
    next_due_on = models.DateField(null=True)
    priority = models.PositiveSmallIntegerField(default=0, help_text=_("Among its like, the lower comes first"))
    is_active = models.BooleanField(default=True)
    paused_until = models.DateField(null=True, help_text=_("The first day it is at work again"))
    skip_next = models.BooleanField(default=False)
    seen_seq = models.BigIntegerField(default=0, help_text=_("Up to which line of its account it has looked"))
    looked_on = models.DateField(null=True, help_text=_("The last day on which it was looked at"))
    key = models.CharField(max_length=120, help_text=_("The owner's form or request, counted once"))
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    amount = MoneyOf("amount_minor")
    threshold = MoneyOf("threshold_minor")
    floor = MoneyOf("floor_minor")

    objects = AutoTransferRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="a_transfer_rule_counts_once"),
            models.CheckConstraint(condition=Q(kind__in=RuleKind.values), name="transfer_rule_kind_is_known"),
            models.CheckConstraint(condition=Q(floor_minor__gte=0), name="a_floor_is_not_below_nothing"),
            models.CheckConstraint(
                condition=Q(kind="LOAN_DUES", to_account=None)
                | (~Q(kind="LOAN_DUES") & Q(to_account__isnull=False) & ~Q(to_account=F("from_account"))),
                name="a_rule_goes_to_another_account",
            ),
            models.CheckConstraint(
                condition=Q(kind="FIXED", amount_minor__gt=0, cadence__in=RuleCadence.values, next_due_on__isnull=False)
                | Q(kind="PERCENTAGE", rate__gt=0, rate__lte=1)
                | Q(kind="SWEEP_ABOVE", threshold_minor__gte=F("floor_minor"))
                | Q(kind="TOP_UP_BELOW", threshold_minor__gt=0)
                | Q(kind="ROUND_UP", amount_minor__gt=0)
                | Q(kind="LOAN_DUES"),
                name="a_rule_says_how_much",
            ),
        ]
        indexes = [
            models.Index(fields=["owner"], condition=Q(ended_at=None, is_active=True), name="live_rules_of_a_person"),
            models.Index(fields=["looked_on"], condition=Q(ended_at=None, is_active=True), name="rules_to_look_at"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.from_account_id} → {self.to_account_id}"


class AutoRunStatus(models.TextChoices):
    """What became of one run."""

    MADE = "MADE", _("Moved")
    REFUSED = "REFUSED", _("Not moved")
    SKIPPED = "SKIPPED", _("Left out, as you asked")


class AutoTransferRun(models.Model):
    """One time a rule had something to do: what it moved, or why it did not. A rule answers an occasion once."""

    rule = models.ForeignKey(AutoTransferRule, on_delete=models.PROTECT, related_name="runs", db_index=False)
    kind = models.CharField(max_length=12, choices=RuleKind.choices)
    on = models.DateField()
    occasion = models.CharField(max_length=120, help_text=_("The day, or the money that came in"))
    status = models.CharField(max_length=7, choices=AutoRunStatus.choices)
    amount_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=8)
    because = models.CharField(max_length=200, blank=True, default="")
    transfer_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    amount = MoneyOf("amount_minor")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "occasion"], name="a_rule_answers_an_occasion_once"),
            models.UniqueConstraint(
                fields=["rule", "on"],
                condition=Q(status="MADE", kind__in=ONCE_A_DAY),
                name="rules_that_could_chase_move_once_a_day",
            ),
            models.CheckConstraint(
                condition=Q(status="MADE", amount_minor__gt=0, transfer_id__isnull=False)
                | (~Q(status="MADE") & Q(amount_minor=0, transfer_id=None)),
                name="what_was_moved_is_in_the_books",
            ),
        ]
        indexes = [models.Index(fields=["rule", "-id"], name="runs_of_a_rule")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.rule_id} {self.occasion} {self.status}"
