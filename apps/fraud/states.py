"""Which status of a flagged movement or a dispute may follow which."""

from apps.kernel.states import Moves

FLAGGED = Moves({"OPEN": ["CLEARED", "CONFIRMED"]})
DISPUTE = Moves(
    {
        "OPEN": ["INVESTIGATING", "UPHELD", "DECLINED", "WITHDRAWN"],
        "INVESTIGATING": ["UPHELD", "DECLINED", "WITHDRAWN"],
    }
)
