"""What people are told about their accounts."""

from apps.notifications.messages import Message, declare
from apps.notifications.states import AlertType, Topic

_CASH = {
    "amount": "KES 1,234.50",
    "account": "***4021",
    "branch": "Kisumu",
    "receipt": "K7Q2M9",
    "balance": "KES 18,420.00",
}

declare(
    Message("accounts.deposit_received", topic=Topic.MONEY, placeholders=_CASH),
    Message("accounts.withdrawal_made", topic=Topic.MONEY, placeholders=_CASH),
    Message("accounts.statement_ready", topic=Topic.SERVICE, placeholders={"account": "***4021", "month": "10/2026"}),
    Message(
        "accounts.balance_low",
        topic=Topic.SERVICE,
        placeholders={"account": "***4021", "balance": "KES 420.00", "threshold": "KES 500.00"},
        alert=AlertType.LOW_BALANCE,
    ),
    Message(
        "accounts.auto_transfer_failed",
        topic=Topic.SERVICE,
        placeholders={
            "rule": "Save a fixed amount",
            "account": "***4021",
            "because": "That would leave less than the KES 500.00 you keep there.",
        },
    ),
    Message("accounts.dormant_notice", topic=Topic.SERVICE, placeholders={"account": "***4021", "day": "09/03/2024"}),
)
