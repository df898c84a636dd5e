"""The registers of data protection: breaches with their clock, what the bank does with data, how long it keeps it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.compliance.models.consent import Basis
from apps.kernel.triggers import append_only

PROCESSOR_HOURS = timedelta(hours=48)


class BreachStatus(models.TextChoices):
    """Where a breach stands."""

    OPEN = "OPEN", _("Being looked into")
    REPORTED = "REPORTED", _("The Commissioner was told")
    CLOSED = "CLOSED", _("Closed")


class Breach(models.Model):
    """Personal data that was lost, changed or seen by who should not. The clock of 72 hours runs from `aware_at`."""

    reference = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=120)
    what = models.TextField(max_length=4000)
    categories = models.CharField(max_length=300, help_text=_("Which data: names, phones, balances …"))
    people = models.PositiveIntegerField(help_text=_("About how many people"))
    is_risky = models.BooleanField(help_text=_("Whether people may be harmed: then the Commissioner is told"))
    why_not_risky = models.CharField(max_length=500, blank=True, default="")
    processor = models.CharField(max_length=120, blank=True, default="")
    processor_knew_at = models.DateTimeField(null=True)
    happened_at = models.DateTimeField(null=True)
    aware_at = models.DateTimeField()
    report_due_at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=BreachStatus.choices, default=BreachStatus.OPEN)
    reported_at = models.DateTimeField(null=True)
    report_reference = models.CharField(max_length=60, blank=True, default="")
    late_because = models.CharField(max_length=500, blank=True, default="")
    told_people_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(status__in=BreachStatus.values), name="breach_status_is_known"),
            models.CheckConstraint(
                condition=~Q(status="REPORTED") | Q(reported_at__isnull=False), name="a_reported_breach_says_when"
            ),
            models.CheckConstraint(
                condition=Q(reported_at=None) | Q(reported_at__lte=F("report_due_at")) | ~Q(late_because=""),
                name="a_late_report_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(status="CLOSED") | Q(is_risky=False) | Q(reported_at__isnull=False),
                name="a_risky_breach_is_reported",
            ),
            models.CheckConstraint(condition=Q(is_risky=True) | ~Q(why_not_risky=""), name="no_risk_is_explained"),
        ]
        indexes = [
            models.Index(
                fields=["report_due_at"], condition=Q(status="OPEN", is_risky=True), name="breaches_by_time_left"
            )
        ]

    def __str__(self) -> str:
        return self.reference

    def is_overdue(self, at: datetime) -> bool:
        """Whether the Commissioner should have been told before now."""
        return self.is_risky and self.reported_at is None and self.report_due_at < at

    @property
    def processor_was_late(self) -> bool:
        """Whether who works for the bank took more than 48 hours to tell it."""
        return self.processor_knew_at is not None and self.aware_at - self.processor_knew_at > PROCESSOR_HOURS


class BreachEntryKind(models.TextChoices):
    """What was done about a breach."""

    OPENED = "OPENED", _("Written down")
    NOTE = "NOTE", _("Note")
    MEASURE = "MEASURE", _("Measure taken")
    REPORTED = "REPORTED", _("The Commissioner was told")
    TOLD = "TOLD", _("People were told")
    CLOSED = "CLOSED", _("Closed")


class BreachEntry(models.Model):
    """One thing that was done about a breach; written once."""

    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="entries", db_index=False)
    kind = models.CharField(max_length=8, choices=BreachEntryKind.choices)
    text = models.TextField(max_length=4000, blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        triggers = append_only()
        indexes = [models.Index(fields=["breach", "id"], name="history_of_a_breach")]

    def __str__(self) -> str:
        return f"{self.breach_id} {self.kind}"


class BreachPerson(models.Model):
    """A customer whom a breach touches, and when they were told."""

    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="touched", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["breach", "user"], name="a_breach_touches_a_person_once")]

    def __str__(self) -> str:
        return f"{self.breach_id} {self.user_id}"


class ProcessingActivity(models.Model):
    """One version of one thing the bank does with personal data; never changed, the newest is in force."""

    code = models.SlugField(max_length=30, db_index=False)
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=500)
    basis = models.CharField(max_length=10, choices=Basis.choices)
    law = models.CharField(max_length=200)
    people = models.CharField(max_length=200, help_text=_("Whose data"))
    categories = models.CharField(max_length=500, help_text=_("Which data"))
    recipients = models.CharField(max_length=500)
    retention = models.CharField(max_length=200)
    abroad = models.CharField(max_length=300, help_text=_("To which countries, with which safeguard"))
    dpia = models.CharField(max_length=300, help_text=_("Impact assessment: when, or why none is needed"))
    is_active = models.BooleanField(default=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField()

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="one_version_of_an_activity"),
            models.CheckConstraint(condition=Q(basis__in=Basis.values), name="basis_of_an_activity_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class RetentionAction(models.TextChoices):
    """What happens when the time is over."""

    DELETE = "DELETE", _("Deleted")
    BLANK = "BLANK", _("Made nameless")


class RetentionRule(models.Model):
    """How long one kind of data is kept, by versions that two people agreed on; the newest is in force."""

    code = models.CharField(max_length=20)
    version = models.PositiveSmallIntegerField()
    what_en = models.CharField(max_length=200)
    what_sw = models.CharField(max_length=200)
    keep_days = models.PositiveIntegerField()
    law = models.CharField(max_length=200)
    action = models.CharField(max_length=6, choices=RetentionAction.choices)
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    checker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField()

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="one_version_of_a_retention_rule"),
            models.CheckConstraint(condition=Q(keep_days__gt=0), name="data_is_kept_a_day_at_least"),
            models.CheckConstraint(
                condition=Q(maker=None, checker=None) | ~Q(maker=F("checker")), name="two_people_set_retention"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"

    @property
    def what(self) -> str:
        """What is kept, in the reader's language."""
        return str(self.what_sw if get_language() == "sw" else self.what_en)


class RetentionRun(models.Model):
    """What a rule did on one night: rows older than `before` that went, and rows that a hold kept."""

    rule = models.ForeignKey(RetentionRule, on_delete=models.PROTECT, related_name="runs")
    on_day = models.DateField()
    code = models.CharField(max_length=20)
    before = models.DateTimeField()
    affected = models.PositiveIntegerField()
    held_back = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [models.UniqueConstraint(fields=["code", "on_day"], name="a_retention_rule_runs_once_a_day")]

    def __str__(self) -> str:
        return f"{self.code} {self.on_day}"
