"""Standing orders, and what became of each of their dates."""

import uuid
from datetime import date
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.kernel.money import MoneyOf
from apps.payments.models.payment import Payment
from apps.payments.models.toward import Toward, goes_somewhere
from apps.payments.schedule import Schedule


class OrderStatus(models.TextChoices):
    """Where a standing order stands."""

    AWAITING_CONFIRMATION = "AWAITING_CONFIRMATION", _("Waiting for you to confirm")
    ACTIVE = "ACTIVE", _("Active")
    PAUSED = "PAUSED", _("Paused")
    DONE = "DONE", _("Done")
    CANCELLED = "CANCELLED", _("Cancelled")


class Cadence(models.TextChoices):
    """How often."""

    ONCE = "ONCE", _("Once, on a date")
    DAILY = "DAILY", _("Every day")
    WEEKLY = "WEEKLY", _("Every week")
    MONTHLY = "MONTHLY", _("Every month")


class DayOff(models.TextChoices):
    """What happens when a date falls on a weekend or a public holiday."""

    SAME_DAY = "SAME_DAY", _("Pay on the day all the same")
    NEXT = "NEXT", _("Pay on the next working day")
    SKIP = "SKIP", _("Leave that payment out")


class StandingOrderQuerySet(models.QuerySet["StandingOrder"]):
    """Standing orders by whose they are and what is due."""

    def owned_by(self, user: Any) -> "StandingOrderQuerySet":
        """Set up by this person, once proven."""
        return self.filter(owner_id=user.pk)

    def proven(self) -> "StandingOrderQuerySet":
        """Without those that wait for their proof."""
        return self.exclude(status=OrderStatus.AWAITING_CONFIRMATION)

    def due(self, on: date, at: Any) -> "StandingOrderQuerySet":
        """Those whose next date has come, and that do not wait for another try. Days off are looked at later."""
        waits = Q(next_try_at__isnull=False, next_try_at__gt=at)
        return self.filter(status=OrderStatus.ACTIVE, next_due_on__lte=on).exclude(waits)


# What a business signed is what runs, and nothing of it runs unsigned: whoever writes past the operations is refused.
_UNSIGNED = """
IF NEW.status IN ('ACTIVE', 'PAUSED')
   AND EXISTS (SELECT FROM users_user WHERE id = NEW.owner_id AND kind = 'BUSINESS')
   AND NOT EXISTS (SELECT FROM payments_jointorder WHERE order_id = NEW.id AND status = 'SIGNED')
THEN RAISE EXCEPTION 'an order of a business runs once it was signed'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'an_order_of_a_business_is_signed';
END IF;
RETURN NEW;
"""
_SIGNED = """
IF EXISTS (SELECT FROM payments_jointorder WHERE order_id = OLD.id)
THEN RAISE EXCEPTION 'what was signed does not change'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'a_signed_order_pays_the_same';
END IF;
RETURN NEW;
"""
_TERMS = (
    "owner_id", "from_account_id", "to_account_id", "rail", "kind", "payee_key", "amount_minor", "currency", "note",
    "cadence", "starts_on", "day", "times", "until", "day_off",
)  # fmt: skip
_update_of: Any = pgtrigger.UpdateOf


