"""What goes over M-Pesa, every word it said to us, and the days on which both were laid side by side."""

from apps.mpesa.models.balance import BalanceQuestion, MpesaBalance
from apps.mpesa.models.bulk import MpesaBulkPayment, MpesaBulkStatus
from apps.mpesa.models.reconciliation import (
    BreakKind,
    PaymentReconciliation,
    ReconciliationBreak,
    ReconciliationStatus,
    StatementRow,
)
from apps.mpesa.models.transaction import (
    AccessToken,
    Callback,
    Kind,
    MpesaStatus,
    MpesaTransaction,
    PulledUntil,
)

__all__ = [
    "AccessToken",
    "BalanceQuestion",
    "BreakKind",
    "Callback",
    "Kind",
    "MpesaBalance",
    "MpesaBulkPayment",
    "MpesaBulkStatus",
    "MpesaStatus",
    "MpesaTransaction",
    "PaymentReconciliation",
    "PulledUntil",
    "ReconciliationBreak",
    "ReconciliationStatus",
    "StatementRow",
]
