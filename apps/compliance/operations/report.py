"""Reports to the Financial Reporting Centre: of suspicion by four eyes, of cash each week, and the year's."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Transaction
from apps.compliance import policies
from apps.compliance.errors import FiledAlready, ReasonNeeded, ReportIncomplete
from apps.compliance.events import ReportFiled
from apps.compliance.models import (
    Case,
    CaseStatus,
    ComplianceReport,
    Decision,
    EntryKind,
    FilingReceipt,
    ReportKind,
    ReportStatus,
    ReportVersion,
    SuspiciousActivityAlert,
    SuspiciousTransactionReport,
    Sweep,
)
from apps.compliance.operations.case import write
from apps.compliance.operations.export import document
from apps.compliance.operations.sweep import sweep_day
from apps.compliance.queries import people_of
from apps.compliance.states import CASE, REPORT
from apps.kernel import events
from apps.kernel.clock import day_start, local_date
from apps.kernel.errors import Conflict, IllegalMove
from apps.users.models import User

OLDEST_BOOKS = 2000  # no rule looks back past the calendar's own beginning from there


@transaction.atomic
def draft(
    *, case: Case, narrative: str, lines: Sequence[int], indicators: Sequence[str], action: str, by: User, at: datetime
) -> SuspiciousTransactionReport:
    """Write a report of suspicion, or a new version of the one not approved yet; the case must be decided so.
    Its transactions are those of the subject and of whoever passed the same money on, the subject's among them.

    Raises NotFound, NotAllowed, ReportIncomplete without narrative or transactions of the subject, IllegalMove.
    """
    policies.require_may_work(by, case)
    held = Case.objects.select_for_update().get(pk=case.pk)
    if held.decision != Decision.REPORT or held.status != CaseStatus.INVESTIGATING:
        raise IllegalMove(_("Decide first that the case is to be reported. Nothing was written."))
    people = people_of(case)
    found = dict(
        Transaction.objects.filter(pk__in=list(lines), account__owner__in=people).values_list("pk", "account__owner")
    )
    own = sorted(found)
    if not narrative.strip() or case.subject_id not in found.values() or len(own) != len(set(lines)):
        raise ReportIncomplete(
            _("A report needs a narrative and at least one transaction of the customer. Nothing was written.")
        )
    report = case.reports.select_for_update().filter(status__in=["DRAFT", "APPROVED"]).first()
    if report and report.status != ReportStatus.DRAFT:
        raise IllegalMove(_("The MLRO approved this report: it is not changed any more. Nothing was written."))
    report = report or SuspiciousTransactionReport.objects.create(
        case=case, reference=f"{case.reference}-{case.reports.count() + 1}", drafted_by=by, drafted_at=at
    )
    number = report.versions.count() + 1
    ReportVersion.objects.create(
        report=report, number=number, narrative=narrative.strip()[:8000], action=action.strip()[:2000],
        indicators=list(indicators), lines=own, by=by, at=at,
    )  # fmt: skip
    SuspiciousTransactionReport.objects.filter(pk=report.pk).update(is_asked=True)
    report.is_asked = True
    write(case, EntryKind.DRAFTED, by=by, at=at, text=f"{report.reference} · {number}")
    return report


@transaction.atomic
def send_back(*, report: SuspiciousTransactionReport, reason: str, by: User, at: datetime) -> None:
    """The MLRO wants it otherwise. Raises NotFound, NotAllowed, ReasonNeeded, IllegalMove."""
    policies.require_may_approve(by, report)
    if not reason.strip():
        raise ReasonNeeded(_("Say why you return it: its maker reads your reason."))
    waiting = SuspiciousTransactionReport.objects.filter(pk=report.pk, status=ReportStatus.DRAFT, is_asked=True)
    if not waiting.update(is_asked=False):
        raise IllegalMove(_("This report does not wait for you any more. Nothing was changed."))
    write(report.case, EntryKind.RETURNED, by=by, at=at, text=reason)


@transaction.atomic
def approve(*, report: SuspiciousTransactionReport, by: User, at: datetime) -> ComplianceReport:
    """The MLRO approves the newest version; its file is made and kept. Raises NotFound, NotAllowed, IllegalMove."""
    held = SuspiciousTransactionReport.objects.select_for_update().select_related("case").get(pk=report.pk)
    policies.require_may_approve(by, held)
    if not held.is_asked:
        raise IllegalMove(_("This report was sent back to its maker. Nothing was changed."))
    REPORT.make(held, ReportStatus.APPROVED, approved_by=by, approved_at=at)
    report.status, report.approved_by, report.approved_at = held.status, by, at
    last = held.versions.order_by("-number")[0]
    content = document(
        kind="STR", reference=held.reference, reason=last.narrative, action=last.action, indicators=last.indicators,
        ids=last.lines, by=by, at=at,
    )  # fmt: skip
    days = sorted(Transaction.objects.filter(pk__in=last.lines).values_list("booked_on", flat=True))
    kept = _keep(
        ReportKind.STR, days[0], days[-1], f"{held.reference}.xml", "application/xml", content,
        {"transactions": len(last.lines), "version": last.number}, by=by, at=at, report=held,
    )  # fmt: skip
    write(held.case, EntryKind.APPROVED, by=by, at=at, text=f"{held.reference} · SHA-256 {kept.sha256[:16]}")
    return kept


@transaction.atomic
def file(*, report: SuspiciousTransactionReport, by: User, at: datetime) -> None:
    """Say that the file was brought to the centre; the case is reported. Raises NotFound, NotAllowed, IllegalMove."""
    policies.require_may_work(by, report.case)
    REPORT.make(report, ReportStatus.FILED, filed_by=by, filed_at=at)
    CASE.make(report.case, CaseStatus.REPORTED)
    write(report.case, EntryKind.FILED, by=by, at=at, text=report.reference)
    events.publish(ReportFiled(report_id=report.pk))


@transaction.atomic
def receive(*, kept: ComplianceReport, number: str, by: User, at: datetime) -> FilingReceipt:
    """Write down the centre's receipt, once for good. Raises NotFound, NotAllowed, ReasonNeeded, FiledAlready."""
    policies.require_may_know(by)
    if kept.report:
        policies.require_may_work(by, kept.report.case)
    if not number.strip():
        raise ReasonNeeded(_("Write the number of the receipt."))
    try:
        with transaction.atomic():
            receipt = FilingReceipt.objects.create(file=kept, number=number.strip()[:60], by=by, at=at)
    except IntegrityError as no:
        raise FiledAlready(_("A receipt of this file is written down already; it is not changed.")) from no
    if kept.report:
        REPORT.make(kept.report, ReportStatus.RECEIVED)
        write(kept.report.case, EntryKind.RECEIVED, by=by, at=at, text=receipt.number)
    return receipt


