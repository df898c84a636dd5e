"""Changing one's mind before confirming."""

from datetime import datetime

from django.db import transaction

from apps.audit_trail import operations as audit_trail
from apps.payments.models import Payment, PaymentStatus
from apps.payments.operations.confirm import require_theirs
from apps.payments.states import PAYMENT
from apps.users.models import User


@transaction.atomic
def cancel(*, payment: Payment, by: User, at: datetime) -> Payment:
    """Drop a payment that was not confirmed. Raises NotFound, IllegalMove when it is done already."""
    require_theirs(payment, by)
    PAYMENT.make(payment, PaymentStatus.CANCELLED)
    audit_trail.record("payments.payment.cancelled", on=payment, by=by, at=at)
    return payment
