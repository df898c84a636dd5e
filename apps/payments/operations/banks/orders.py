"""One payment at another bank: written down, handed over, asked about; told twice, late or crosswise does no harm."""

from datetime import datetime
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from apps.audit_trail import operations as audit_trail
from apps.kernel import http
from apps.kernel.errors import IllegalMove
from apps.payments import iso20022 as iso
from apps.payments.banks import transfers, wire
from apps.payments.banks.reasons import DUPLICATES, UNREACHED, why
from apps.payments.models import BankOrder, Channel, OrderOutStatus, OutRail, Payment, PaymentStatus
from apps.payments.operations.carry import fail, settle
from apps.payments.states import BANK_ORDER
from apps.users.queries import system_user

log = structlog.get_logger(__name__)
Status = OrderOutStatus
_OVER = {Status.SETTLED, Status.REJECTED, Status.RETURNED}


def send_online(*, payment: Payment, rail: OutRail, channel: Channel, at: datetime) -> None:
    """Hand a payment over: written down and committed, then sent under its UETR, which the other side counts once.

    Nothing left this machine on the first try: it fails, and the payer has the money back. After that only what the
    other side says of this UETR decides. Whatever leaves the outcome open is raised: the payment is then CHECKING.
    """
    order, is_first = _written(payment, rail, channel, Status.SENT, at)
    if order.status in _OVER:
        return
    try:
        report = wire.carry(channel, transfers.pacs008_of(order, at=at))
    except http.NotReached:
        if not is_first:
            raise
        reject(order, reason="", because=UNREACHED, at=at)
        return
    heard(order, _about(order, report), at=at)


def ask_online(*, payment: Payment, rail: OutRail, channel: Channel, at: datetime) -> None:
    """Find out what became of it. What they never had is handed over again under the same UETR."""
    order = _orders().filter(payment=payment).first()
    if order is None or (report := wire.status(channel, payment.public_id)) is None:
        send_online(payment=payment, rail=rail, channel=channel, at=at)
        return
    heard(order, _about(order, report), at=at)


def wait_for_file(*, payment: Payment, rail: OutRail, at: datetime) -> BankOrder:
    """Written down for the next file of its rail; once."""
    order, _is_first = _written(payment, rail, Channel.BANK, Status.WAITING, at)
    return order


def heard(order: BankOrder, told: iso.Told, *, at: datetime) -> None:
    """Act on what is said of an order. The same thing again changes nothing; its opposite is kept for a person."""
    if told.is_settled:
        settled(order, their_reference=told.reference, at=at)
    elif told.is_rejected and told.reason not in DUPLICATES:
        reject(order, reason=told.reason, because=why(told.reason), at=at)
    elif not told.is_rejected:
        BankOrder.objects.filter(pk=order.pk, status=Status.SENT).update(status=Status.TAKEN)


@transaction.atomic
def settled(order: BankOrder, *, their_reference: str, at: datetime) -> bool:
    """It arrived: the payment is posted. False when nothing changed, or a person must look."""
    order = locked(order.pk)
    if order.status in {Status.SETTLED, Status.RETURNED}:
        return False
    if order.status == Status.REJECTED or order.payment.status not in {PaymentStatus.PENDING, PaymentStatus.CHECKING}:
        return _dispute(order, "settled", at)
    BANK_ORDER.make(order, Status.SETTLED, their_reference=their_reference, ended_at=at)
    settle(payment=order.payment, provider_reference=their_reference or order.payment.reference, at=at)
    return True


@transaction.atomic
def reject(order: BankOrder, *, reason: str, because: str, at: datetime) -> bool:
    """It will not arrive: the payer has all of it back. False when nothing changed, or a person must look."""
    order = locked(order.pk)
    if order.status == Status.REJECTED:
        return False
    if order.status in {Status.SETTLED, Status.RETURNED}:
        return _dispute(order, "rejected", at)
    try:
        with transaction.atomic():
            fail(payment=order.payment, because=because, at=at)
            BANK_ORDER.make(order, Status.REJECTED, reason=reason, ended_at=at)
    except IllegalMove:
        return _dispute(order, "rejected", at)
    return True


def locked(pk: int) -> BankOrder:
    """The order as it stands, and its payment held with it (first: so it is everywhere)."""
    payment_id = BankOrder.objects.values_list("payment_id", flat=True).get(pk=pk)
    Payment.objects.select_for_update().get(pk=payment_id)
    rows = BankOrder.objects.select_for_update(of=("self",)).select_related("payment__payer", "payment__from_account")
    return rows.get(pk=pk)


def _dispute(order: BankOrder, said: str, at: datetime) -> bool:
    log.warning("bank_says_otherwise", payment=order.payment.reference, ours=order.status, theirs=said)
    audit_trail.record(
        "payments.bank_order.disputed",
        on=order.payment,
        by=system_user(),
        at=at,
        after={"ours": str(order.status), "theirs": said},
    )
    return False


def _written(
    payment: Payment, rail: OutRail, channel: Channel, status: OrderOutStatus, at: datetime
) -> tuple[BankOrder, bool]:
    """The row, and whether it is new: of one that was there before, nobody knows whether it was sent."""
    moved = payment.quote.get if payment.quote else payment.amount
    order = BankOrder(
        payment=payment,
        rail=rail,
        channel=channel,
        status=status,
        moved_minor=moved.minor,
        currency=moved.currency,
        created_at=at,
    )
    try:
        with transaction.atomic():
            order.save()
    except IntegrityError:
        return _orders().get(payment=payment), False
    return order, True


def _orders() -> QuerySet[BankOrder]:
    return BankOrder.objects.select_related("payment__payer", "payment__from_account", "payment__quote")


def _about(order: BankOrder, report: iso.Report) -> iso.Told:
    """What the report says of this order alone. Raises BadAnswer when it speaks of another."""
    reference, uetr = order.payment.reference, order.payment.public_id
    for told in report.transfers:
        if told.end_to_end_id == reference and _same(told.uetr, uetr):
            return told
    if report.is_rejected and not report.transfers and report.about == f"KB-{reference}":
        return iso.Told(reference, report.status, report.reason)
    raise wire.BadAnswer(f"the report is not about {reference}")


def _same(said: str, uetr: UUID) -> bool:
    return not said or said.lower() == str(uetr)
