"""Somebody told the SMS gateway to stop: no more offers by SMS. What concerns their money and safety still comes."""

from datetime import datetime

from apps.notifications import operations as notifications
from apps.notifications.operations.choose import Wish
from apps.notifications.states import Channel, Topic
from apps.users.models import User

SAID_BY = "SMS"  # where the word was given, as consents keep it


def stop_offers(*, phone: str, at: datetime) -> bool:
    """Whoever has the phone (any written form) gets no more offers by SMS; False for a phone of nobody's.

    Told again, it changes nothing. Where no other way for offers is left, consent to them is withdrawn.
    """
    user = User.objects.customers().with_phone(phone).first()
    if user is None:
        return False
    wish = Wish(Channel.SMS, Topic.MARKETING, is_allowed=False)
    notifications.choose(user=user, wishes=[wish], at=at, door=SAID_BY)
    return True
