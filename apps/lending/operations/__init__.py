"""What is done with loans."""

from apps.lending.operations.apply import apply
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
from apps.lending.operations.limit import ask_limit
from apps.lending.operations.products import (
    ask_product,
    ask_product_switch,
    ask_reference_rate,
    ask_terms,
    newest_of,
)
from apps.lending.operations.repay import pay_off, repay
from apps.lending.operations.restructure import ask_restructure
from apps.lending.operations.stress import run_stress_test
from apps.lending.operations.switch import ask_switch
from apps.lending.operations.write_off import ask_write_off

__all__ = [
    "accept",
    "apply",
    "approve",
    "ask_guarantee",
    "ask_limit",
    "ask_product",
    "ask_product_switch",
    "ask_reference_rate",
    "ask_release",
    "ask_restructure",
    "ask_switch",
    "ask_terms",
    "ask_write_off",
    "cancel",
    "challenge",
    "challenge_guarantor",
    "decline_guarantee",
    "disburse",
    "expire_offers",
    "free_guarantees",
    "guarantee",
    "keep_paper",
    "newest_of",
    "pay_off",
    "reject",
    "release_of_over",
    "repay",
    "review",
    "run_stress_test",
    "value_collateral",
]
