"""Returns of tax: made from the books, computed again, filed, paid, and remembered in time."""

from apps.compliance.operations.taxes.compute import compute, draft, draft_due
from apps.compliance.operations.taxes.file import file
from apps.compliance.operations.taxes.pay import PAY, Payment, ask_pay, run_pay
from apps.compliance.operations.taxes.remind import remind_due

__all__ = ["PAY", "Payment", "ask_pay", "compute", "draft", "draft_due", "file", "remind_due", "run_pay"]
