"""What notifications says by itself."""

from apps.notifications.messages import Message, declare
from apps.notifications.states import Channel, Topic

declare(
    Message("notifications.digest", topic=Topic.REMINDER, placeholders={"count": "3"}, channels=(Channel.EMAIL,)),
    Message("notifications.letter", topic=Topic.SERVICE, placeholders={"subject": "My card"}),
)
