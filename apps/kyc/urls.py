"""Where tiers and limits answer."""

from django.urls import path

from apps.kyc.api import screening, views

_SCREENING = "api/v1/admin/compliance/screening/"

urlpatterns = [
    path("api/v1/kyc/status/", views.Status.as_view(), name="kyc-status"),
    path("api/v1/admin/tier-limits/", views.AdminTierLimits.as_view(), name="admin-tier-limits"),
    path("api/v1/admin/users/<int:pk>/tier/", views.CustomerTier.as_view(), name="admin-user-tier"),
    path(_SCREENING, screening.Hits.as_view(), name="screening"),
    path(f"{_SCREENING}<int:pk>/", screening.Hit.as_view(), name="screening-hit"),
    path(f"{_SCREENING}<int:pk>/clear/", screening.ClearHit.as_view(), name="screening-clear"),
    path(f"{_SCREENING}<int:pk>/confirm/", screening.ConfirmHit.as_view(), name="screening-confirm"),
    path(f"{_SCREENING}check/", screening.Check.as_view(), name="screening-check"),
    path(f"{_SCREENING}lists/", screening.WatchLists.as_view(), name="watch-lists"),
    path(f"{_SCREENING}lists/<slug:code>/versions/", screening.Versions.as_view(), name="watch-list-versions"),
]
