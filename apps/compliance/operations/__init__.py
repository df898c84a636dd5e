"""What the watch does."""

from apps.compliance.operations.alert import close_alert, merge, raise_alert
from apps.compliance.operations.case import (
    LARGEST,
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
from apps.compliance.operations.look import look
from apps.compliance.operations.report import approve as approve_report
from apps.compliance.operations.report import draft as draft_report
from apps.compliance.operations.report import file as file_report
from apps.compliance.operations.report import make_annual_report, make_cash_report, receive
from apps.compliance.operations.report import send_back as send_report_back
from apps.compliance.operations.rule import Tried, ask_change, back_test, in_force
from apps.compliance.operations.staff import close_staff_alert, hear_of_glass, watch_staff, watch_staff_due
from apps.compliance.operations.sweep import sweep_day, sweep_due

__all__ = [
    "LARGEST",
    "Tried",
    "approve_report",
    "ask_change",
    "assign",
    "attach",
    "back_test",
    "claim",
    "close",
    "close_alert",
    "close_staff_alert",
    "content_of",
    "decide_to_report",
    "draft_report",
    "file_report",
    "hear_of_glass",
    "in_force",
    "look",
    "make_annual_report",
    "make_cash_report",
    "merge",
    "note",
    "raise_alert",
    "receive",
    "recheck",
    "record_suspicion",
    "remind_due",
    "reopen",
    "send_report_back",
    "sweep_day",
    "sweep_due",
    "watch_staff",
    "watch_staff_due",
]
