"""Which status in a group may follow which."""

from apps.kernel.states import Moves

GROUP = Moves({"FORMING": ["ACTIVE", "CLOSED"], "ACTIVE": ["CLOSED"]})
MEMBERSHIP = Moves({"ASKED": ["ACTIVE", "DECLINED"], "ACTIVE": ["LEFT"]})
INVITATION = Moves({"OPEN": ["ACCEPTED", "DECLINED", "WITHDRAWN"]})
CONSTITUTION = Moves({"PROPOSED": ["IN_FORCE", "DROPPED"], "IN_FORCE": ["RETIRED"]})
MEETING = Moves({"CALLED": ["HELD", "CANCELLED"]})
DISPUTE = Moves({"OPEN": ["UPHELD", "DISMISSED", "WITHDRAWN"]})
# What was agreed on and could not be done is tried again until it lapses.
PROPOSAL = Moves(
    {
        "OPEN": ["PASSED", "CARRIED_OUT", "REJECTED", "LAPSED", "WITHDRAWN"],
        "PASSED": ["CARRIED_OUT", "LAPSED", "WITHDRAWN"],
    }
)
CONTRIBUTION = Moves({"DUE": ["WAIVED"], "LATE": ["WAIVED"]})  # paid and late follow from money and time, set-based
CASH_NOTE = Moves({"RECORDED": ["CONFIRMED", "DENIED", "WITHDRAWN"], "CONFIRMED": ["BANKED"]})
FINE = Moves({"OPEN": ["APPEALED", "PAID", "WAIVED"], "APPEALED": ["OPEN", "WAIVED"]})
ROUND = Moves({"ORDERING": ["RUNNING"], "RUNNING": ["DONE"]})
SWAP = Moves({"ASKED": ["DONE", "DECLINED", "WITHDRAWN", "LAPSED"]})
GROUP_LOAN = Moves({"ASKED": ["ACTIVE", "CANCELLED"], "ACTIVE": ["PAID", "WRITTEN_OFF"]})
GROUP_CHECK = Moves({"IN_REVIEW": ["APPROVED", "REJECTED"]})
SALE = Moves({"OPEN": ["DONE", "LAPSED"]})
