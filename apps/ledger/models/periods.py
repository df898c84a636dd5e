"""Accounting periods: a closed one takes no more entries, and is reopened only with a reason, by two."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _


class PeriodStatus(models.TextChoices):
    """Whether a period takes entries; one that was declared by mistake is taken back, never deleted."""

    OPEN = "OPEN", _("Open")
    CLOSED = "CLOSED", _("Closed")
    WITHDRAWN = "WITHDRAWN", _("Taken back")


class Period(models.Model):
    """A stretch of days, usually a month. Days that belong to no period take entries."""

    name = models.CharField(max_length=40)
    first_on = models.DateField()
    last_on = models.DateField()
    status = models.CharField(max_length=9, choices=PeriodStatus.choices, default=PeriodStatus.OPEN)

    class Meta:
        db_table = "ledger_period"
        ordering = ["first_on"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(first_on__lte=F("last_on")), name="period_starts_before_it_ends"),
            ExclusionConstraint(
                name="periods_do_not_overlap",
                expressions=[
                    (
                        Func(F("first_on"), F("last_on"), Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=~Q(status="WITHDRAWN"),
            ),
            models.UniqueConstraint(
                fields=["name"], condition=~Q(status="WITHDRAWN"), name="a_period_has_its_own_name"
            ),
        ]
        indexes = [models.Index(fields=["last_on"], condition=Q(status="CLOSED"), name="closed_periods")]

    def __str__(self) -> str:
        return self.name


class PeriodChange(models.Model):
    """Who opened, closed or took back a period, or allowed another to reopen it; when and why. Append-only."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="changes")
    status = models.CharField(max_length=9, choices=PeriodStatus.choices)
    reason = models.TextField(blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger_period_change"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(  # not asked of what was reopened before it took two; opening has no reason
                condition=~Q(status="OPEN")
                | Q(reason="")
                | (Q(asked_by__isnull=False) & Q(by__isnull=False) & ~Q(asked_by=F("by"))),
                name="no_one_reopens_a_period_alone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period_id} {self.status}"
