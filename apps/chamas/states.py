"""Which status in a group may follow which."""

from apps.kernel.states import Moves

GROUP = Moves({"FORMING": ["ACTIVE", "CLOSED"], "ACTIVE": ["CLOSED"]})
MEMBERSHIP = Moves({"ASKED": ["ACTIVE", "DECLINED"], "ACTIVE": ["LEFT"]})
INVITATION = Moves({"OPEN": ["ACCEPTED", "DECLINED", "WITHDRAWN"]})
CONSTITUTION = Moves({"PROPOSED": ["IN_FORCE", "DROPPED"], "IN_FORCE": ["RETIRED"]})
CONTRIBUTION = Moves({"DUE": ["WAIVED"], "LATE": ["WAIVED"]})  # paid and late follow from money and time, set-based
CASH_NOTE = Moves({"RECORDED": ["CONFIRMED", "DENIED", "WITHDRAWN"], "CONFIRMED": ["BANKED"]})
FINE = Moves({"OPEN": ["APPEALED", "PAID", "WAIVED"], "APPEALED": ["OPEN", "WAIVED"]})
ROUND = Moves({"ORDERING": ["RUNNING"], "RUNNING": ["DONE"]})
SWAP = Moves({"ASKED": ["DONE", "DECLINED"]})
GROUP_LOAN = Moves({"ASKED": ["ACTIVE", "CANCELLED"], "ACTIVE": ["PAID"]})
