"""Who may do what to the books."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.kernel.errors import NotAllowed


def require_may_close_periods(who: Any) -> None:
    """Someone with the right. Raises NotAllowed."""
    if not who.has_perm("ledger.close_periods"):
        raise NotAllowed(_("You do not hold the right to open and close periods. Nothing was changed."))


def require_may_manage_holidays(who: Any) -> None:
    """Someone with the right. Raises NotAllowed."""
    if not who.is_active or not who.has_perm("ledger.manage_holidays"):
        raise NotAllowed(_("You do not hold the right to change the bank's calendar. Nothing was changed."))


def require_may_ask_for_reversal(who: Any) -> None:
    """Someone with the right; a second person must then allow it. Raises NotAllowed."""
    if not who.has_perm("ledger.reverse_transfer"):
        raise NotAllowed(_("You do not hold the right to reverse transfers. Nothing was changed."))
