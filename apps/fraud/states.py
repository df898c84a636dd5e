"""Which status of a flagged movement, a model, a back-test or a dispute may follow which."""

from apps.kernel.states import Moves

FLAGGED = Moves({"OPEN": ["CLEARED", "CONFIRMED"]})
ANOMALY = Moves({"CANDIDATE": ["IN_USE", "RETIRED"], "IN_USE": ["RETIRED"]})
JOB = Moves({"WAITING": ["RUNNING"], "RUNNING": ["DONE", "FAILED", "WAITING"]})
DISPUTE = Moves(
    {
        "OPEN": ["INVESTIGATING", "UPHELD", "DECLINED", "WITHDRAWN"],
        "INVESTIGATING": ["UPHELD", "DECLINED", "WITHDRAWN"],
    }
)
