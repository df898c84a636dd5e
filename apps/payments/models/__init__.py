"""Payments, what goes back of them, and what asks for them."""

from apps.payments.models.bulk import (
    BulkKind,
    BulkPayment,
    BulkQuerySet,
    BulkRow,
    BulkStatus,
    Eyes,
    RowError,
    RowStatus,
)
from apps.payments.models.payment import HeldBecause, Payment, PaymentQuerySet, PaymentStatus
from apps.payments.models.qr import QrCode
from apps.payments.models.refund import Refund

__all__ = [
    "BulkKind",
    "BulkPayment",
    "BulkQuerySet",
    "BulkRow",
    "BulkStatus",
    "Eyes",
    "HeldBecause",
    "Payment",
    "PaymentQuerySet",
    "PaymentStatus",
    "QrCode",
    "Refund",
    "RowError",
    "RowStatus",
]
