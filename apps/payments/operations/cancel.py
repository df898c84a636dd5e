"""Changing one's mind: before confirming, or in the moment a first large payment is held."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel.errors import IllegalMove
from apps.payments.models import HeldBecause, Payment, PaymentStatus
from apps.payments.operations.carry import give_back_held, locked
from apps.payments.operations.confirm import require_theirs
from apps.payments.states import PAYMENT
from apps.users.models import User


@transaction.atomic
def cancel(*, payment: Payment, by: User, at: datetime) -> Payment:
    """Drop a payment that has not gone yet; what was set aside is free again. Raises NotFound, IllegalMove."""
    require_theirs(payment, by)
    payment = locked(payment.pk)
    if payment.status == PaymentStatus.HELD:
        if payment.held_because == HeldBecause.REVIEW:
            raise IllegalMove(
                _("We are looking at this payment, so it cannot be cancelled now. The money is set aside.")
            )
        give_back_held(payment, at=at)
    else:
        PAYMENT.make(payment, PaymentStatus.CANCELLED)
    audit_trail.record("payments.payment.cancelled", on=payment, by=by, at=at)
    return payment