@transaction.atomic
def make_cash_report(*, week_of: date, by: User, at: datetime) -> ComplianceReport:
    """The week's cash over the threshold (Monday to Sunday) as goAML, or as an empty list when there was none.

    The same week again is the same file, so the watch looks first at what it has not looked at yet. Raises NotFound,
    Conflict when the week is not over.
    """
    policies.require_may_know(by)
    _require_books_of(week_of.year)
    first = week_of - timedelta(days=week_of.weekday())
    if local_date(at) - first < timedelta(days=7):
        raise Conflict(_("That week is not over yet. Nothing was made."))
    last = first + timedelta(days=6)
    if found := ComplianceReport.objects.filter(kind=ReportKind.CASH, first_on=first, last_on=last).first():
        return found
    _look_at_the_rest(first, last, at)
    alerts = SuspiciousActivityAlert.objects.filter(
        code="CASH_OVER", last_at__gte=day_start(first), last_at__lt=day_start(last + timedelta(days=1))
    )
    ids = sorted({line for lines in alerts.values_list("lines", flat=True) for line in lines})
    figures = {"customers": len({alert.subject_id for alert in alerts}), "transactions": len(ids)}
    name = f"cash-{first:%Y-%m-%d}"
    if not ids:
        return _keep(ReportKind.CASH, first, last, f"{name}.csv", "text/csv", _table(figures), figures, by=by, at=at)
    content = document(kind="CASH", reference=name, reason="Cash at or above the reporting threshold", action="",
                       indicators=["CASH"], ids=ids, by=by, at=at)  # fmt: skip
    return _keep(ReportKind.CASH, first, last, f"{name}.xml", "application/xml", content, figures, by=by, at=at)


def _require_books_of(year: int) -> None:
    if year < OLDEST_BOOKS:
        raise Conflict(_("The bank has no books of that time. Nothing was made."))


def _look_at_the_rest(first: date, last: date, at: datetime) -> None:
    """Days that no night has looked at yet: what is made stays, so what is seen later would be in no report."""
    known = set(Sweep.objects.filter(on_date__range=(first, last)).values_list("on_date", flat=True))
    for day in (first + timedelta(days=nth) for nth in range((last - first).days + 1)):
        if day not in known:
            sweep_day(day=day, at=at)


@transaction.atomic
def make_annual_report(*, year: int, by: User, at: datetime) -> ComplianceReport:
    """The year's counts, due by 31 January. The same year again is the same file. Raises NotFound, Conflict."""
    policies.require_may_know(by)
    _require_books_of(year)
    if year >= local_date(at).year:
        raise Conflict(_("That year is not over yet. Nothing was made."))
    first, last = date(year, 1, 1), date(year, 12, 31)
    begins, ends = day_start(first), day_start(date(year + 1, 1, 1))
    if found := ComplianceReport.objects.filter(kind=ReportKind.ANNUAL, first_on=first, last_on=last).first():
        return found
    within = {"at__gte": begins, "at__lt": ends}
    figures = {
        "alerts": SuspiciousActivityAlert.objects.filter(raised_at__gte=begins, raised_at__lt=ends).count(),
        "cases_opened": Case.objects.filter(opened_at__gte=begins, opened_at__lt=ends).count(),
        "cases_without_suspicion": Case.objects.filter(
            decision=Decision.NO_SUSPICION, decided_at__gte=begins, decided_at__lt=ends
        ).count(),
        "reports_filed": SuspiciousTransactionReport.objects.filter(filed_at__gte=begins, filed_at__lt=ends).count(),
        "receipts": FilingReceipt.objects.filter(**within).count(),
        "cash_reports": ComplianceReport.objects.filter(
            kind=ReportKind.CASH, last_on__gte=first, last_on__lte=last
        ).count(),
    }
    content = _table(figures)
    return _keep(ReportKind.ANNUAL, first, last, f"aml-{year}.csv", "text/csv", content, figures, by=by, at=at)


def _table(figures: dict[str, Any]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["figure", "count"])
    writer.writerows(figures.items())
    return text.getvalue().encode()


def _keep(
    kind: str, first: date, last: date, name: str, content_type: str, content: bytes, figures: dict[str, Any], *,
    by: User, at: datetime, report: SuspiciousTransactionReport | None = None,
) -> ComplianceReport:  # fmt: skip
    return ComplianceReport.objects.create(
        kind=kind, first_on=first, last_on=last, report=report, name=name, content_type=content_type, content=content,
        sha256=sha256(content).hexdigest(), figures=figures, made_by=by, made_at=at,
    )  # fmt: skip
