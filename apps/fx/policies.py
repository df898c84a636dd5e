"""Who may change what exchange costs and which rates hold."""

from django.utils.translation import gettext_lazy as _

from apps.kernel.errors import NotAllowed
from apps.users.models import User


def require_may_manage(who: User) -> None:
    """Someone with the right; a second person must then allow it. Raises NotAllowed."""
    if not who.is_active or not who.has_perm("fx.manage_rates"):
        raise NotAllowed(_("You do not hold the right to change exchange rates or what exchanging costs."))
