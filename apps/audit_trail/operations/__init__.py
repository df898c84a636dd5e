"""What the audit trail does: `audit_trail.record("payments.payment.completed", on=payment, by=user, at=at)`."""

from apps.audit_trail.operations.anchor import anchor_day
from apps.audit_trail.operations.look_up import note_look_up
from apps.audit_trail.operations.record import record
from apps.audit_trail.operations.seal import seal_due
from apps.audit_trail.operations.verify import ask_verify, verify
from apps.audit_trail.rules import changed

__all__ = ["anchor_day", "ask_verify", "changed", "note_look_up", "record", "seal_due", "verify"]
