"""Who may read the audit trail."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.kernel.errors import NotAllowed

VIEW = "audit_trail.view_audit"


def may_view(who: Any) -> bool:
    """Active staff who hold the right."""
    return bool(who.is_authenticated and who.is_active and who.has_perm(VIEW))


def require_may_view(who: Any) -> None:
    """Raises NotAllowed."""
    if not may_view(who):
        raise NotAllowed(_("You do not hold the right to read the audit trail."))
