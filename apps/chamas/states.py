"""Which status in a group may follow which."""

from apps.kernel.states import Moves

GROUP = Moves({"FORMING": ["ACTIVE", "CLOSED"], "ACTIVE": ["CLOSED"]})
MEMBERSHIP = Moves({"ASKED": ["ACTIVE", "DECLINED"], "ACTIVE": ["LEFT"]})
INVITATION = Moves({"OPEN": ["ACCEPTED", "DECLINED", "WITHDRAWN"]})
CONSTITUTION = Moves({"PROPOSED": ["IN_FORCE", "DROPPED"], "IN_FORCE": ["RETIRED"]})
