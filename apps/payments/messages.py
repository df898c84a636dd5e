"""What both sides of a payment are told."""

from apps.notifications.messages import Message, declare
from apps.notifications.states import Topic

_PAID = {"amount": "KES 1,234.50", "reference": "QK4T9ZB2M1"}

_PAYEE = {"payee": "Wanjiku K. 0712***908"}
_COST = {"cost": "KES 0.00", "balance": "KES 8,765.50"}

declare(
    Message("payments.sent", topic=Topic.MONEY, placeholders=_PAID | _PAYEE | _COST),
    Message("payments.received", topic=Topic.MONEY, placeholders=_PAID | {"payer": "Otieno O."}),
    Message("payments.refunded", topic=Topic.MONEY, placeholders=_PAID | {"of": "QK4T9ZB2M0"}),
    Message(
        "payments.bulk_waiting",
        topic=Topic.MONEY,
        placeholders={"amount": "KES 1,234.50", "name": "July salaries", "payer": "Safi Ltd", "count": "12"},
    ),
    Message(
        "payments.bulk_ended",
        topic=Topic.MONEY,
        placeholders={
            "reference": "BK4T9ZB2M1",
            "name": "July salaries",
            "paid": "11",
            "not_paid": "1",
            "amount": "KES 1,234.50",
        },
    ),
    Message(
        "payments.bulk_received",
        topic=Topic.MONEY,
        placeholders={"amount": "KES 1,234.50", "reference": "BK4T9ZB2M1/7", "payer": "Safi Ltd", "name": "July"},
    ),
    Message("payments.failed", topic=Topic.MONEY, placeholders=_PAID | _PAYEE),
)
