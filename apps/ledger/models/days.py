"""The business day, and the record of the work that ends it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class DayStatus(models.TextChoices):
    """Where a business day stands."""

    OPEN = "OPEN", _("Open")
    CLOSING = "CLOSING", _("Closing")
    CLOSED = "CLOSED", _("Closed")


class BusinessDay(models.Model):
    """A day of the bank; at most one is open or closing."""

    day = models.DateField(primary_key=True)
    status = models.CharField(max_length=7, choices=DayStatus.choices, default=DayStatus.OPEN)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "ledger_business_day"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(models.Value(1), condition=~Q(status="CLOSED"), name="one_business_day_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.status}"


class RunStatus(models.TextChoices):
    """Where a run, or one of its steps, stands."""

    WAITING = "WAITING", _("Waiting")
    RUNNING = "RUNNING", _("Running")
    FAILED = "FAILED", _("Failed")
    DONE = "DONE", _("Done")


class EodRun(models.Model):
    """The end of one business day, however often it had to be started."""

    day = models.OneToOneField(BusinessDay, on_delete=models.PROTECT, related_name="run")
    status = models.CharField(max_length=7, choices=RunStatus.choices, default=RunStatus.RUNNING)
    attempts = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "ledger_eod_run"
        ordering = ["-day_id"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.day_id} {self.status}"


class EodStep(models.Model):
    """One step of a run: done once, tried as often as it takes."""

    run = models.ForeignKey(EodRun, on_delete=models.PROTECT, related_name="steps", db_index=False)
    name = models.CharField(max_length=120)
    position = models.IntegerField()
    status = models.CharField(max_length=7, choices=RunStatus.choices, default=RunStatus.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(blank=True, default="", help_text=_("What it did, or why it failed"))

    class Meta:
        db_table = "ledger_eod_step"
        ordering = ["position", "name"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="a_step_runs_once_a_day")]

    def __str__(self) -> str:
        return f"{self.name} {self.status}"
