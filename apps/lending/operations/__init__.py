"""What is done with loans."""

from apps.lending.operations import collections
from apps.lending.operations.apply import apply
from apps.lending.operations.collateral import value_collateral
from apps.lending.operations.decide import accept, approve, cancel, challenge, expire_offers, reject, review
from apps.lending.operations.disburse import disburse
from apps.lending.operations.guarantee import (
    ask_guarantee,
    challenge_guarantor,
    decline_guarantee,
    free_guarantees,
    guarantee,
)
from apps.lending.operations.repay import pay_off, repay
from apps.lending.operations.restructure import ask_restructure
from apps.lending.operations.switch import ask_switch
from apps.lending.operations.write_off import ask_write_off

__all__ = [
    "accept",
    "apply",
    "approve",
    "ask_guarantee",
    "ask_restructure",
    "ask_switch",
    "ask_write_off",
    "cancel",
    "challenge",
    "challenge_guarantor",
    "collections",
    "decline_guarantee",
    "disburse",
    "expire_offers",
    "free_guarantees",
    "guarantee",
    "pay_off",
    "reject",
    "repay",
    "review",
    "value_collateral",
]
