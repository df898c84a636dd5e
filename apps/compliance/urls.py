"""Where compliance answers."""

from typing import Any

from django.urls import path

from apps.compliance.api import privacy, privacy_staff, staff, taxes, views

_alerts, _cases, _sars = views.Alerts.as_view, views.Cases.as_view, views.Sars.as_view
_rules, _reports = views.Rules.as_view, views.Reports.as_view
_AT = "api/v1/admin/compliance/"
_ANY: dict[str, Any] = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}
_own, _desk = "api/v1/privacy/", f"{_AT}privacy/"
_requests, _holds, _breaches = (
    privacy_staff.Requests.as_view, privacy_staff.Holds.as_view, privacy_staff.Breaches.as_view,
)  # fmt: skip
_taxes = taxes.TaxReturns.as_view
_activities, _retention = privacy_staff.Activities.as_view, privacy_staff.Retention.as_view

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
    path(f"{_AT}rules/", _rules({"get": "list", "post": "create"}), name="aml-rules"),
    path(f"{_AT}rules/<slug:code>/", _rules(_ANY), name="aml-rule"),
    path(f"{_AT}rules/<slug:code>/back-test/", _rules({"post": "back_test"}), name="aml-rule-back-test"),
    path(f"{_AT}reports/", _reports({"get": "list", "post": "create"}), name="compliance-reports"),
    path(f"{_AT}tax-returns/", _taxes({"get": "list", "post": "create"}), name="tax-returns"),
    path(f"{_AT}tax-returns/open/", _taxes({"get": "open"}, pagination_class=None), name="taxes-open"),
    path(f"{_AT}tax-returns/on-account/", _taxes({"post": "pay_on_account"}), name="taxes-on-account"),
    path(f"{_AT}tax-returns/<int:pk>/", _taxes({"get": "retrieve"}), name="tax-return"),
    path(f"{_AT}tax-returns/<int:pk>/compute/", _taxes({"post": "compute"}), name="tax-return-compute"),
    path(f"{_AT}tax-returns/<int:pk>/file/", _taxes({"post": "file"}), name="tax-return-file"),
    path(f"{_AT}tax-returns/<int:pk>/pay/", _taxes({"post": "pay"}), name="tax-return-pay"),
    path("api/v1/audit/compliance-reports/", _reports({"get": "list"}), name="audit-compliance-reports"),
    path("api/v1/audit/staff-alerts/", staff.StaffAlerts.as_view({"get": "list"}), name="staff-alerts"),
    path(
        "api/v1/audit/staff-alerts/<int:pk>/close/",
        staff.StaffAlerts.as_view({"post": "close"}),
        name="staff-alert-close",
    ),
    path("api/v1/audit/suspicious-activity-alerts/", _alerts({"get": "list"}), name="audit-alerts"),
    path(f"{_own}consents/", privacy.Consents.as_view(), name="privacy-consents"),
    path(f"{_own}consents/<slug:code>/", privacy.Consent.as_view(), name="privacy-consent"),
    path(f"{_own}requests/", privacy.Requests.as_view(), name="privacy-requests"),
    path(f"{_own}requests/<uuid:public_id>/withdraw/", privacy.Withdraw.as_view(), name="privacy-withdraw"),
    path("api/v1/users/me/data-requests/", privacy.DataRequests.as_view(), name="my-data-requests"),
    path(f"{_own}exports/", privacy.Exports.as_view(), name="privacy-exports"),
    path(f"{_own}exports/<uuid:public_id>/file/", privacy.ExportFile.as_view(), name="privacy-export-file"),
    path(f"{_own}proofs/", privacy.Proofs.as_view(), name="privacy-proofs"),
    path(f"{_own}corrections/", privacy.Corrections.as_view(), name="privacy-corrections"),
    path(f"{_own}erasure/", privacy.Erasures.as_view(), name="privacy-erasure"),
    path(f"{_own}looks/", privacy.Looks.as_view(), name="privacy-looks"),
    path(f"{_desk}requests/", _requests({"get": "list"}), name="data-requests"),
    path(f"{_desk}requests/<uuid:public_id>/", _requests({"get": "retrieve"}), name="data-request"),
    path(f"{_desk}requests/<uuid:public_id>/decide/", _requests({"post": "decide"}), name="data-request-decide"),
    path(f"{_desk}holds/", _holds({"get": "list", "post": "create"}), name="holds"),
    path(f"{_desk}holds/<int:pk>/lift/", _holds({"post": "lift"}), name="hold-lift"),
    path(f"{_desk}breaches/", _breaches({"get": "list", "post": "create"}), name="breaches"),
    path(f"{_desk}breaches/<str:reference>/", _breaches({"post": "act"}), name="breach-act"),
    path(f"{_desk}activities/", _activities({"get": "list", "post": "create"}), name="activities"),
    path(f"{_desk}retention/", _retention({"get": "list"}), name="retention"),
    path(f"{_desk}retention/<str:code>/", _retention({"put": "update"}), name="retention-rule"),
]
