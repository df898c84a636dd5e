"""Which status of a flagged movement may follow which."""

from apps.kernel.states import Moves

FLAGGED = Moves({"OPEN": ["CLEARED", "CONFIRMED"]})
