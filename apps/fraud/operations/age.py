"""What was promised an answer and has an hour left, or none, is told to those who decide, once."""

from datetime import datetime, timedelta

from django.db import transaction

from apps.audit_trail import operations as audit_trail
from apps.fraud.events import FlagAged
from apps.fraud.models import FlaggedTransaction
from apps.kernel import events

BEFORE = timedelta(hours=1)


def escalate(*, at: datetime) -> int:
    """Returns how many. Safe to run twice, and twice at once."""
    waiting = FlaggedTransaction.objects.filter(status="OPEN", escalated_at=None, answer_by__lte=at + BEFORE)
    return sum(_told(flag, at) for flag in waiting.select_related("user").order_by("answer_by"))


@transaction.atomic
def _told(flag: FlaggedTransaction, at: datetime) -> bool:
    still = FlaggedTransaction.objects.filter(pk=flag.pk, status="OPEN", escalated_at=None)
    if not still.update(escalated_at=at):
        return False
    audit_trail.record("fraud.transaction.aged", on=flag, by=None, at=at, customer=flag.user)
    events.publish(FlagAged(flag_id=flag.pk, reference=flag.reference, user_id=flag.user_id))
    return True
