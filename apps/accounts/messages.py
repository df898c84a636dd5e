"""What people are told about their accounts."""

from apps.notifications.messages import Message, declare
from apps.notifications.states import AlertType, Channel, Topic

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
    Message(
        "accounts.reversed",
        topic=Topic.MONEY,
        placeholders={
            "account": "***4021",
            "amount": "KES 1,234.50",
            "reference": "K7Q2M9",
            "balance": "KES 18,420.00",
        },
    ),
    Message("accounts.statement_ready", topic=Topic.SERVICE, placeholders={"account": "***4021", "month": "10/2026"}),
    Message(
        "accounts.balance_low",
        topic=Topic.SERVICE,
        placeholders={"account": "***4021", "balance": "KES 420.00", "threshold": "KES 500.00"},
        alert=AlertType.LOW_BALANCE,
    ),
    # Told by SMS as any payment is: the alert goes by e-mail besides, where somebody asked for that.
    Message(
        "accounts.large_payment",
        topic=Topic.MONEY,
        placeholders={"amount": "KES 85,000.00", "payee": "Wanjiku K. 0712***908", "reference": "K7Q2M9"},
        channels=(Channel.EMAIL, Channel.IN_APP),
        alert=AlertType.LARGE_PAYMENT,
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
    Message(
        "accounts.goal_invited", topic=Topic.SERVICE, placeholders={"who": "Wanjiku K.", "goal": "School fees 2027"}
    ),
    Message(
        "accounts.goal_reached",
        topic=Topic.SERVICE,
        placeholders={"goal": "School fees 2027", "saved": "KES 60,000.00", "target": "KES 60,000.00"},
    ),
    Message(
        "accounts.deposit_ending",
        topic=Topic.SERVICE,
        placeholders={"amount": "KES 100,000.00", "day": "09/03/2027", "then": "Pay all of it out"},
    ),
    Message(
        "accounts.deposit_paid_out",
        topic=Topic.MONEY,
        placeholders={"amount": "KES 100,000.00", "paid": "KES 108,925.00", "account": "***4021"},
    ),
    Message(
        "accounts.deposit_rolled",
        topic=Topic.MONEY,
        placeholders={"amount": "KES 100,000.00", "now": "KES 108,925.00", "day": "09/03/2028", "rate": "10.125"},
    ),
    Message("accounts.dormant_notice", topic=Topic.SERVICE, placeholders={"account": "***4021", "day": "09/03/2024"}),
)
