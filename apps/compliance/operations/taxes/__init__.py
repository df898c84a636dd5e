"""Returns of tax: made from the books, computed again, filed, paid, and remembered in time."""

from apps.compliance.operations.taxes.compute import compute, draft, draft_due
from apps.compliance.operations.taxes.file import file
from apps.compliance.operations.taxes.on_account import (
    PAY_ON_ACCOUNT,
    Open,
    all_open,
    ask_pay_on_account,
    open_of,
    run_pay_on_account,
)
from apps.compliance.operations.taxes.pay import PAY, ask_pay, run_pay
from apps.compliance.operations.taxes.remind import remind_due
from apps.compliance.operations.taxes.slip import Payment

__all__ = [
    "PAY",
    "PAY_ON_ACCOUNT",
    "Open",
    "Payment",
    "all_open",
    "ask_pay",
    "ask_pay_on_account",
    "compute",
    "draft",
    "draft_due",
    "file",
    "open_of",
    "remind_due",
    "run_pay",
    "run_pay_on_account",
]
