"""Payments that leave by M-Pesa: to a phone (B2C) or to a business (B2B). The rail of `payments` calls here."""

from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.kernel import http
from apps.mpesa import addresses, daraja, queries, rules
from apps.mpesa.errors import NOT_SENT, MpesaUnavailable
from apps.mpesa.models import Kind, MpesaStatus, MpesaTransaction
from apps.mpesa.operations.credit import require_unbooked
from apps.mpesa.operations.top_up import end
from apps.mpesa.states import MPESA
from apps.payments import operations as payments
from apps.payments.models import Payment

log = structlog.get_logger(__name__)
TRIES = 3
AGAIN_FOR = timedelta(hours=24)


def send_payout(*, payment: Payment, at: datetime) -> None:
    """Hand a payment to M-Pesa: written down and committed, then sent. A refusal before anything was done fails it.

    Whatever leaves the outcome open is raised. Payments to phones carry an id that M-Pesa counts once, so such a one
    may be handed over again; then a refusal says nothing of the first time, whose answer was lost, and is raised too.
    Payments to businesses carry no id, and are never sent twice.
    """
    row, is_first = _written(payment, at)
    for _nth in range(TRIES):
        try:
            taken = _send(row, payment)
        except NOT_SENT as no:
            if row.originator_id and not isinstance(no, http.NotReached):
                raise  # by its id it is sent when M-Pesa may be asked again
            continue  # nothing left this machine
        except daraja.Refused as no:
            if no.error_code == daraja.DUPLICATE:
                break  # M-Pesa has it already, by a request whose answer was lost
            if not is_first:
                raise
            not_carried(row, code=no.error_code, text=no.error_text, at=at)
            return
        _note_ids(row, taken)
        return
    else:
        if not is_first:
            raise MpesaUnavailable(_("M-Pesa could not be reached. We go on asking."))
        not_carried(row, code=rules.NOT_REACHED, text="M-Pesa could not be reached.", at=at)
        return
    _note_ids(row, daraja.Taken())


def _written(payment: Payment, at: datetime) -> tuple[MpesaTransaction, bool]:
    """The row, and whether it is new: of one that was there before, nobody knows whether it was sent."""
    phone = payment.destination.get("phone", "")
    row = MpesaTransaction(
        kind=Kind.B2C if phone else Kind.B2B,
        user=payment.payer,
        account=payment.from_account,
        phone=phone or None,
        amount_minor=payment.amount_minor,
        account_reference=payment.destination.get("account", "")[:20],
        payment_reference=f"payments/{payment.public_id}",
        created_at=at,
        sent_at=at,
    )
    row.originator_id = f"KB-{row.public_id.hex}" if phone else None
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return MpesaTransaction.objects.get(payment_reference=row.payment_reference), False
    return row, True


def _send(row: MpesaTransaction, payment: Payment) -> daraja.Taken:
    calls_back = {
        "words": payment.reference,
        "result": addresses.of_one("b2c", row.public_id, "result"),
        "timeout": addresses.of_one("b2c", row.public_id, "timeout"),
    }
    shillings, to = row.amount_minor // 100, payment.destination
    if row.originator_id:
        return daraja.b2c(originator_id=row.originator_id, phone=row.phone, shillings=shillings, **calls_back)
    if "till" in to:
        return daraja.b2b(
            command="BusinessBuyGoods", receiver=to["till"], account="", shillings=shillings, **calls_back
        )
    return daraja.b2b(
        command="BusinessPayBill", receiver=to["paybill"], account=to["account"], shillings=shillings, **calls_back
    )


def _note_ids(row: MpesaTransaction, taken: daraja.Taken) -> None:
    MpesaTransaction.objects.filter(pk=row.pk).update(conversation_id=taken.conversation_id[:64])
    MpesaTransaction.objects.filter(pk=row.pk, status=MpesaStatus.INITIATED).update(status=MpesaStatus.PENDING)


def ask_about_payout(*, payment: Payment, at: datetime) -> None:
    """Find out what became of a payment nobody heard of: the answer comes as a result, or by sending its id again.

    A payment to a phone whose conversation is not known is sent again under its own id, for a day: M-Pesa either has it
    and says so, or takes it now, once. Later nobody expects it any more, nor vouches for how long M-Pesa knows an id.
    """
    row = MpesaTransaction.objects.filter(payment_reference=f"payments/{payment.public_id}").first()
    if row is None:  # the worker was killed before anything was written, so nothing was sent
        send_payout(payment=payment, at=at)
        return
    MpesaTransaction.objects.filter(pk=row.pk).update(asked_at=at)
    if row.status == MpesaStatus.FAILED:  # written down by half, before the two were one transaction
        payments.fail(payment=payment, because=queries.why_not_paid(row.result_code or ""), at=at)
        return
    if row.status not in {MpesaStatus.INITIATED, MpesaStatus.PENDING, MpesaStatus.CHECKING}:
        return
    conversation = row.conversation_id or row.originator_id
    if row.status == MpesaStatus.INITIATED and row.originator_id and row.created_at > at - AGAIN_FOR:
        send_payout(payment=payment, at=at)
    elif conversation:
        daraja.transaction_status(
            conversation_id=conversation,
            result=addresses.of_one("status", row.public_id, "result"),
            timeout=addresses.of_one("status", row.public_id, "timeout"),
        )


@transaction.atomic
def carried(row: MpesaTransaction, *, receipt: str, at: datetime) -> None:
    """M-Pesa paid it: the payment is posted. Raises IllegalMove when its money was given back before, and ReceiptBooked
    when the receipt stands for another payment.
    """
    require_unbooked(row, receipt)
    payment = Payment.objects.get(public_id=(row.payment_reference or "").removeprefix("payments/"))
    MPESA.make(row, "COMPLETED", receipt=receipt or None, result_code="0", ended_at=at)
    payments.settle(payment=payment, provider_reference=receipt, at=at)


@transaction.atomic
def not_carried(row: MpesaTransaction, *, code: str, text: str, at: datetime) -> bool:
    """M-Pesa did not pay it: the payer has the money back. False when that was known before."""
    if not end(row, MpesaStatus.FAILED, code=code, text=text, at=at):
        return False
    payment = Payment.objects.get(public_id=(row.payment_reference or "").removeprefix("payments/"))
    if code in rules.OURS:
        log.error("mpesa_refuses_us", code=code, text=text, row=str(row.public_id))
    payments.fail(payment=payment, because=queries.why_not_paid(code), at=at)
    return True
