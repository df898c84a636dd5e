"""What people do with files of payments, and what becomes of them."""

from apps.payments.operations.bulk.bring import bring
from apps.payments.operations.bulk.check import check
from apps.payments.operations.bulk.decide import (
    approve,
    approve_for_bank,
    cancel,
    challenge,
    earlier_of,
    go_on_after_review,
    reject,
    stop,
    submit,
)
from apps.payments.operations.bulk.run import carry_on, finish, pay_chunk
from apps.payments.operations.bulk.send import row_settled, send_some

__all__ = [
    "approve",
    "approve_for_bank",
    "bring",
    "cancel",
    "carry_on",
    "challenge",
    "check",
    "earlier_of",
    "finish",
    "go_on_after_review",
    "pay_chunk",
    "reject",
    "row_settled",
    "send_some",
    "stop",
    "submit",
]
