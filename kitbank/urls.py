"""Every address of the bank, by the app that answers it."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

from apps.kernel import urls as kernel

urlpatterns: list[URLPattern | URLResolver] = [
    *kernel.urlpatterns,
    path("workbench/", admin.site.urls),
]

handler400 = "apps.portals.errors.bad_request"
handler403 = "apps.portals.errors.forbidden"
handler404 = "apps.portals.errors.not_found"
handler500 = "apps.portals.errors.crashed"
