"""A case: what is known of one customer's suspicious doings, and everything that was done about it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.triggers import append_only
from apps.users.queries import near


class CaseStatus(models.TextChoices):
    """Where a case stands."""

    OPEN = "OPEN", _("Nobody has it yet")
    INVESTIGATING = "INVESTIGATING", _("Investigating")
    REPORTED = "REPORTED", _("Reported")
    CLOSED = "CLOSED", _("Closed")


LIVE = (CaseStatus.OPEN, CaseStatus.INVESTIGATING)


class Decision(models.TextChoices):
    """What was decided."""

    NO_SUSPICION = "NO_SUSPICION", _("No suspicion")
    REPORT = "REPORT", _("Suspicious: to be reported")


class CaseQuerySet(models.QuerySet["Case"]):
    """Cases by whose they are and whether they wait."""

    def live(self) -> "CaseQuerySet":
        """To be worked on."""
        return self.filter(status__in=LIVE)

    def assigned_to(self, user: Any) -> "CaseQuerySet":
        """One's own."""
        return self.filter(assigned_to_id=user.pk)

    def visible_to(self, user: Any) -> "CaseQuerySet":
        """For those who work cases: all but those about themselves and theirs; for everybody else there are none."""
        if not user.is_active or not user.has_perm("compliance.work_cases"):
            return self.none()
        return self.not_about(user.pk)

    def not_about(self, user_id: int) -> "CaseQuerySet":
        """But those of this person or of anybody near them, and those with an alert in which one of these took part."""
        kin = near(user_id).values("pk")
        return self.exclude(subject__in=kin).exclude(alerts__parties__person__in=kin)

    def by_time_left(self) -> "CaseQuerySet":
        """The clock that runs out first, then the oldest."""
        return self.order_by(F("report_due_at").asc(nulls_last=True), "opened_at", "pk")


class Case(models.Model):
    """One customer under a look; without a subject, the bank itself (a broken audit trail)."""

    reference = models.CharField(max_length=20, unique=True)
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    status = models.CharField(max_length=13, choices=CaseStatus.choices, default=CaseStatus.OPEN)
    severity = models.CharField(max_length=6)
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    suspicion_recorded_at = models.DateTimeField(null=True)
    suspicion_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    report_due_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=12, choices=Decision.choices, blank=True, default="")
    decision_reason = models.TextField(max_length=4000, blank=True, default="")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    is_rechecked = models.BooleanField(null=True, help_text=_("What a second look at a sample said: right or not"))

    objects = CaseQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [
            ("work_cases", "Can see and work on cases of suspicion"),
            ("approve_str", "Can approve reports of suspicion (the MLRO)"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject"],
                condition=Q(status__in=["OPEN", "INVESTIGATING"]),
                nulls_distinct=False,
                name="one_open_case_a_subject",
            ),
            models.CheckConstraint(condition=Q(status__in=CaseStatus.values), name="aml_case_status_is_known"),
            models.CheckConstraint(
                condition=~Q(assigned_to=F("subject")) | Q(assigned_to=None) | Q(subject=None),
                name="nobody_works_on_their_own_case",
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_by=None)
                | (~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decision_reason="")),
                name="a_decided_case_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("subject")) | Q(decided_by=None) | Q(subject=None),
                name="nobody_decides_on_themselves",
            ),
            models.CheckConstraint(
                condition=Q(suspicion_recorded_at=None, suspicion_by=None, report_due_at=None)
                | Q(suspicion_recorded_at__isnull=False, suspicion_by__isnull=False, report_due_at__isnull=False),
                name="a_clock_has_a_beginning",
            ),
        ]
        indexes = [
            models.Index(
                fields=["report_due_at"], condition=Q(status__in=["OPEN", "INVESTIGATING"]), name="cases_by_time_left"
            ),
            models.Index(fields=["subject", "-id"], name="cases_of_a_person"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_live(self) -> bool:
        """To be worked on."""
        return self.status in LIVE


class EntryKind(models.TextChoices):
    """What was done in a case."""

    OPENED = "OPENED", _("Case opened")
    ALERT = "ALERT", _("Alert joined the case")
    PATH = "PATH", _("More people on the way of the money")
    CLAIMED = "CLAIMED", _("Taken up")
    ASSIGNED = "ASSIGNED", _("Assigned")
    NOTE = "NOTE", _("Note")
    EVIDENCE = "EVIDENCE", _("Evidence attached")
    SUSPICION = "SUSPICION", _("Suspicion recorded: the clock of two days runs")
    NO_SUSPICION = "NO_SUSPICION", _("Closed without suspicion")
    REPORT = "REPORT", _("Decided to report")
    DRAFTED = "DRAFTED", _("Report drafted")
    RETURNED = "RETURNED", _("Report sent back to its maker")
    APPROVED = "APPROVED", _("Report approved by the MLRO")
    FILED = "FILED", _("Report filed")
    RECEIVED = "RECEIVED", _("Receipt of the report recorded")
    REOPENED = "REOPENED", _("Opened again")
    REMINDED = "REMINDED", _("Reminded: twelve hours or less are left")


class CaseEntry(models.Model):
    """One thing that was done in a case; written once."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="entries", db_index=False)
    kind = models.CharField(max_length=12, choices=EntryKind.choices)
    text = models.TextField(max_length=4000, blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        triggers = append_only()
        indexes = [models.Index(fields=["case", "id"], name="history_of_a_case")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class Evidence(models.Model):
    """A file that belongs to a case, sealed at rest; `sha256` is of what was attached."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="evidence", db_index=False)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    sealed = models.BinaryField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(fields=["case", "sha256"], name="a_file_is_attached_once"),
            models.CheckConstraint(condition=Q(size__gt=0), name="evidence_is_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name
