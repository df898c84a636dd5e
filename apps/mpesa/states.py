"""Which status of an M-Pesa transaction may follow which."""

from apps.kernel.states import Moves

MPESA = Moves(
    {
        "INITIATED": ["PENDING", "CHECKING", "COMPLETED", "FAILED", "CANCELLED"],
        "PENDING": ["CHECKING", "COMPLETED", "FAILED", "CANCELLED"],
        "CHECKING": ["COMPLETED", "FAILED", "CANCELLED"],
        "FAILED": ["COMPLETED"],  # M-Pesa may say later that it did go through: the money is there, so it counts
        "CANCELLED": ["COMPLETED"],
        "COMPLETED": ["REVERSED"],
    }
)
