"""Every address of the bank, by the app that answers it."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from apps.accounts import urls as accounts
from apps.audit_trail import urls as audit_trail
from apps.chamas import urls as chamas
from apps.compliance import urls as compliance
from apps.credit_scoring import urls as credit_scoring
from apps.fraud import urls as fraud
from apps.fx import urls as fx
from apps.gateway import urls as gateway
from apps.kernel import urls as kernel
from apps.kernel.addresses import EitherSlash
from apps.kyc import urls as kyc
from apps.ledger import urls as ledger
from apps.lending import urls as lending
from apps.messaging import urls as messaging
from apps.mpesa import urls as mpesa
from apps.notifications import urls as notifications
from apps.open_banking import urls as open_banking
from apps.payments import urls as payments
from apps.portals import urls as portals
from apps.portals.api import urls as portals_api
from apps.portals.errors import explain
from apps.users import urls as users
from kitbank.documents import redoc, swagger

urlpatterns: list[URLPattern | URLResolver] = [
    EitherSlash(
        [
            *kernel.urlpatterns,
            *audit_trail.urlpatterns,
            *notifications.urlpatterns,
            *users.urlpatterns,
            *ledger.urlpatterns,
            *fx.urlpatterns,
            *kyc.urlpatterns,
            *accounts.urlpatterns,
            *fraud.urlpatterns,
            *credit_scoring.urlpatterns,
            *payments.urlpatterns,
            *lending.urlpatterns,
            *mpesa.urlpatterns,
            *chamas.urlpatterns,
            *compliance.urlpatterns,
            *messaging.urlpatterns,
            *open_banking.urlpatterns,
            *gateway.urlpatterns,
            *portals_api.urlpatterns,
            path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
            path("api/docs/", swagger, name="swagger"),
            path("api/redoc/", redoc, name="redoc"),
            path("docs/", swagger),
            path("redoc/", redoc),
            path("errors/<slug:code>/", explain, name="error"),
            path("workbench/", admin.site.urls),
            path("compliance/", include("apps.portals.compliance.urls")),
            path("", include(portals)),
        ]
    )
]

handler400 = "apps.portals.errors.bad_request"
handler403 = "apps.portals.errors.forbidden"
handler404 = "apps.portals.errors.not_found"
handler500 = "apps.portals.errors.crashed"
