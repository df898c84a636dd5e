"""Where the compliance console answers."""

from django.urls import path

from apps.portals.compliance import (
    alerts,
    audit,
    case,
    customer,
    palette,
    privacy,
    quality,
    queue,
    registers,
    report,
    reports,
    rules,
    screening,
    staff,
    taxes,
)

app_name = "compliance"

_CASE = "cases/<str:reference>"

urlpatterns = [
    path("", queue.queue, name="queue"),
    path("queue", queue.queue),
    path("go", palette.go, name="go"),
    path("alerts", alerts.alerts, name="alerts"),
    path("alerts/<int:pk>/close", alerts.close, name="alert-close"),
    path(_CASE, case.case, name="case"),
    path(f"{_CASE}/evidence/<int:pk>", case.evidence, name="evidence"),
    path(f"{_CASE}/report", report.report, name="report"),
    path(f"{_CASE}/report.xml", report.export, name="report-xml"),
    path(f"{_CASE}/<slug:act>", case.act, name="case-act"),
    path("customers/<int:pk>", customer.customer, name="customer"),
    path("screening", screening.hits, name="screening"),
    path("screening/<int:pk>", screening.hit, name="hit"),
    path("rules", rules.rules, name="rules"),
    path("rules/<slug:code>", rules.rule, name="rule"),
    path("reports", reports.reports, name="reports"),
    path("reports/<int:pk>", reports.file, name="report-file"),
    path("quality", quality.quality, name="quality"),
    path("staff", staff.staff, name="staff"),
    path("staff/<int:pk>/close", staff.close, name="staff-close"),
    path("audit", audit.audit, name="audit"),
    path("privacy", privacy.requests, name="privacy"),
    path("privacy/requests/<uuid:public_id>", privacy.request, name="privacy-request"),
    path("privacy/requests/<uuid:public_id>/paper", privacy.paper, name="privacy-paper"),
    path("privacy/holds", privacy.holds, name="privacy-holds"),
    path("privacy/breaches", registers.breaches, name="privacy-breaches"),
    path("privacy/breaches/<str:reference>", registers.breach, name="privacy-breach"),
    path("privacy/processing", registers.activities, name="privacy-activities"),
    path("taxes", taxes.taxes, name="taxes"),
    path("taxes/<int:pk>", taxes.tax, name="tax"),
    path("privacy/retention", registers.retention, name="privacy-retention"),
]
