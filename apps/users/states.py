"""Which status of a person may follow which."""

from apps.kernel.states import Moves

USER = Moves(
    {
        "ACTIVE": ["SUSPENDED", "LOCKED", "CLOSED"],
        "LOCKED": ["ACTIVE", "SUSPENDED", "CLOSED"],
        "SUSPENDED": ["ACTIVE", "CLOSED"],
    }
)
INVITATION = Moves({"OPEN": ["ACCEPTED", "DECLINED", "WITHDRAWN"]})
