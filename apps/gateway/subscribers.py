"""Hears every event that third parties may be told, under whatever app publishes it, by the kernel's list of offers."""

from apps.gateway.operations.tell import tell
from apps.kernel import third_parties
from apps.kernel.clock import now
from apps.kernel.events import Event


def tell_third_parties(event: Event) -> None:
    """Have the app it concerns told."""
    offer = third_parties.offer_of(event)
    notice = offer.notice(event)
    if notice is not None:
        tell(event_type=offer.name, notice=notice, at=now())
