"""Payments, what goes back of them, and what asks for them."""

from apps.payments.models.payment import HeldBecause, Payment, PaymentQuerySet, PaymentStatus
from apps.payments.models.qr import QrCode
from apps.payments.models.refund import Refund
from apps.payments.models.revaluation import Revaluation

__all__ = ["HeldBecause", "Payment", "PaymentQuerySet", "PaymentStatus", "QrCode", "Refund", "Revaluation"]
