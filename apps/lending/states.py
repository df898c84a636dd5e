"""Which status of a loan may follow which."""

from apps.kernel.states import Moves

# An application is looked at, decided, accepted and paid out; a loan that decides itself goes from APPLIED to ACTIVE.
LOAN = Moves(
    {
        "APPLIED": ["UNDER_REVIEW", "APPROVED", "REJECTED", "CANCELLED"],
        "UNDER_REVIEW": ["APPROVED", "REJECTED", "CANCELLED"],
        "APPROVED": ["ACTIVE", "REJECTED", "CANCELLED"],
        "ACTIVE": ["PAID", "WRITTEN_OFF"],  # what comes back afterwards is a recovery; it stays written off
    }
)
GUARANTEE = Moves(
    {
        "ASKED": ["GIVEN", "DECLINED", "WITHDRAWN"],
        "GIVEN": ["RELEASED", "CALLED"],
    }
)
TRANCHE = Moves({"PLANNED": ["PAID", "LAPSED", "CANCELLED"]})
