"""What compliance tells: ids of its own alone, never of whom, so that nobody learns of a case by an event."""

from dataclasses import dataclass

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRaised(Event):
    """Something was seen."""

    name = "compliance.alert.raised"
    alert_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(Event):
    """Somebody has to look."""

    name = "compliance.case.opened"
    case_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(Event):
    """Looked at: there was no suspicion."""

    name = "compliance.case.closed"
    case_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFiled(Event):
    """A report went to the Financial Reporting Centre."""

    name = "compliance.report.filed"
    report_id: int
