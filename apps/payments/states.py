"""Which status of a payment may follow which."""

from apps.kernel.states import Moves

PAYMENT = Moves(
    {
        "AWAITING_CONFIRMATION": ["COMPLETED", "HELD", "PENDING", "FAILED", "CANCELLED"],
        "HELD": ["COMPLETED", "PENDING", "FAILED", "CANCELLED"],
        "PENDING": ["COMPLETED", "CHECKING", "FAILED"],
        "CHECKING": ["COMPLETED", "FAILED"],  # only by what the provider or a person found out
        "COMPLETED": ["REVERSED"],
    }
)
REFUND = Moves({"WAITING": ["DONE", "RETURNED"]})
# A file of payments: read, checked, asked for, run. What ran is never called back; what did not can be cancelled.
BULK = Moves(
    {
        "DRAFT": ["CHECKED", "CANCELLED"],
        "CHECKED": ["WAITING", "CANCELLED"],
        "WAITING": ["RUNNING", "REJECTED", "CANCELLED"],
        "RUNNING": ["DONE", "PARTLY_FAILED"],
    }
)
