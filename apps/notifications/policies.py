"""Who may edit what the bank says."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.kernel.errors import NotAllowed


def may_edit_texts(who: Any) -> bool:
    """Active staff who look after content."""
    return bool(who.is_authenticated and who.is_active and who.has_perm("notifications.manage_content"))


def require_may_edit_texts(who: Any) -> None:
    """Raises NotAllowed."""
    if not may_edit_texts(who):
        raise NotAllowed(_("You do not hold the right to look after message texts."))
