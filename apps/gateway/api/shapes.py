"""Webhooks, deliveries and requests as the API writes and reads them."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.gateway.models import ApiRequest, WebhookDelivery, WebhookEndpoint
from apps.gateway.states import DeliveryStatus
from apps.kernel import meanings
from apps.users.api.strict import Strict


def _events(*, required: bool = True) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=60), min_length=1, max_length=20, required=required
    )


class WebhookToRegister(Strict):
    """Where an app wants to be told of what."""

    app = serializers.UUIDField(help_text=_("One of your apps"))
    url = serializers.CharField(max_length=500, help_text=_("https, a public name"))
    events = _events()


class WebhookToChange(Strict):
    """Where it leads, what it hears, and whether anything is sent."""

    url = serializers.CharField(max_length=500)
    events = _events()
    is_active = serializers.BooleanField(default=True)


class WebhookPatch(WebhookToChange):
    """The same, each if wanted."""

    url = serializers.CharField(max_length=500, required=False)
    events = _events(required=False)
    is_active = serializers.BooleanField(required=False)


class WebhookShown(serializers.ModelSerializer[WebhookEndpoint]):
    """An endpoint, without its secret. `failures` are those in a row; after 50 it rests."""

    id = serializers.UUIDField(source="public_id")
    app = serializers.UUIDField(source="client")

    class Meta:
        model = WebhookEndpoint
        fields = [
            "id", "app", "url", "events", "is_active", "paused_because", "failures", "previous_until", "created_at",
        ]  # fmt: skip


class WebhookWithSecret(WebhookShown):
    """The same with its secret, told this once."""

    secret = serializers.SerializerMethodField()

    class Meta(WebhookShown.Meta):
        fields = [*WebhookShown.Meta.fields, "secret"]

    def get_secret(self, row: WebhookEndpoint) -> str:
        """Never again."""
        return str(self.context["secret"])


class DeliveryShown(serializers.ModelSerializer[WebhookDelivery]):
    """One event on its way: what was sent, what was answered, when it is tried again."""

    id = serializers.UUIDField(source="public_id")
    status = serializers.ChoiceField(choices=DeliveryStatus.choices)
    body = serializers.CharField(help_text=_("The very bytes that are signed"))
    next_attempt_at = serializers.SerializerMethodField()

    class Meta:
        model = WebhookDelivery
        fields = [
            "id", "event_type", "status", "attempts", "next_attempt_at", "created_at", "tried_at", "delivered_at",
            "response_status", "response_ms", "response", "error", "body",
        ]  # fmt: skip

    def get_next_attempt_at(self, row: WebhookDelivery) -> str | None:
        """Null once it has ended."""
        return row.next_attempt_at.isoformat() if row.status == DeliveryStatus.PENDING else None


class ApiRequestShown(serializers.ModelSerializer[ApiRequest]):
    """How one request went. `path` is without ids, `shape` the body without values; `why` and `remedy` are in words."""

    app = serializers.UUIDField(source="client", allow_null=True)
    direction = serializers.CharField(help_text=_("IN or OUT"))
    why = serializers.SerializerMethodField()
    remedy = serializers.SerializerMethodField()

    class Meta:
        model = ApiRequest
        fields = [
            "id", "at", "direction", "app", "method", "path", "status", "ms", "request_id", "interaction_id",
            "error_code", "wrong", "shape", "why", "remedy",
        ]  # fmt: skip

    def get_why(self, row: ApiRequest) -> str:
        """What its code means."""
        found = meanings.of(row.error_code)
        return found.cause if found else ""

    def get_remedy(self, row: ApiRequest) -> str:
        """What to do about it."""
        if row.status < 400:
            return ""
        found = meanings.of(row.error_code)
        return found.remedy if found else meanings.remedy(row.status)
