"""What is done with loans."""

from apps.lending.operations.apply import apply
from apps.lending.operations.decide import accept, approve, cancel, challenge, expire_offers, reject, review
from apps.lending.operations.disburse import disburse
from apps.lending.operations.repay import pay_off, repay
from apps.lending.operations.switch import ask_switch

__all__ = [
    "accept",
    "apply",
    "approve",
    "ask_switch",
    "cancel",
    "challenge",
    "disburse",
    "expire_offers",
    "pay_off",
    "reject",
    "repay",
    "review",
]
