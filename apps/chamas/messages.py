"""What members are told about their groups."""

from apps.notifications.messages import Message, declare
from apps.notifications.states import Channel, Topic

_GROUP = {"group": "Umoja Women"}

declare(
    # Whoever holds the phone hears the same, customer or not; the group's own words stay out of an SMS.
    Message(
        "chamas.invited",
        topic=Topic.SERVICE,
        placeholders={"inviter": "Wanjiku K."},
        channels=(Channel.SMS,),
    ),
    Message(
        "chamas.due_soon",
        topic=Topic.MONEY,
        placeholders=_GROUP | {"left": "KES 1,200.00", "due_on": "2026-12-05", "reference": "G4T9ZB2M1K"},
        channels=(Channel.SMS,),
    ),
    Message("chamas.late", topic=Topic.MONEY, placeholders=_GROUP | {"left": "KES 1,200.00"}, channels=(Channel.SMS,)),
    Message("chamas.fined", topic=Topic.MONEY, placeholders=_GROUP | {"amount": "KES 50.00"}, channels=(Channel.SMS,)),
    Message(
        "chamas.cash_recorded",
        topic=Topic.MONEY,
        placeholders=_GROUP | {"amount": "KES 1,200.00"},
        channels=(Channel.SMS,),
    ),
    Message(
        "chamas.draw_open",
        topic=Topic.MONEY,
        placeholders=_GROUP | {"sign": "9f86d081884c"},
        channels=(Channel.SMS,),
    ),
)
