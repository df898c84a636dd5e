"""What the bank does when a borrower is late: cases, contacts within the rules, promises, letters, guarantors."""

from apps.lending.operations.collections.case import (
    claim,
    close_if_paid_up,
    hand_over,
    open_case,
    plan_next,
    release,
    withdraw_promise,
)
from apps.lending.operations.collections.contacts import add_note, log_call, send_text
from apps.lending.operations.collections.day import pursue
from apps.lending.operations.collections.guarantors import ask_call_guarantors
from apps.lending.operations.collections.letter import send_letter
from apps.lending.operations.collections.more_time import ask_more_time, decline_more_time, pass_on_more_time
from apps.lending.operations.collections.promise import last_day, promise
from apps.lending.operations.collections.telling import tell_in_the_morning
from apps.lending.operations.collections.visit import cancel_visit, plan_visit, write_visit

__all__ = [
    "add_note",
    "ask_call_guarantors",
    "ask_more_time",
    "cancel_visit",
    "claim",
    "close_if_paid_up",
    "decline_more_time",
    "hand_over",
    "last_day",
    "log_call",
    "open_case",
    "pass_on_more_time",
    "plan_next",
    "plan_visit",
    "promise",
    "pursue",
    "release",
    "send_letter",
    "send_text",
    "tell_in_the_morning",
    "withdraw_promise",
    "write_visit",
]