class StandingOrder(Toward):
    """A payment that makes itself on its dates, proven once. Amounts in minor units; the day's fee comes on top."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="standing_orders", db_index=False
    )
    from_account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="standing_orders")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    note = models.CharField(max_length=80, blank=True, default="")
    cadence = models.CharField(max_length=7, choices=Cadence.choices)
    starts_on = models.DateField()
    day = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("Of the month; 31 is the last"))
    times = models.PositiveIntegerField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    day_off = models.CharField(max_length=8, choices=DayOff.choices, default=DayOff.NEXT)
    status = models.CharField(max_length=21, choices=OrderStatus.choices, default=OrderStatus.AWAITING_CONFIRMATION)
    nth = models.PositiveIntegerField(default=0, help_text=_("Which occurrence comes next, from 0"))
    next_due_on = models.DateField(null=True)
    next_try_at = models.DateTimeField(null=True)
    key = models.CharField(max_length=120, help_text=_("The owner's form or request, counted once"))
    challenge = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(help_text=_("Until when it can be proven"))
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    amount = MoneyOf("amount_minor")

    objects = StandingOrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="a_standing_order_form_counts_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="a_standing_order_pays_something"),
            models.CheckConstraint(condition=Q(status__in=OrderStatus.values), name="standing_order_status_is_known"),
            models.CheckConstraint(
                condition=Q(cadence="MONTHLY", day__range=(1, 31)) | (~Q(cadence="MONTHLY") & Q(day=None)),
                name="a_monthly_order_has_its_day",
            ),
            models.CheckConstraint(condition=Q(times=None) | Q(until=None), name="an_order_ends_by_number_or_by_date"),
            models.CheckConstraint(condition=~Q(cadence="DAILY", day_off="NEXT"), name="a_daily_order_does_not_move"),
            models.CheckConstraint(
                condition=Q(status__in=["DONE", "CANCELLED"], next_due_on=None, ended_at__isnull=False)
                | (~Q(status__in=["DONE", "CANCELLED"]) & Q(next_due_on__isnull=False, ended_at=None)),
                name="an_order_has_a_next_date_until_it_ends",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["ACTIVE", "PAUSED", "DONE"]) | Q(confirmed_at__isnull=False),
                name="no_order_runs_unproven",
            ),
            models.CheckConstraint(
                condition=Q(to_account=None) | ~Q(to_account=F("from_account")), name="no_order_to_the_same_account"
            ),
            goes_somewhere("an_order_goes_to_an_account_or_by_a_rail"),
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="orders_of_a_person"),
            models.Index(fields=["next_due_on"], condition=Q(status="ACTIVE"), name="orders_by_next_date"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="an_order_of_a_business_is_signed",
                operation=pgtrigger.Insert | _update_of("status", "owner_id"),
                when=pgtrigger.Before,
                func=_UNSIGNED,
            ),
            pgtrigger.Trigger(
                name="a_signed_order_pays_the_same", operation=_update_of(*_TERMS), when=pgtrigger.Before, func=_SIGNED
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_cadence_display()} {self.amount} {self.payee_name}"

    @property
    def schedule(self) -> Schedule:
        """When it is due."""
        return Schedule(self.cadence, self.starts_on, self.day, self.times, self.until)


class RunStatus(models.TextChoices):
    """What became of one date of a standing order."""

    WAITING = "WAITING", _("Tried again later today")
    UNDER_WAY = "UNDER_WAY", _("On its way")
    PAID = "PAID", _("Paid")
    FAILED = "FAILED", _("Not paid")
    SKIPPED = "SKIPPED", _("Left out")
    MISSED = "MISSED", _("Missed by the bank")


class StandingOrderRun(models.Model):
    """One date of a standing order: there is one row, and at most one payment, for each."""

    order = models.ForeignKey(StandingOrder, on_delete=models.PROTECT, related_name="runs", db_index=False)
    due_on = models.DateField()
    status = models.CharField(max_length=9, choices=RunStatus.choices)
    tries = models.PositiveSmallIntegerField(default=0)
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, null=True, related_name="standing_order_run")
    because = models.CharField(max_length=200, blank=True, default="", help_text=_("Why nothing was paid"))
    created_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "due_on"], name="one_run_for_each_date"),
            models.CheckConstraint(condition=Q(status__in=RunStatus.values), name="run_status_is_known"),
            models.CheckConstraint(
                condition=~Q(status__in=["UNDER_WAY", "PAID"]) | Q(payment__isnull=False),
                name="what_was_paid_has_its_payment",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at"], condition=Q(status__in=["FAILED", "MISSED"]), name="runs_not_paid")
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.due_on} {self.status}"
