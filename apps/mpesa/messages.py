"""What people are told of their M-Pesa top-ups."""

from apps.notifications.messages import Message, declare
from apps.notifications.states import Topic

_CAME = {"amount": "KES 1,500.00", "receipt": "SKL7H2M0QX", "account": "**** 0042", "balance": "KES 4,200.00"}

declare(
    Message("mpesa.received", topic=Topic.MONEY, placeholders=_CAME),
    Message("mpesa.sent_back", topic=Topic.MONEY, placeholders={"amount": "KES 1,500.00", "receipt": "SKL7H2M0QX"}),
    Message("mpesa.not_done", topic=Topic.MONEY, placeholders={"amount": "KES 1,500.00", "why": "Nothing was taken."}),
    Message("mpesa.waits", topic=Topic.MONEY, placeholders={"amount": "KES 1,500.00", "receipt": "SKL7H2M0QX"}),
    Message("mpesa.with_us", topic=Topic.MONEY, placeholders={"amount": "KES 1,500.00"}),
)
