"""What is done with accounts."""

from apps.accounts.operations.bulk import begin_batch, pay_each
from apps.accounts.operations.cash import (
    approve_cash_run,
    cash_charge,
    deposit_cash,
    fund_till,
    open_till,
    withdraw_cash,
)
from apps.accounts.operations.charge import charge_monthly_fees, charged, earned
from apps.accounts.operations.hold import SetAside, give_back, set_aside, take
from apps.accounts.operations.manage import ask_unfreeze, close, freeze, rename, unfreeze
from apps.accounts.operations.mandate import (
    ask_bank_for_mandate,
    challenge_mandate,
    drop_mandate,
    propose_mandate,
    sign_mandate,
)
from apps.accounts.operations.movement import Movement, into, out_of
from apps.accounts.operations.open import (
    open_account,
    open_business_account,
    open_first_accounts,
    open_house_account,
)
from apps.accounts.operations.post import Order, lock, post, post_each, post_many, post_within
from apps.accounts.operations.statement import make_month_statements, make_statement
from apps.accounts.operations.tariff import ask_tariff_change, run_tariff_change

__all__ = [
    "Movement",
    "Order",
    "SetAside",
    "approve_cash_run",
    "ask_bank_for_mandate",
    "ask_tariff_change",
    "ask_unfreeze",
    "begin_batch",
    "cash_charge",
    "challenge_mandate",
    "charge_monthly_fees",
    "charged",
    "close",
    "deposit_cash",
    "drop_mandate",
    "earned",
    "freeze",
    "fund_till",
    "give_back",
    "into",
    "lock",
    "make_month_statements",
    "make_statement",
    "open_account",
    "open_business_account",
    "open_first_accounts",
    "open_house_account",
    "open_till",
    "out_of",
    "pay_each",
    "post",
    "post_each",
    "post_many",
    "post_within",
    "propose_mandate",
    "rename",
    "run_tariff_change",
    "set_aside",
    "sign_mandate",
    "take",
    "unfreeze",
    "withdraw_cash",
]
