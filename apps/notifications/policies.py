"""Who may edit what the bank says."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.kernel.errors import NotAllowed


def require_may_edit_texts(who: Any) -> None:
    """Staff who look after content. Raises NotAllowed."""
    if not who.is_active or not who.has_perm("notifications.manage_content"):
        raise NotAllowed(_("You do not hold the right to look after message texts."))
