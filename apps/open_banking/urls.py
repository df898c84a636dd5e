"""Where third parties, their customers and staff find open banking."""

from django.urls import include, path

from apps.open_banking.oauth import device, identity, tokens
from apps.open_banking.obp import urls as obp
from apps.open_banking.pages import access, authorise, staff
from apps.open_banking.pages import device as device_page

_pages = (
    [
        path("oauth/authorize", authorise.authorize, name="authorize"),
        path("oauth/device", device_page.enter, name="device"),
        path("oauth/logout", identity.logout, name="logout"),
        path("settings/access", access.access, name="access"),
        path("settings/consent/<uuid:public_id>", access.consent, name="consent"),
        path("settings/consent/<uuid:public_id>/stop", access.stop, name="stop"),
        path("workbench/queues/apps/", staff.apps, name="apps"),
        path("workbench/queues/apps/<uuid:public_id>/", staff.app, name="app"),
    ],
    "open_banking",
)

urlpatterns = [
    path("", include(_pages)),
    path(".well-known/openid-configuration", identity.discovery, name="openid-configuration"),
    path(".well-known/oauth-authorization-server", identity.discovery, name="oauth-metadata"),
    path("oauth/token", tokens.token, name="oauth-token"),
    path("oauth/revoke", tokens.revoke, name="oauth-revoke"),
    path("oauth/introspect", tokens.introspect, name="oauth-introspect"),
    path("oauth/device-authorization", device.authorization, name="oauth-device"),
    path("oauth/userinfo", identity.userinfo, name="oauth-userinfo"),
    path("oauth/jwks", identity.jwks, name="oauth-jwks"),
    *obp.urlpatterns,
]
