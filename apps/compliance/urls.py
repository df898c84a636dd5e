"""Where compliance answers."""

from django.urls import path

from apps.compliance.api import staff, views

_alerts, _cases, _sars = views.Alerts.as_view, views.Cases.as_view, views.Sars.as_view
_rules, _reports = views.Rules.as_view, views.Reports.as_view
_AT = "api/v1/admin/compliance/"

urlpatterns = [
    path(f"{_AT}aml-alerts/", _alerts({"get": "list"}), name="aml-alerts"),
    path(f"{_AT}aml-alerts/<int:pk>/", _alerts({"get": "retrieve"}), name="aml-alert"),
    path(f"{_AT}aml-alerts/<int:pk>/close/", _alerts({"post": "close"}), name="aml-alert-close"),
    path(f"{_AT}cases/", _cases({"get": "list", "post": "create"}), name="aml-cases"),
    path(f"{_AT}cases/<str:reference>/", _cases({"get": "retrieve"}), name="aml-case"),
    path(f"{_AT}cases/<str:reference>/decide/", _cases({"post": "decide"}), name="aml-case-decide"),
    path(f"{_AT}sar/", _sars({"post": "create"}), name="sar"),
    path(f"{_AT}sar/<int:pk>/", _sars({"get": "retrieve"}), name="sar-one"),
    path(f"{_AT}sar/<int:pk>/approve/", _sars({"post": "approve"}), name="sar-approve"),
    path(f"{_AT}rules/", _rules({"get": "list"}), name="aml-rules"),
    path(f"{_AT}rules/<slug:code>/", _rules({"get": "retrieve", "put": "update"}), name="aml-rule"),
    path(f"{_AT}rules/<slug:code>/back-test/", _rules({"post": "back_test"}), name="aml-rule-back-test"),
    path(f"{_AT}reports/", _reports({"get": "list", "post": "create"}), name="compliance-reports"),
    path("api/v1/audit/compliance-reports/", _reports({"get": "list"}), name="audit-compliance-reports"),
    path("api/v1/audit/staff-alerts/", staff.StaffAlerts.as_view({"get": "list"}), name="staff-alerts"),
    path(
        "api/v1/audit/staff-alerts/<int:pk>/close/",
        staff.StaffAlerts.as_view({"post": "close"}),
        name="staff-alert-close",
    ),
    path("api/v1/audit/suspicious-activity-alerts/", _alerts({"get": "list"}), name="audit-alerts"),
]
