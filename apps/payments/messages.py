"""What both sides of a payment are told."""

from apps.notifications.messages import Message, declare
from apps.notifications.states import AlertType, Topic

_PAID = {"amount": "KES 1,234.50", "reference": "QK4T9ZB2M1"}

_INCOMING = {"amount": "KES 5,000.00", "payer": "Peter Kamau, Equity Bank"}
_NOT_TAKEN = {"because": "Your account is kept in another currency."}
_PAYEE = {"payee": "Wanjiku K. 0712***908"}
_COST = {"cost": "KES 0.00", "balance": "KES 8,765.50"}
_STANDING = {"amount": "KES 5,000.00"} | _PAYEE
_FIRST = {"due_on": "2026-12-01"}
_OF_FIRM = {"amount": "KES 48,000.00", "business": "Safi Ltd", "payee": "Otieno O."}
_OFTEN = {"often": "every month"} | _FIRST
_WHY = {"due_on": "2026-12-01", "because": "Not enough money.", "further": "Your standing order goes on."}
_ASKED = {"amount": "KES 350.00", "asker": "Wanjiku K.", "expires_on": "2026-12-05"}
_NOTE = {"note": "Lunch"}

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
        "payments.joint_waiting",
        topic=Topic.MONEY,
        placeholders={"amount": "KES 48,000.00", "business": "Safi Ltd", "payee": "Otieno O.", "maker": "Wanjiku K."},
    ),
    Message(
        "payments.joint_stopped",
        topic=Topic.MONEY,
        placeholders={
            "amount": "KES 48,000.00",
            "business": "Safi Ltd",
            "payee": "Otieno O.",
            "who": "Wanjiku K.",
            "reason": "Wrong price",
        },
    ),
    Message(
        "payments.joint_order_waiting", topic=Topic.MONEY, placeholders=_OF_FIRM | _OFTEN | {"maker": "Wanjiku K."}
    ),
    Message("payments.joint_order_signed", topic=Topic.MONEY, placeholders=_OF_FIRM | _OFTEN),
    Message(
        "payments.joint_order_stopped",
        topic=Topic.MONEY,
        placeholders=_OF_FIRM | {"who": "Wanjiku K.", "reason": "Wrong price"},
    ),
    Message("payments.joint_order_lacks", topic=Topic.MONEY, placeholders=_OF_FIRM | _FIRST),
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
    Message(
        "payments.settled",
        topic=Topic.MONEY,
        placeholders={
            "amount": "KES 1,482.00",
            "reference": "K4T9ZB2M1X",
            "shop": "Duka la Achieng",
            "count": "12",
            "sales": "KES 1,500.00",
            "cost": "KES 18.00",
            "refunds": "KES 0.00",
        },
    ),
    Message("payments.sale_paid", topic=Topic.MONEY, placeholders=_PAID | {"payer": "Otieno O.", "shop": "Duka"}),
    Message("payments.failed", topic=Topic.MONEY, placeholders=_PAID | _PAYEE),
    Message(
        "payments.returned",
        topic=Topic.MONEY,
        placeholders=_PAID | _PAYEE | {"came": "KES 1,200.00", "because": "The account is closed."},
    ),
    Message("payments.incoming_refused", topic=Topic.MONEY, placeholders=_INCOMING | _NOT_TAKEN),
    Message("payments.incoming_waits", topic=Topic.MONEY, placeholders=_INCOMING | _NOT_TAKEN),
    Message("payments.asked_back", topic=Topic.MONEY, placeholders=_INCOMING | {"due_on": "2026-12-01"}),
    Message("payments.went_back", topic=Topic.MONEY, placeholders=_INCOMING | {"reference": "K4T9ZB2M1X"}),
    Message("payments.payee_added", topic=Topic.SECURITY, placeholders=_PAYEE),
    Message("payments.standing_order_set_up", topic=Topic.MONEY, placeholders=_STANDING | _FIRST),
    Message(  # of a bill it is an alert, too
        "payments.standing_order_tomorrow",
        topic=Topic.MONEY,
        placeholders=_STANDING | {"account": "**** 0427"},
        alert=AlertType.BILL_DUE,
    ),
    Message("payments.standing_order_failed", topic=Topic.MONEY, placeholders=_STANDING | _WHY),
    Message("payments.standing_order_done", topic=Topic.MONEY, placeholders=_STANDING),
    Message("payments.request_asked", topic=Topic.MONEY, placeholders=_ASKED | _NOTE),
    Message("payments.request_reminder", topic=Topic.MONEY, placeholders=_ASKED | _NOTE),
    Message("payments.request_paid", topic=Topic.MONEY, placeholders=_PAID | _NOTE | {"payer": "Otieno O."}),
    Message(
        "payments.request_declined",
        topic=Topic.MONEY,
        placeholders=_NOTE | {"amount": "KES 350.00", "phone": "0722 *** 114"},
    ),
)
