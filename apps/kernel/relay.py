"""Delivers the outbox: each delivery in its own transaction, at least once, with growing delay, parked at last."""

import json
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import connection, transaction

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
SELECT d.id, d.subscriber, d.attempts, e.name, e.payload::text
  FROM kernel_delivery d JOIN kernel_outboxevent e ON e.id = d.event_id
"""
_DONE = """
UPDATE kernel_delivery SET status = 'DONE', done_at = %s, attempts = attempts + 1, last_error = '' WHERE id = %s
"""


@dataclass(frozen=True, slots=True)
class Picked:
    """A delivery that this relay has locked, with its event."""

    id: int
    subscriber: str
    attempts: int
    event_name: str
    event_payload: str


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
    """Pick one, hand it over and mark it, in one transaction; what fails, the commit included, leaves nothing."""
    picked = None
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_PICK + which, args)
            if (row := cursor.fetchone()) is None:
                return False
            picked = Picked(*row)
            _hand_over(picked)
            cursor.execute(_DONE, [now(), picked.id])
    except Exception as problem:
        if picked is None:
            raise
        _put_off(picked, problem)
    return True


def _hand_over(picked: Picked) -> None:
    hear = events.subscriber(picked.subscriber)
    if hear is None:
        raise LookupError(f"no subscriber {picked.subscriber} in this deploy")
    hear(events.read(picked.event_name, json.loads(picked.event_payload)))


def _put_off(picked: Picked, problem: Exception) -> None:
    """Another relay may have tried it since the lock was let go: what that one wrote stays."""
    attempts = picked.attempts + 1
    parked = attempts >= ATTEMPTS
    log.error("delivery_failed", subscriber=picked.subscriber, parked=parked, attempts=attempts, exc_info=problem)
    as_it_was = Delivery.objects.filter(pk=picked.id, status=DeliveryStatus.PENDING, attempts=picked.attempts)
    as_it_was.update(
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
