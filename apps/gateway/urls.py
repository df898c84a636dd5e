"""Where developers and staff find the gateway."""

from django.urls import path

from apps.gateway.api import requests, webhooks

_API = "api/v1/api-gateway/"
_ONE = f"{_API}webhook-endpoints/<uuid:public_id>/"
_webhooks, _deliveries, _requests = (
    webhooks.Webhooks.as_view, webhooks.Deliveries.as_view, requests.Requests.as_view,
)  # fmt: skip

urlpatterns = [
    path(f"{_API}webhook-endpoints/", _webhooks({"get": "list", "post": "create"})),
    path(_ONE, _webhooks({"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"})),
    path(f"{_ONE}test/", _webhooks({"post": "test"})),
    path(f"{_ONE}secret/", _webhooks({"post": "secret"})),
    path(f"{_ONE}deliveries/", _deliveries({"get": "list"})),
    path(f"{_ONE}deliveries/<uuid:delivery>/resend/", _deliveries({"post": "resend"})),
    path(f"{_API}api-requests/", _requests({"get": "list"})),
    path(f"{_API}api-requests/<int:pk>/", _requests({"get": "retrieve"})),
]
