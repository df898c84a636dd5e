"""What notifications does: `notifications.send("payments.sent", to=user, context={…}, at=at, key="payments/7")`."""

from apps.notifications.operations.alert import alert, delete_alert, dismiss, mark_read, subscribe
from apps.notifications.operations.choose import allow_offers, choose
from apps.notifications.operations.deliver import deliver, deliver_due, drop_expired, give_up_abandoned
from apps.notifications.operations.digest import send_digests
from apps.notifications.operations.edit_text import ask_new_text, ask_text_change, ask_text_stop, readings_of
from apps.notifications.operations.note import Fact, note
from apps.notifications.operations.read_text import preview
from apps.notifications.operations.report import apply_report, match_waiting, receive_report
from apps.notifications.operations.send import send, send_to_address
from apps.notifications.operations.send_many import Telling, send_many
from apps.notifications.operations.speak import answer_call
from apps.notifications.operations.write import (
    answer_letter,
    close_thread,
    finish_thread,
    look_into,
    open_thread,
    read_thread,
    reply,
)

__all__ = [
    "Fact",
    "Telling",
    "alert",
    "allow_offers",
    "answer_call",
    "answer_letter",
    "apply_report",
    "ask_new_text",
    "ask_text_change",
    "ask_text_stop",
    "choose",
    "close_thread",
    "delete_alert",
    "deliver",
    "deliver_due",
    "dismiss",
    "drop_expired",
    "finish_thread",
    "give_up_abandoned",
    "look_into",
    "mark_read",
    "match_waiting",
    "note",
    "open_thread",
    "preview",
    "read_thread",
    "readings_of",
    "receive_report",
    "reply",
    "send",
    "send_digests",
    "send_many",
    "send_to_address",
    "subscribe",
]
