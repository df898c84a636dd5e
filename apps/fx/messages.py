"""What staff are told when a feed is not believed."""

from apps.notifications.messages import Message, declare
from apps.notifications.states import AlertType, Topic

declare(
    Message(
        "fx.feed_refused",
        topic=Topic.SERVICE,
        placeholders={"why": "A rate moved too far at once", "detail": "USD moved by 22.0 %"},
        alert=AlertType.SECURITY,
    ),
)
