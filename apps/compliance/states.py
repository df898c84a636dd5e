"""Which status of an alert, a case or a report may follow which."""

from apps.kernel.states import Moves

ALERT = Moves({"OPEN": ["GROUPED", "CLOSED"], "GROUPED": ["CLOSED"]})
CASE = Moves(
    {
        "OPEN": ["INVESTIGATING", "CLOSED"],
        "INVESTIGATING": ["INVESTIGATING", "REPORTED", "CLOSED"],
        "REPORTED": ["INVESTIGATING"],
        "CLOSED": ["INVESTIGATING"],
    }
)
REPORT = Moves({"DRAFT": ["APPROVED"], "APPROVED": ["FILED"], "FILED": ["RECEIVED"]})
