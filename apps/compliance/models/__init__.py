"""Rules by versions, alerts, cases with all that was done in them, reports."""

from apps.compliance.models.alert import (
    AlertQuerySet,
    AlertStatus,
    AmlRule,
    Severity,
    Source,
    SuspiciousActivityAlert,
    Sweep,
)
from apps.compliance.models.case import (
    LIVE,
    Case,
    CaseEntry,
    CaseQuerySet,
    CaseStatus,
    Decision,
    EntryKind,
    Evidence,
)
from apps.compliance.models.report import (
    ComplianceReport,
    FilingReceipt,
    ReportKind,
    ReportStatus,
    ReportVersion,
    SuspiciousTransactionReport,
)
from apps.compliance.models.staff import StaffAlert, StaffRule

__all__ = [
    "LIVE",
    "AlertQuerySet",
    "AlertStatus",
    "AmlRule",
    "Case",
    "CaseEntry",
    "CaseQuerySet",
    "CaseStatus",
    "ComplianceReport",
    "Decision",
    "EntryKind",
    "Evidence",
    "FilingReceipt",
    "ReportKind",
    "ReportStatus",
    "ReportVersion",
    "Severity",
    "Source",
    "StaffAlert",
    "StaffRule",
    "SuspiciousActivityAlert",
    "SuspiciousTransactionReport",
    "Sweep",
]
