"""Which status of an alert, a case, a report, a data request, a breach or a tax return may follow which."""

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
DATA_REQUEST = Moves(
    {
        "OPEN": ["WAITING", "READY", "DONE", "REFUSED", "WITHDRAWN"],
        "WAITING": ["OPEN", "DONE"],
        "READY": ["EXPIRED"],
    }
)
BREACH = Moves({"OPEN": ["REPORTED", "CLOSED"], "REPORTED": ["CLOSED"]})
TAX = Moves({"DRAFT": ["FILED"], "FILED": ["PAID"]})
