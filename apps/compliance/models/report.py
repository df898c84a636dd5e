"""Reports of suspicion with their versions, and every file that was made for the Financial Reporting Centre."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.compliance.models.case import Case
from apps.kernel.triggers import append_only


class ReportStatus(models.TextChoices):
    """Where a report of suspicion stands."""

    DRAFT = "DRAFT", _("Draft")
    APPROVED = "APPROVED", _("Approved")
    FILED = "FILED", _("Filed")
    RECEIVED = "RECEIVED", _("Receipt recorded")


class StrQuerySet(models.QuerySet["SuspiciousTransactionReport"]):
    """Reports of suspicion by whom they may be shown to."""

    def not_about(self, user_id: int) -> "StrQuerySet":
        """But those of cases that are not there for this person: see `CaseQuerySet.not_about`."""
        return self.filter(case__in=Case.objects.not_about(user_id))


class SuspiciousTransactionReport(models.Model):
    """A report of suspicion (STR, also SAR): drafted by one, approved by the MLRO, who is another."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reports")
    reference = models.CharField(max_length=24, unique=True)
    status = models.CharField(max_length=8, choices=ReportStatus.choices, default=ReportStatus.DRAFT)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    is_asked = models.BooleanField(default=False, help_text=_("The MLRO is asked"))
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    filed_at = models.DateTimeField(null=True)

    objects = StrQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(status__in=["DRAFT", "APPROVED"]), name="one_unfiled_report_a_case"
            ),
            models.CheckConstraint(condition=Q(status__in=ReportStatus.values), name="report_status_is_known"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("drafted_by")), name="nobody_approves_their_own_report"
            ),
            models.CheckConstraint(
                condition=Q(status="DRAFT", approved_by=None)
                | (~Q(status="DRAFT") & Q(approved_by__isnull=False, approved_at__isnull=False)),
                name="an_approved_report_has_an_mlro",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class ReportVersion(models.Model):
    """What a draft said at a time; written once."""

    report = models.ForeignKey(
        SuspiciousTransactionReport, on_delete=models.PROTECT, related_name="versions", db_index=False
    )
    number = models.PositiveIntegerField()
    narrative = models.TextField(max_length=8000)
    action = models.TextField(max_length=2000, blank=True, default="", help_text=_("What the bank did"))
    indicators = ArrayField(models.CharField(max_length=20), default=list)
    lines = ArrayField(models.BigIntegerField())
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="one_report_version_a_number"),
            models.CheckConstraint(
                condition=~Q(narrative="") & Q(lines__len__gt=0), name="a_report_tells_of_transactions"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.number}"


class ReportKind(models.TextChoices):
    """What a file reports."""

    STR = "STR", _("Suspicious transactions")
    CASH = "CASH", _("Cash, weekly")
    ANNUAL = "ANNUAL", _("Annual report")


class ComplianceReportQuerySet(models.QuerySet["ComplianceReport"]):
    """Files by whom they may be shown to."""

    def not_about(self, user_id: int) -> "ComplianceReportQuerySet":
        """But those of reports that are not there for this person."""
        return self.filter(Q(report=None) | Q(report__case__in=Case.objects.not_about(user_id)))


class ComplianceReport(models.Model):
    """A file as it was made, and its hash; written once. `figures` are its counts and sums."""

    kind = models.CharField(max_length=6, choices=ReportKind.choices)
    first_on = models.DateField()
    last_on = models.DateField()
    report = models.OneToOneField(SuspiciousTransactionReport, on_delete=models.PROTECT, null=True, related_name="file")
    name = models.CharField(max_length=80)
    content_type = models.CharField(max_length=40)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    figures = models.JSONField(default=dict)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    objects = ComplianceReportQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "first_on", "last_on"], condition=~Q(kind="STR"), name="one_report_a_period"
            ),
            models.CheckConstraint(condition=Q(kind__in=ReportKind.values), name="report_kind_is_known"),
            models.CheckConstraint(condition=Q(first_on__lte=F("last_on")), name="a_report_goes_forward"),
            models.CheckConstraint(
                condition=Q(kind="STR", report__isnull=False) | (~Q(kind="STR") & Q(report=None)),
                name="a_file_of_suspicion_has_its_report",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FilingReceipt(models.Model):
    """What the Financial Reporting Centre answered to a file; written once."""

    file = models.OneToOneField(ComplianceReport, on_delete=models.PROTECT, related_name="receipt")
    number = models.CharField(max_length=60)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [models.CheckConstraint(condition=~Q(number=""), name="a_receipt_has_a_number")]

    def __str__(self) -> str:
        return self.number
