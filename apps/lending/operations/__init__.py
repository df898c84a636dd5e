"""What is done with loans."""

from apps.lending.operations import collections
from apps.lending.operations.apply import apply
from apps.lending.operations.auto_debit import set_auto_debit
from apps.lending.operations.back_date import ask_back_dated
from apps.lending.operations.classing import ask_ageing, ask_loss_rate
from apps.lending.operations.collateral import ask_release, keep_paper, release_of_over, value_collateral
from apps.lending.operations.decide import accept, approve, cancel, challenge, expire_offers, reject, review
from apps.lending.operations.disburse import disburse
from apps.lending.operations.guarantee import (
    ask_guarantee,
    challenge_guarantor,
    decline_guarantee,
    free_guarantees,
    guarantee,
)
from apps.lending.operations.incoming import receive_for, take_cash
from apps.lending.operations.limit import ask_limit
from apps.lending.operations.parts import Part, cancel_parts, lapse_parts, pay_out_part, plan_parts
from apps.lending.operations.products import (
    ask_product,
    ask_product_switch,
    ask_reference_rate,
    ask_terms,
    newest_of,
)
from apps.lending.operations.reconsider import reconsider
from apps.lending.operations.refinance import ask_refinance
from apps.lending.operations.repay import pay_off, repay
from apps.lending.operations.restructure import ask_restructure
from apps.lending.operations.reverse_repayment import ask_reverse_repayment
from apps.lending.operations.stress import run_stress_test
from apps.lending.operations.switch import ask_switch
from apps.lending.operations.top_up import quote_top_up, top_up
from apps.lending.operations.write_off import ask_write_off

__all__ = [
    "Part",
    "accept",
    "apply",
    "approve",
    "ask_ageing",
    "ask_back_dated",
    "ask_guarantee",
    "ask_limit",
    "ask_loss_rate",
    "ask_product",
    "ask_product_switch",
    "ask_reference_rate",
    "ask_refinance",
    "ask_release",
    "ask_restructure",
    "ask_reverse_repayment",
    "ask_switch",
    "ask_terms",
    "ask_write_off",
    "cancel",
    "cancel_parts",
    "challenge",
    "challenge_guarantor",
    "collections",
    "decline_guarantee",
    "disburse",
    "expire_offers",
    "free_guarantees",
    "guarantee",
    "keep_paper",
    "lapse_parts",
    "newest_of",
    "pay_off",
    "pay_out_part",
    "plan_parts",
    "quote_top_up",
    "receive_for",
    "reconsider",
    "reject",
    "release_of_over",
    "repay",
    "review",
    "run_stress_test",
    "set_auto_debit",
    "take_cash",
    "top_up",
    "value_collateral",
]
