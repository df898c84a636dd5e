"""What kyc tells the floors above."""

from dataclasses import dataclass

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TierChanged(Event):
    """A customer has another tier."""

    name = "kyc.tier.changed"
    user_id: int
    before: str
    after: str
