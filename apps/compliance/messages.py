"""What people are told about their data, and staff about taxes that are due."""

from apps.notifications.messages import Message, declare
from apps.notifications.states import Topic

declare(
    Message("privacy.export_ready", topic=Topic.SECURITY, placeholders={"days": "7"}),
    Message("privacy.closed", topic=Topic.SECURITY, placeholders={"reference": "DP-17", "day": "2033-11-20"}),
    Message("privacy.answered", topic=Topic.SERVICE, placeholders={"reference": "DP-17"}),
    Message(
        "privacy.breach", topic=Topic.SECURITY,
        placeholders={"title": "A lost laptop", "reference": "BR-2026-003"},
    ),
    Message(
        "taxes.due", topic=Topic.SERVICE,
        placeholders={"tax": "Withholding tax on interest and dividends", "month": "10/2026", "day": "20/11/2026"},
    ),
)  # fmt: skip
