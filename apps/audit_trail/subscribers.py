"""What the audit trail does when somebody asked for it and need not wait."""

from django.contrib.auth import get_user_model

from apps.audit_trail import operations
from apps.audit_trail.events import VerifyAsked
from apps.kernel.clock import now
from apps.kernel.events import subscribe


@subscribe(VerifyAsked)
def verify_all(event: VerifyAsked) -> None:
    """Check everything; once more does no harm."""
    operations.verify(at=now(), by=get_user_model().objects.get(pk=event.by))
