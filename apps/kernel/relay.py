"""Delivers the outbox: each delivery in its own transaction, at least once, with growing delay, parked at last."""

from datetime import timedelta

import structlog
from django.db import connection, transaction
from django.db.models import F

from apps.kernel import events
from apps.kernel.clock import now
from apps.kernel.models import Delivery, DeliveryStatus

log = structlog.get_logger(__name__)

ATTEMPTS = 8  # 2, 4, 8 … 256 seconds apart: about eight minutes, then a person looks
_NEXT = """
SELECT id FROM kernel_delivery
 WHERE status = 'PENDING' AND next_attempt_at <= clock_timestamp()
 ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_THIS = "SELECT id FROM kernel_delivery WHERE status = 'PENDING' AND id = %s FOR UPDATE SKIP LOCKED"


def deliver_due(limit: int = 500) -> int:
    """Deliver what is due, up to `limit`; any number of relays may run. Returns how many were tried."""
    tried = 0
    while tried < limit and _deliver(_NEXT):
        tried += 1
    return tried


def deliver(delivery_id: int) -> bool:
    """Deliver one now, unless another relay has it. Returns whether it was tried."""
    return _deliver(_THIS, delivery_id)


def _deliver(pick: str, *args: int) -> bool:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(pick, args)
            row = cursor.fetchone()
        if row is None:
            return False
        delivery = Delivery.objects.select_related("event").get(pk=row[0])
        try:
            with transaction.atomic():
                _hand_over(delivery)
        except Exception as problem:
            _put_off(delivery, problem)
        else:
            Delivery.objects.filter(pk=delivery.pk).update(
                status=DeliveryStatus.DONE, done_at=now(), attempts=F("attempts") + 1, last_error=""
            )
    return True


def _hand_over(delivery: Delivery) -> None:
    hear = events.subscriber(delivery.subscriber)
    if hear is None:
        raise LookupError(f"no subscriber {delivery.subscriber} in this deploy")
    hear(events.read(delivery.event.name, delivery.event.payload))


def _put_off(delivery: Delivery, problem: Exception) -> None:
    attempts = delivery.attempts + 1
    parked = attempts >= ATTEMPTS
    log.error("delivery_failed", subscriber=delivery.subscriber, parked=parked, attempts=attempts, exc_info=problem)
    Delivery.objects.filter(pk=delivery.pk).update(
        status=DeliveryStatus.PARKED if parked else DeliveryStatus.PENDING,
        attempts=attempts,
        next_attempt_at=now() + timedelta(seconds=2**attempts),
        last_error=f"{type(problem).__name__}: {problem}"[:2000],
    )


def replay(delivery: Delivery) -> None:
    """Put a parked delivery back in the queue."""
    Delivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.PARKED).update(
        status=DeliveryStatus.PENDING, attempts=0, next_attempt_at=now()
    )


events.first_tries_by(deliver)
