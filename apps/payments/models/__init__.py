"""Payments, one by one, by file and by themselves: what goes back of them, what asks for them, who is paid again."""

from apps.payments.models.airtime import AirtimeCallback, AirtimeOrder, AirtimeStatus
from apps.payments.models.biller import Biller, BillerCategory, BillerQuerySet
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
from apps.payments.models.merchant import (
    Merchant,
    MerchantQuerySet,
    MerchantStatus,
    PosSale,
    PosSaleQuerySet,
    PosTerminal,
    SaleStatus,
    Settlement,
    Trade,
)
from apps.payments.models.payee import Payee, PayeeQuerySet
from apps.payments.models.payment import Channel, HeldBecause, Payment, PaymentQuerySet, PaymentStatus
from apps.payments.models.qr import QrCode
from apps.payments.models.refund import Refund
from apps.payments.models.request import (
    AskerBlock,
    PaymentRequest,
    PaymentRequestQuerySet,
    RequestStatus,
    SplitBill,
    paid_of,
)
from apps.payments.models.revaluation import Revaluation
from apps.payments.models.standing import (
    Cadence,
    DayOff,
    OrderStatus,
    RunStatus,
    StandingOrder,
    StandingOrderQuerySet,
    StandingOrderRun,
)
from apps.payments.models.toward import Toward

__all__ = [
    "AirtimeCallback",
    "AirtimeOrder",
    "AirtimeStatus",
    "AskerBlock",
    "Biller",
    "BillerCategory",
    "BillerQuerySet",
    "BulkKind",
    "BulkPayment",
    "BulkQuerySet",
    "BulkRow",
    "BulkStatus",
    "Cadence",
    "Channel",
    "DayOff",
    "Eyes",
    "HeldBecause",
    "Merchant",
    "MerchantQuerySet",
    "MerchantStatus",
    "OrderStatus",
    "Payee",
    "PayeeQuerySet",
    "Payment",
    "PaymentQuerySet",
    "PaymentRequest",
    "PaymentRequestQuerySet",
    "PaymentStatus",
    "PosSale",
    "PosSaleQuerySet",
    "PosTerminal",
    "QrCode",
    "Refund",
    "RequestStatus",
    "Revaluation",
    "RowError",
    "RowStatus",
    "RunStatus",
    "SaleStatus",
    "Settlement",
    "SplitBill",
    "StandingOrder",
    "StandingOrderQuerySet",
    "StandingOrderRun",
    "Toward",
    "Trade",
    "paid_of",
]
