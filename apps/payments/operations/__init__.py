"""What people do with payments, and what becomes of them."""

from apps.payments.operations import bulk
from apps.payments.operations.airtime import (
    apply_airtime_callback,
    ask_about_airtime,
    may_load,
    receive_airtime_status,
    send_airtime,
)
from apps.payments.operations.airtime_decide import ask_to_decide_airtime
from apps.payments.operations.airtime_decide import in_doubt as airtime_in_doubt
from apps.payments.operations.airtime_decide import odd_callbacks as odd_airtime_callbacks
from apps.payments.operations.ask import ask_by_qr
from apps.payments.operations.biller import ask_biller_change, biller_called, find_bill
from apps.payments.operations.book import (
    add_payee,
    challenge_payee,
    confirm_payee,
    place_here,
    place_of,
    place_outside,
    remove_payee,
    rename_payee,
)
from apps.payments.operations.cancel import cancel
from apps.payments.operations.carry import doubt, fail, hand_over, let_go_on, settle, stop_held
from apps.payments.operations.channel import used_by_ussd, ussd_limit
from apps.payments.operations.confirm import challenge, confirm, foreseen
from apps.payments.operations.exchange import exchange
from apps.payments.operations.joint import (
    ask_joint,
    ask_joint_by_rail,
    challenge_joint,
    end_joint,
    expire_joint,
    may_end_joint,
    sign_joint,
)
from apps.payments.operations.joint_order import (
    ask_joint_order,
    challenge_joint_order,
    end_joint_order,
    expire_joint_orders,
    may_end_joint_order,
    sign_joint_order,
    skip_joint_order,
)
from apps.payments.operations.move import move_between_own
from apps.payments.operations.pay_out import pay_out_merchants
from apps.payments.operations.refund import refund, refund_by_merchant
from apps.payments.operations.request import (
    Share,
    ask_for_payment,
    block_asker,
    cancel_request,
    decline_request,
    equal_shares,
    expire_requests,
    introduce,
    pay_request,
    remind,
    split_bill,
    unblock_asker,
)
from apps.payments.operations.revalue import revalue_positions
from apps.payments.operations.run import due_orders, pay_order
from apps.payments.operations.sale import ask_sale, code_of_merchant, code_of_sale, expire_sales, void_sale
from apps.payments.operations.sale_floor import LARGE_SALE
from apps.payments.operations.scan import WayOut, require_amount, way_out
from apps.payments.operations.shop import add_terminal, become_merchant, close_merchant
from apps.payments.operations.shop_change import ask_merchant_change, choose_sale_alerts
from apps.payments.operations.standing import (
    cancel_order,
    challenge_order,
    confirm_order,
    note_order,
    pause_order,
    resume_order,
    set_up_order,
    skip_next,
)
from apps.payments.operations.start import (
    Payee,
    find_destination,
    find_payee,
    quote,
    quote_for,
    start,
    start_by_rail,
    who_is,
)
from apps.payments.operations.tomorrow import tell_of_tomorrow

__all__ = [
    "LARGE_SALE",
    "Payee",
    "Share",
    "WayOut",
    "add_payee",
    "add_terminal",
    "airtime_in_doubt",
    "apply_airtime_callback",
    "ask_about_airtime",
    "ask_biller_change",
    "ask_by_qr",
    "ask_for_payment",
    "ask_joint",
    "ask_joint_by_rail",
    "ask_joint_order",
    "ask_merchant_change",
    "ask_sale",
    "ask_to_decide_airtime",
    "become_merchant",
    "biller_called",
    "block_asker",
    "bulk",
    "cancel",
    "cancel_order",
    "cancel_request",
    "challenge",
    "challenge_joint",
    "challenge_joint_order",
    "challenge_order",
    "challenge_payee",
    "choose_sale_alerts",
    "close_merchant",
    "code_of_merchant",
    "code_of_sale",
    "confirm",
    "confirm_order",
    "confirm_payee",
    "decline_request",
    "doubt",
    "due_orders",
    "end_joint",
    "end_joint_order",
    "equal_shares",
    "exchange",
    "expire_joint",
    "expire_joint_orders",
    "expire_requests",
    "expire_sales",
    "fail",
    "find_bill",
    "find_destination",
    "find_payee",
    "foreseen",
    "hand_over",
    "introduce",
    "let_go_on",
    "may_end_joint",
    "may_end_joint_order",
    "may_load",
    "move_between_own",
    "note_order",
    "odd_airtime_callbacks",
    "pause_order",
    "pay_order",
    "pay_out_merchants",
    "pay_request",
    "place_here",
    "place_of",
    "place_outside",
    "quote",
    "quote_for",
    "receive_airtime_status",
    "refund",
    "refund_by_merchant",
    "remind",
    "remove_payee",
    "rename_payee",
    "require_amount",
    "resume_order",
    "revalue_positions",
    "send_airtime",
    "set_up_order",
    "settle",
    "sign_joint",
    "sign_joint_order",
    "skip_joint_order",
    "skip_next",
    "split_bill",
    "start",
    "start_by_rail",
    "stop_held",
    "tell_of_tomorrow",
    "unblock_asker",
    "used_by_ussd",
    "ussd_limit",
    "void_sale",
    "way_out",
    "who_is",
]
