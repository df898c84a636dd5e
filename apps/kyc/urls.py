"""Where tiers and limits answer."""

from django.urls import path

from apps.kyc.api import views

urlpatterns = [
    path("api/v1/kyc/status/", views.Status.as_view(), name="kyc-status"),
    path("api/v1/admin/tier-limits/", views.AdminTierLimits.as_view(), name="admin-tier-limits"),
    path("api/v1/admin/users/<int:pk>/tier/", views.CustomerTier.as_view(), name="admin-user-tier"),
]
