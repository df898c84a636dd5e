"""What the audit trail tells the floors above."""

from dataclasses import dataclass

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainBroken(Event):
    """A verification found a record or a seal that is not as it was sealed."""

    name = "audit_trail.chain.broken"
    check_id: int
    first_break: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyAsked(Event):
    """Somebody wants every record and every seal checked; what is found will stand beside their name."""

    name = "audit_trail.verify.asked"
    by: int
