"""Which status of a loan may follow which."""

from apps.kernel.states import Moves

# An application is looked at, decided, accepted and paid out; a loan that decides itself goes from APPLIED to ACTIVE.
LOAN = Moves(
    {
        "APPLIED": ["UNDER_REVIEW", "APPROVED", "REJECTED", "CANCELLED"],
        "UNDER_REVIEW": ["APPROVED", "REJECTED", "CANCELLED"],
        "APPROVED": ["ACTIVE", "REJECTED", "CANCELLED"],
        "REJECTED": ["APPLIED"],  # declined by the score, and a person decided otherwise
        "PAID": ["ACTIVE"],  # the payment that ended it was taken back
        "ACTIVE": ["PAID", "WRITTEN_OFF"],  # what comes back afterwards is a recovery; it stays written off
    }
)
GUARANTEE = Moves(
    {
        "ASKED": ["GIVEN", "DECLINED", "WITHDRAWN"],
        "GIVEN": ["RELEASED", "CALLED"],
    }
)
CASE = Moves({"OPEN": ["CLOSED"]})
PROMISE = Moves({"OPEN": ["KEPT", "PARTLY_KEPT", "BROKEN", "WITHDRAWN"]})
VISIT = Moves({"PLANNED": ["DONE", "CANCELLED"]})
MORE_TIME = Moves({"ASKED": ["PASSED_ON", "GRANTED", "DECLINED"], "PASSED_ON": ["ASKED", "GRANTED", "DECLINED"]})
GUARANTOR_CALL = Moves({"ASKED": ["TAKEN", "SPARED"]})
TRANCHE = Moves({"PLANNED": ["PAID", "LAPSED", "CANCELLED"]})
