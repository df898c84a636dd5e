"""Who may do what to people."""

from django.utils.translation import gettext_lazy as _

from apps.kernel.errors import NotAllowed
from apps.users.models import User


def require_right(who: User, permission: str) -> None:
    """Staff with the right, and active. Raises NotAllowed."""
    if not who.is_active or not who.has_perm(permission):
        raise NotAllowed(_("You do not hold the right to do this."))


def require_may_change(who: User, person: User) -> None:
    """Staff may change others, never themselves. Raises NotAllowed."""
    require_right(who, "users.edit_users")
    if who.pk == person.pk:
        raise NotAllowed(_("Another member of staff must change your own profile."))
    if person.is_staff and not who.has_perm("users.manage_admins"):
        raise NotAllowed(_("Only those who manage staff may change a member of staff."))
