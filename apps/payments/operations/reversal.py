"""A payment whose transfer two members of staff take back in the books, its fee with it."""

from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import TransactionType
from apps.audit_trail import operations as audit_trail
from apps.kernel import live
from apps.ledger.errors import TransferTied
from apps.ledger.tied import under
from apps.payments.models import Payment, PaymentReturn, PaymentStatus, Refund
from apps.payments.operations.carry import locked, sent_back
from apps.users.models import User

OTHERS = under(
    {
        "refunds/": _("A refund stands on this transfer. Nothing was reversed. The customer may pay again."),
        "settlements/": _(
            "A shop was paid out by this transfer. Nothing was reversed. Send its sales back on their own pages."
        ),
        "bulk/": _(
            "A file of payments stands on this transfer. Nothing was reversed. Who was paid by mistake pays it back."
        ),
        "incoming/": _(
            "Money from another bank came by this transfer. Nothing was reversed. Place it or send it back on its page."
        ),
        "airtime/": _(
            "A commission on airtime stands on this transfer. Nothing was reversed. Its provider settles what differs."
        ),
        "fx/revaluation/": _(
            "The day's revaluation stands on this transfer. Nothing was reversed. The next day's evens it out."
        ),
    }
)


def stands_on(transfer_id: int, _reference: str) -> Promise | None:
    """Why the transfer of a payment, or of one that came back, is not taken back in the books; None where it may be."""
    if PaymentReturn.objects.filter(transfer_id=transfer_id).exists():
        return _("Another bank sent this payment back. Nothing was reversed. Who had paid it may pay it again.")
    payment = Payment.objects.filter(transfer_id=transfer_id).first()
    return None if payment is None else _in_the_way(payment)


def _in_the_way(payment: Payment) -> Promise | None:
    if not payment.is_inside or payment.kind == TransactionType.EXCHANGE:
        return _("This payment went to another bank or currency. Nothing was reversed; the books alone do not undo it.")
    if payment.merchant_id is not None:
        return _("A shop's sale stands on this transfer. Nothing was reversed. Refund it on the payment's page.")
    if payment.refunds.exclude(status=Refund.Status.RETURNED).exists():
        return _("Some of this payment was sent back. Nothing was reversed. Refund the rest on the payment's page.")
    return None


@transaction.atomic
def reversed_by_staff(*, transfer_id: int, reason: str, by: User, at: datetime) -> None:
    """Write beside a reversal in the books that the payment is taken back: it cannot be refunded as well.

    Under the lock by which refunds are made, and once. Raises TransferTied when some of it went back meanwhile.
    """
    found = Payment.objects.filter(transfer_id=transfer_id).first()
    if found is None:
        return
    payment = locked(found.pk)
    if payment.status != PaymentStatus.COMPLETED:
        return  # taken back before: the books answer with the reversal they have
    if said := _in_the_way(payment):
        raise TransferTied(said)
    sent_back(payment)
    audit_trail.record("payments.payment.reversed", on=payment, by=by, at=at, reason=reason, customer=payment.payer)
    live.tell(payment.payer_id)
