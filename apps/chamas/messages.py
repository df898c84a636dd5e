"""What members are told about their groups."""

from apps.notifications.messages import Message, declare
from apps.notifications.states import Channel, Topic

declare(
    # Whoever holds the phone hears the same, customer or not; the group's own words stay out of an SMS.
    Message(
        "chamas.invited",
        topic=Topic.SERVICE,
        placeholders={"inviter": "Wanjiku K."},
        channels=(Channel.SMS,),
    ),
)
