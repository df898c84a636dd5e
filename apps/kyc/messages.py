"""What customers are told of their papers."""

from apps.notifications.messages import Message, declare
from apps.notifications.states import Topic

_PART = {"part": "Passport"}

declare(
    Message("kyc.received", topic=Topic.SECURITY, placeholders={"hours": "24"}),
    Message("kyc.ask_again", topic=Topic.SECURITY, placeholders=_PART | {"because": "The picture is blurred."}),
    Message("kyc.approved", topic=Topic.SECURITY, placeholders={"tier": "2"}),
    Message("kyc.rejected", topic=Topic.SECURITY, placeholders={"because": "The number is another one."}),
    Message("kyc.expiring", topic=Topic.SECURITY, placeholders=_PART | {"on": "2026-12-01"}),
    Message("kyc.expired", topic=Topic.SECURITY, placeholders=_PART | {"on": "2026-12-01"}),
)
