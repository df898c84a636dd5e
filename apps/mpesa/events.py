"""What M-Pesa tells the floors above (amounts in shilling cents)."""

from dataclasses import dataclass

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MpesaReceived(Event):
    """Money came in from M-Pesa and is on an account, or in suspense when nobody knows whose it is."""

    name = "mpesa.payment.received"
    transaction_id: int
    account_id: int | None
    minor: int
    account_reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MpesaSent(Event):
    """M-Pesa carried a payment out of the bank."""

    name = "mpesa.payment.sent"
    transaction_id: int
    payment_reference: str
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MpesaFailed(Event):
    """A top-up or a payment was not carried out; nothing moved."""

    name = "mpesa.payment.failed"
    transaction_id: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MpesaSentBack(Event):
    """Money that had come in went back to the phone it came from."""

    name = "mpesa.payment.sent_back"
    transaction_id: int
    original_id: int
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MpesaReconciliationBroke(Event):
    """A day's comparison with M-Pesa's statement ended with differences that nobody has settled."""

    name = "mpesa.reconciliation.broke"
    reconciliation_id: int
    day: str
    breaks: int
