"""What is done with accounts."""

from apps.accounts.operations.cash import approve_cash_run, deposit_cash, fund_till, open_till, withdraw_cash
from apps.accounts.operations.manage import close, freeze, rename, unfreeze
from apps.accounts.operations.open import open_account, open_first_accounts
from apps.accounts.operations.post import Movement, Order, into, out_of, post, post_many
from apps.accounts.operations.statement import make_month_statements, make_statement

__all__ = [
    "Movement",
    "Order",
    "approve_cash_run",
    "close",
    "deposit_cash",
    "freeze",
    "fund_till",
    "into",
    "make_month_statements",
    "make_statement",
    "open_account",
    "open_first_accounts",
    "open_till",
    "out_of",
    "post",
    "post_many",
    "rename",
    "unfreeze",
    "withdraw_cash",
]
