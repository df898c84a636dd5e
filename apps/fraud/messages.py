"""What customers are told of their disputes and asked about what is held, and staff of what waits too long."""

from apps.notifications.messages import Message, declare
from apps.notifications.states import AlertType, Topic

_ABOUT = {"amount": "KES 1,234.50", "reference": "K4T9ZB2M1Q"}

declare(
    Message("fraud.dispute_opened", topic=Topic.MONEY, placeholders=_ABOUT | {"answer_by": "2026-12-01"}),
    Message("fraud.dispute_resolved", topic=Topic.MONEY, placeholders=_ABOUT),
    Message("fraud.was_this_you", topic=Topic.SECURITY, placeholders={"amount": "KES 61,000.00"}),
    Message(
        "fraud.flag_ages",
        topic=Topic.SERVICE,
        placeholders={"amount": "KES 61,000.00", "answer_by": "14:05"},
        alert=AlertType.SECURITY,
    ),
)
