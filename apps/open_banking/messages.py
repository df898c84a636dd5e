"""What customers are told about apps that ask for access."""

from apps.notifications.messages import Message, declare
from apps.notifications.states import AlertType, Channel, Topic

_APP = {"app": "Bajeti Yangu"}

declare(
    # Whoever is asked sits before the page: a second message by SMS would only be noise to them, and news to a thief.
    Message("open_banking.asked", topic=Topic.SECURITY, placeholders=_APP, channels=(Channel.EMAIL,)),
    Message(
        "open_banking.given",
        topic=Topic.SECURITY,
        placeholders=_APP | {"until": "22/02/2027", "address": "https://bank.example/settings/access"},
        alert=AlertType.SECURITY,
    ),
    Message("open_banking.ending", topic=Topic.REMINDER, placeholders=_APP | {"until": "22/02/2027"}),
    Message("open_banking.stopped", topic=Topic.SECURITY, placeholders=_APP, alert=AlertType.SECURITY),
    Message("open_banking.link_broken", topic=Topic.REMINDER, placeholders={"bank": "Benki Nyingine"}),
)
