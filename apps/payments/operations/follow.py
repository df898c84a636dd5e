"""What moves with a payment, in its own transaction: the request it pays, the standing order it is made for."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import events, live
from apps.payments.errors import MerchantClosed, RequestOver, SaleOver
from apps.payments.events import RequestPaid, StandingOrderFailed
from apps.payments.models import (
    Merchant,
    MerchantStatus,
    Payment,
    PaymentRequest,
    PosSale,
    QrCode,
    RequestStatus,
    RunStatus,
    SaleStatus,
    StandingOrderRun,
)
from apps.payments.policies import people_of
from apps.payments.states import REQUEST, RUN, SALE

STANDING = "standing/"  # how the keys of payments begin that standing orders make


def claim(payment: Payment, at: datetime) -> None:
    """The request or the sale this payment is for is being paid now, by nobody else, and its shop still takes payments.

    Raises RequestOver, SaleOver, MerchantClosed.
    """
    if payment.merchant is not None:
        require_takes(payment.merchant)
    if payment.sale_id is not None:
        waiting_sale = PosSale.objects.payable(at).filter(pk=payment.sale_id)
        if not waiting_sale.update(payment=payment):
            raise SaleOver(_("That was paid, taken back or has run out. No money moved from you. Ask for a new code."))
    if payment.request_id is None:
        return
    waiting = PaymentRequest.objects.filter(pk=payment.request_id).open(at)
    if not waiting.update(status=RequestStatus.PAYING):
        raise RequestOver(_("That request was paid, taken back or has run out. No money moved from you."))


def require_takes(shop: Merchant) -> None:
    """Raises MerchantClosed for one that was stopped or closed."""
    if shop.status != MerchantStatus.ACTIVE:
        raise MerchantClosed(_("That shop does not take payments any more. No money moved."))


def arrived(payment: Payment, at: datetime) -> None:
    """The money of a payment moved."""
    if payment.merchant is not None:
        if payment.sale_id is not None:
            SALE.make(PosSale.objects.get(pk=payment.sale_id), SaleStatus.PAID, over_at=at)
        for person in people_of(payment.merchant):
            live.tell(person)
    if payment.request_id is not None:
        row = PaymentRequest.objects.select_related("asker").get(pk=payment.request_id)
        REQUEST.make(row, RequestStatus.PAID, over_at=at)
        audit_trail.record("payments.request.paid", on=row, by=payment.payer, at=at, customer=row.asker)
        events.publish(RequestPaid(request_id=row.pk, payment_id=payment.pk, asker_id=row.asker_id))
    if payment.key.startswith(STANDING):
        StandingOrderRun.objects.filter(payment=payment, status=RunStatus.UNDER_WAY).update(status=RunStatus.PAID)


def came_back(payment: Payment, because: str, at: datetime) -> None:
    """A confirmed payment did not arrive: what asked for it may be paid again, its date of an order has failed."""
    if payment.qr_code_id is not None:
        QrCode.objects.filter(pk=payment.qr_code_id).update(used_at=None)
    if payment.sale_id is not None:
        PosSale.objects.filter(payment=payment, status=SaleStatus.OPEN).update(payment=None)
    if payment.request_id is not None:
        PaymentRequest.objects.filter(pk=payment.request_id, status=RequestStatus.PAYING).update(
            status=RequestStatus.OPEN
        )
    if payment.key.startswith(STANDING):
        rows = StandingOrderRun.objects.select_related("order__owner").filter(payment=payment)
        for run in rows.filter(status=RunStatus.UNDER_WAY):
            RUN.make(run, RunStatus.FAILED, because=because[:200])
            tell_of_failure(run, at)


def tell_of_failure(run: StandingOrderRun, at: datetime) -> None:
    """Write down and announce that a date of a standing order was not paid."""
    order = run.order
    facts = {"due_on": str(run.due_on), "status": run.status}
    audit_trail.record(
        "payments.standing_order.failed", on=order, by=order.owner, at=at, reason=run.because, after=facts
    )
    events.publish(StandingOrderFailed(order_id=order.pk, run_id=run.pk, owner_id=order.owner_id))
