"""Where developers and staff find the gateway."""

from typing import Any

from django.urls import URLPattern, URLResolver, include, path

from apps.gateway.api import connections, requests, webhooks
from apps.gateway.pages import logs, status
from apps.gateway.pages import webhooks as pages

_API = "api/v1/api-gateway/"
_ONE = f"{_API}webhook-endpoints/<uuid:public_id>/"
_webhooks, _deliveries, _requests = (
    webhooks.Webhooks.as_view, webhooks.Deliveries.as_view, requests.Requests.as_view,
)  # fmt: skip
_connections = connections.Connections.as_view
_CHANGES: Any = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}

_pages = (
    [
        path("developers/logs", logs.logs, name="logs"),
        path("developers/logs/<str:request_id>", logs.log, name="log"),
        path("developers/webhooks", pages.webhooks, name="webhooks"),
        path("developers/webhooks/<uuid:public_id>", pages.webhook, name="webhook"),
        path("developers/webhooks/<uuid:public_id>/act", pages.act, name="act"),
        path("developers/webhooks/<uuid:public_id>/signature", pages.signature, name="tester"),
        path("developers/deliveries/<uuid:public_id>", pages.delivery, name="delivery"),
        path("developers/deliveries/<uuid:public_id>/resend", pages.resend, name="resend"),
        path("developers/status", status.status, name="status"),
    ],
    "gateway",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(_pages)),
    path(f"{_API}webhook-endpoints/", _webhooks({"get": "list", "post": "create"})),
    path(_ONE, _webhooks({"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"})),
    path(f"{_ONE}test/", _webhooks({"post": "test"})),
    path(f"{_ONE}secret/", _webhooks({"post": "secret"})),
    path(f"{_ONE}deliveries/", _deliveries({"get": "list"})),
    path(f"{_ONE}deliveries/<uuid:delivery>/resend/", _deliveries({"post": "resend"})),
    path("api/v1/developers/logs/", requests.Logs.as_view({"get": "list"})),
    path(f"{_API}external-api-connections/", _connections({"get": "list", "post": "create"})),
    path(f"{_API}external-api-connections/<uuid:public_id>/", _connections(_CHANGES), name="connection"),
    path(f"{_API}api-requests/", _requests({"get": "list"})),
    path(f"{_API}api-requests/<int:pk>/", _requests({"get": "retrieve"})),
]
