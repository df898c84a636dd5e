"""Where operators look, and where staff decide what others asked for."""

from django.urls import path

from apps.kernel import health
from apps.kernel.api.approvals import Approvals

_approvals = "api/v1/admin/approvals/"

urlpatterns = [
    path(_approvals, Approvals.as_view({"get": "list"}), name="approvals"),
    path(f"{_approvals}<int:pk>/", Approvals.as_view({"get": "retrieve"}), name="approval"),
    path(f"{_approvals}<int:pk>/approve/", Approvals.as_view({"post": "approve"}), name="approval-approve"),
    path(f"{_approvals}<int:pk>/reject/", Approvals.as_view({"post": "reject"}), name="approval-reject"),
    path(f"{_approvals}<int:pk>/withdraw/", Approvals.as_view({"post": "withdraw"}), name="approval-withdraw"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.prometheus, name="metrics"),
]
