"""What people do with payments, and what becomes of them."""

from apps.payments.operations import bulk
from apps.payments.operations.ask import ask_by_qr
from apps.payments.operations.cancel import cancel
from apps.payments.operations.carry import doubt, fail, hand_over, let_go_on, settle
from apps.payments.operations.confirm import challenge, confirm
from apps.payments.operations.move import move_between_own
from apps.payments.operations.refund import refund
from apps.payments.operations.start import Payee, find_destination, find_payee, quote, start, start_by_rail

__all__ = [
    "Payee",
    "ask_by_qr",
    "bulk",
    "cancel",
    "challenge",
    "confirm",
    "doubt",
    "fail",
    "find_destination",
    "find_payee",
    "hand_over",
    "let_go_on",
    "move_between_own",
    "quote",
    "refund",
    "settle",
    "start",
    "start_by_rail",
]
