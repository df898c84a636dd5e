"""Questions about the kernel's own machinery."""

from dataclasses import dataclass

from django.db.models import Min

from apps.kernel.clock import now
from apps.kernel.models import Delivery, DeliveryStatus


@dataclass(frozen=True, slots=True)
class OutboxState:
    """How the outbox stands: deliveries waiting and parked, and the age of the oldest one that is due, in seconds."""

    waiting: int
    parked: int
    oldest_seconds: float


def outbox_state() -> OutboxState:
    """How many deliveries wait, how many are parked, and how old the oldest due one is."""
    pending = Delivery.objects.filter(status=DeliveryStatus.PENDING)
    oldest = pending.filter(next_attempt_at__lte=now()).aggregate(at=Min("next_attempt_at"))["at"]
    return OutboxState(
        waiting=pending.count(),
        parked=Delivery.objects.filter(status=DeliveryStatus.PARKED).count(),
        oldest_seconds=(now() - oldest).total_seconds() if oldest else 0.0,
    )
