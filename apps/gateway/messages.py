"""What developers are told about their webhooks, and staff about providers."""

from apps.notifications.messages import Message, declare
from apps.notifications.states import AlertType, Channel, Topic

declare(
    Message(
        "gateway.webhook_paused",
        topic=Topic.SERVICE,
        placeholders={"app": "Bajeti Yangu", "host": "hooks.bajeti.example", "n": "50"},
        channels=(Channel.EMAIL, Channel.SMS),
    )
)
declare(
    Message(
        "gateway.connection_down",
        topic=Topic.SERVICE,
        placeholders={"name": "M-Pesa", "error": "HTTP 503"},
        alert=AlertType.SECURITY,
    )
)
