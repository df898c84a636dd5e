"""Which status of an account, and of cash, may follow which."""

from apps.kernel.states import Moves

ACCOUNT = Moves(
    {
        "ACTIVE": ["FROZEN", "DORMANT", "CLOSED"],
        "FROZEN": ["ACTIVE", "DORMANT", "CLOSED"],
        "DORMANT": ["ACTIVE", "FROZEN", "CLOSED"],
    }
)
CASH = Moves({"WAITING": ["DONE", "RETURNED"], "DONE": ["REVERSED"]})
MANDATE = Moves({"WAITING": ["IN_FORCE", "DROPPED"], "IN_FORCE": ["REPLACED"]})
DEPOSIT = Moves({"RUNNING": ["PAID_OUT", "ROLLED", "BROKEN"]})
SLEEP = Moves({"ASLEEP": ["NOTICED", "WOKEN"], "NOTICED": ["HANDED_OVER", "WOKEN"], "HANDED_OVER": ["RECLAIMED"]})
