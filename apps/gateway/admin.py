"""Webhooks, requests and connections, as windows."""

from django.contrib import admin

from apps.gateway.models import ApiRequest, ExternalApiConnection, WebhookDelivery, WebhookEndpoint
from apps.gateway.policies import SEES_ALL
from apps.kernel.admin import Window


@admin.register(WebhookEndpoint)
class WebhookEndpoints(Window):
    """Where apps are told of events."""

    sees = SEES_ALL
    list_display = ("url", "client", "is_active", "paused_because", "failures", "created_at")
    list_filter = ("is_active", "paused_because")
    search_fields = ("client__exact",)
    exclude = ("secret", "previous_secret")


@admin.register(WebhookDelivery)
class WebhookDeliveries(Window):
    """What was sent there."""

    sees = SEES_ALL
    list_display = ("event_type", "endpoint", "status", "attempts", "response_status", "created_at")
    list_filter = ("status", "event_type")
    list_select_related = ("endpoint",)
    search_fields = ("public_id__exact",)


@admin.register(ApiRequest)
class ApiRequests(Window):
    """How requests went."""

    sees = SEES_ALL
    list_display = ("at", "method", "path", "status", "ms", "error_code", "client")
    list_filter = ("direction", "status")
    search_fields = ("request_id__exact", "interaction_id__exact", "client__exact")


@admin.register(ExternalApiConnection)
class ExternalApiConnections(Window):
    """Providers that this bank calls."""

    sees = SEES_ALL
    list_display = ("name", "base_url", "auth_kind", "is_active", "last_ok_at", "last_tried_at")
    list_filter = ("is_active", "is_built_in", "auth_kind")
    search_fields = ("name",)
    exclude = ("credentials",)
