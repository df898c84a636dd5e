"""Where auditors look, by API."""

from django.urls import path

from apps.audit_trail.api import views

urlpatterns = [
    path("api/v1/audit/audit-logs/", views.AuditLogs.as_view({"get": "list"}), name="audit-logs"),
    path("api/v1/audit/audit-logs/verify/", views.AuditLogs.as_view({"post": "verify"}), name="audit-verify"),
    path("api/v1/audit/audit-logs/<int:pk>/", views.AuditLogs.as_view({"get": "retrieve"}), name="audit-log"),
    path("api/v1/audit/audit-logs/export/", views.AuditLogs.as_view({"get": "export"}), name="audit-export"),
    path(
        "api/v1/audit/audit-logs/verify-all/", views.AuditLogs.as_view({"post": "verify_all"}), name="audit-verify-all"
    ),
    path("api/v1/audit/integrity-checks/", views.Checks.as_view({"get": "list"}), name="integrity-checks"),
    path("api/v1/audit/anchors/", views.Anchors.as_view({"get": "list"}), name="audit-anchors"),
]
