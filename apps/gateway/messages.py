"""What developers are told about their webhooks."""

from apps.notifications.messages import Message, declare
from apps.notifications.states import Channel, Topic

declare(
    Message(
        "gateway.webhook_paused",
        topic=Topic.SERVICE,
        placeholders={"app": "Bajeti Yangu", "host": "hooks.bajeti.example", "n": "50"},
        channels=(Channel.EMAIL, Channel.SMS),
    )
)
