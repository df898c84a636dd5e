"""Which status of a payment may follow which."""

from apps.kernel.states import Moves

PAYMENT = Moves({"AWAITING_CONFIRMATION": ["COMPLETED", "FAILED", "CANCELLED"]})
