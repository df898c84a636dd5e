"""What payments tell the floors above (amounts in minor units)."""

from dataclasses import dataclass

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCompleted(Event):
    """Money moved."""

    name = "payments.payment.completed"
    payment_id: int
    payer_id: int
    payee_id: int
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailed(Event):
    """A confirmed payment was refused; nothing moved."""

    name = "payments.payment.failed"
    payment_id: int
    payer_id: int
    because: str
