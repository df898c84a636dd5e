"""What the audit trail gives a person: their own doings."""

from django.db.models import Q

from apps.kernel import personal

personal.holds(
    personal.Part(
        "own_actions", "audit_trail.AuditLog", "actor", ("action", "target_type", "target_id", "ip_address", "at"),
        where=~Q(action__startswith="compliance.") & ~Q(target_type__startswith="compliance."),
    )
)  # fmt: skip
personal.leave_out(
    "What others did about a customer: looks of staff are a part of their own, the rest may tell of other people.",
    "audit_trail.AuditLog.customer",
)
personal.leave_out("Work of staff.", "audit_trail.IntegrityCheck.by")
