"""Delivers the outbox: each delivery in its own transaction, at least once, with growing delay, parked at last."""

import json
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F

from apps.kernel import events
from apps.kernel.clock import now
from apps.kernel.models import Delivery, DeliveryStatus

log = structlog.get_logger(__name__)

ATTEMPTS = 8  # 2, 4, 8 … 256 seconds apart: about eight minutes, then a person looks
_DUE = """
 WHERE d.status = 'PENDING' AND d.next_attempt_at <= clock_timestamp()
 ORDER BY d.next_attempt_at, d.id LIMIT 1 FOR UPDATE OF d SKIP LOCKED
"""
_THIS = " WHERE d.status = 'PENDING' AND d.id = %s FOR UPDATE OF d SKIP LOCKED"
_PICK = """
SELECT d.id, d.subscriber, d.attempts, e.name AS event_name, e.payload::text AS event_payload
  FROM kernel_delivery d JOIN kernel_outboxevent e ON e.id = d.event_id
"""


def deliver_due(limit: int = 500) -> int:
    """Deliver what is due, up to `limit`; any number of relays may run. Returns how many were tried."""
    tried = 0
    while tried < limit and _deliver(_DUE):
        tried += 1
    return tried


def deliver(delivery_id: int) -> bool:
    """Deliver one now, unless another relay has it. Returns whether it was tried."""
    return _deliver(_THIS, delivery_id)


def _deliver(which: str, *args: int) -> bool:
    with transaction.atomic():
        delivery = next(iter(Delivery.objects.raw(_PICK + which, args)), None)  # picked and read in one
        if delivery is None:
            return False
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


def _hand_over(delivery: Any) -> None:
    hear = events.subscriber(delivery.subscriber)
    if hear is None:
        raise LookupError(f"no subscriber {delivery.subscriber} in this deploy")
    hear(events.read(delivery.event_name, json.loads(delivery.event_payload)))


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
