"""What customers are told of their disputes; the answer itself stands in their inbox."""

from apps.notifications.messages import Message, declare
from apps.notifications.states import Topic

_ABOUT = {"amount": "KES 1,234.50", "reference": "K4T9ZB2M1Q"}

declare(
    Message("fraud.dispute_opened", topic=Topic.MONEY, placeholders=_ABOUT | {"answer_by": "2026-12-01"}),
    Message("fraud.dispute_resolved", topic=Topic.MONEY, placeholders=_ABOUT),
)
