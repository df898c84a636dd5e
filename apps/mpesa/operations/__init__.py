"""What is done over M-Pesa, and what becomes of it."""

from apps.mpesa.operations.balance import ask_balance
from apps.mpesa.operations.bulk import bring_bulk, payouts_account
from apps.mpesa.operations.c2b import confirm_c2b, may_pay
from apps.mpesa.operations.callbacks import apply_callback, ask_about_paid, receive
from apps.mpesa.operations.decide import ask_to_decide
from apps.mpesa.operations.payout import ask_about_payout, send_payout
from apps.mpesa.operations.place import place
from apps.mpesa.operations.pull import pull_receipts
from apps.mpesa.operations.qr import MpesaCode, mpesa_code
from apps.mpesa.operations.reconcile import days_to_reconcile, reconcile, reconcile_fetched
from apps.mpesa.operations.register import register_addresses
from apps.mpesa.operations.send_back import ask_about_reversal, ask_to_send_back, send_reversal
from apps.mpesa.operations.settle import resolve_break
from apps.mpesa.operations.top_up import ask_about_push, give_up, send_push, start_top_up

__all__ = [
    "MpesaCode",
    "apply_callback",
    "ask_about_paid",
    "ask_about_payout",
    "ask_about_push",
    "ask_about_reversal",
    "ask_balance",
    "ask_to_decide",
    "ask_to_send_back",
    "bring_bulk",
    "confirm_c2b",
    "days_to_reconcile",
    "give_up",
    "may_pay",
    "mpesa_code",
    "payouts_account",
    "place",
    "pull_receipts",
    "receive",
    "reconcile",
    "reconcile_fetched",
    "register_addresses",
    "resolve_break",
    "send_payout",
    "send_push",
    "send_reversal",
    "start_top_up",
]
