"""Where third parties, their customers and staff find open banking."""

from django.urls import URLPattern, URLResolver, include, path

from apps.open_banking.api import consents, developers, sandbox
from apps.open_banking.api import linked as linked_api
from apps.open_banking.api import staff as staff_api
from apps.open_banking.oauth import device, identity, pushed, tokens
from apps.open_banking.obp import urls as obp
from apps.open_banking.pages import access, authorise, linked, staff
from apps.open_banking.pages import device as device_page
from apps.open_banking.pages.developers import apps, changes, docs, errors, home, reference, tryit
from apps.open_banking.pages.developers import sandbox as sandbox_page

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
        path("developers/", home.home, name="developers"),
        path("developers/start", home.start, name="start"),
        path("developers/docs", docs.index, name="docs"),
        path("developers/docs/<slug:name>", docs.topic, name="topic"),
        path("developers/reference", reference.index, name="reference"),
        path("developers/reference/<slug:name>", reference.resource, name="resource"),
        path("developers/try/<slug:slug>", tryit.tryit, name="try"),
        path("developers/apps", apps.apps, name="own-apps"),
        path("developers/apps/new", apps.new, name="new-app"),
        path("developers/apps/<uuid:public_id>", apps.app, name="one-app"),
        path("developers/apps/<uuid:public_id>/change", apps.change, name="change-app"),
        path("developers/apps/<uuid:public_id>/secret", apps.rotate, name="rotate-secret"),
        path("developers/sandbox", sandbox_page.people, name="sandbox"),
        path("developers/sandbox/faucet", sandbox_page.tap, name="faucet"),
        path("developers/sandbox/reset", sandbox_page.reset, name="reset-sandbox"),
        path("developers/errors", errors.index, name="errors"),
        path("developers/errors/<str:code>", errors.error, name="error"),
        path("developers/changelog", changes.changelog, name="changelog"),
        path("accounts/linked", linked.linked, name="linked"),
        path("accounts/linked/add", linked.add, name="linked-add"),
        path("accounts/linked/back", linked.back, name="linked-back"),
        path("accounts/linked/<uuid:public_id>/go", linked.go, name="linked-go"),
        path("accounts/linked/<uuid:public_id>/read", linked.read, name="linked-read"),
        path("accounts/linked/<uuid:public_id>/unlink", linked.unlink, name="linked-unlink"),
        path("accounts/linked/account/<uuid:public_id>", linked.account, name="linked-account"),
    ],
    "open_banking",
)

_links, _linked = linked_api.Links.as_view, linked_api.LinkedAccounts.as_view
_consents, _apps, _staff = consents.Consents.as_view, developers.Apps.as_view, staff_api.Apps.as_view

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(_pages)),
    path("api/v1/consents/", _consents({"get": "list", "post": "create"})),
    path("api/v1/consents/<uuid:public_id>/", _consents({"get": "retrieve", "delete": "destroy"})),
    path("api/v1/consents/<uuid:public_id>/authorize/", _consents({"put": "authorize", "post": "authorize"})),
    path("api/v1/developers/register/", developers.Register.as_view()),
    path("api/v1/developers/apps/", _apps({"get": "list", "post": "create"})),
    path("api/v1/developers/apps/<uuid:public_id>/", _apps({"get": "retrieve", "put": "update"})),
    path("api/v1/developers/apps/<uuid:public_id>/credentials/", _apps({"post": "credentials"})),
    path("api/v1/developers/sandbox/", sandbox.Sandbox.as_view()),
    path("api/v1/developers/sandbox/reset/", sandbox.ResetSandbox.as_view()),
    path("api/v1/developers/sandbox/faucet/", sandbox.FaucetSandbox.as_view()),
    path("api/v1/admin/apps/", _staff({"get": "list"})),
    path("api/v1/admin/apps/<uuid:public_id>/approve/", _staff({"post": "approve"})),
    path("api/v1/admin/apps/<uuid:public_id>/reject/", _staff({"post": "reject"})),
    path("api/v1/admin/apps/<uuid:public_id>/suspend/", _staff({"post": "suspend"})),
    path(".well-known/openid-configuration", identity.discovery, name="openid-configuration"),
    path(".well-known/oauth-authorization-server", identity.discovery, name="oauth-metadata"),
    path("oauth/token", tokens.token, name="oauth-token"),
    path("oauth/revoke", tokens.revoke, name="oauth-revoke"),
    path("oauth/introspect", tokens.introspect, name="oauth-introspect"),
    path("oauth/par", pushed.push, name="oauth-par"),
    path("oauth/device-authorization", device.authorization, name="oauth-device"),
    path("oauth/userinfo", identity.userinfo, name="oauth-userinfo"),
    path("oauth/jwks", identity.jwks, name="oauth-jwks"),
    path("api/v1/linked-banks/", _links({"get": "list", "post": "create"})),
    path("api/v1/linked-banks/choices/", linked_api.Choices.as_view({"get": "list"})),
    path("api/v1/linked-banks/finish/", _links({"post": "finish"}), name="linked-banks-finish"),
    path("api/v1/linked-banks/<uuid:public_id>/", _links({"get": "retrieve", "delete": "destroy"})),
    path("api/v1/linked-banks/<uuid:public_id>/refresh/", _links({"post": "refresh"})),
    path("api/v1/linked-banks/accounts/<uuid:public_id>/lines/", _linked({"get": "lines"})),
    *obp.urlpatterns,
]
