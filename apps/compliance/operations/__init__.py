"""What the watch does."""

from apps.compliance.operations.alert import close_alert, merge, raise_alert
from apps.compliance.operations.case import (
    assign,
    attach,
    claim,
    close,
    content_of,
    decide_to_report,
    note,
    recheck,
    record_suspicion,
    remind_due,
    reopen,
)
from apps.compliance.operations.rule import Tried, ask_change, back_test, in_force
from apps.compliance.operations.sweep import look, sweep_day, sweep_due

__all__ = [
    "Tried",
    "ask_change",
    "assign",
    "attach",
    "back_test",
    "claim",
    "close",
    "close_alert",
    "content_of",
    "decide_to_report",
    "in_force",
    "look",
    "merge",
    "note",
    "raise_alert",
    "recheck",
    "record_suspicion",
    "remind_due",
    "reopen",
    "sweep_day",
    "sweep_due",
]
