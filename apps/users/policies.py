"""Who may do what to people."""

from django.utils.translation import gettext_lazy as _

from apps.kernel.errors import NotAllowed, NotFound
from apps.users.models import BusinessMember, BusinessProfile, BusinessRole, User


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


def require_owner(who: User, business: BusinessProfile) -> None:
    """Owners change a business and its members; signatories and viewers look. Raises NotFound, NotAllowed."""
    role = role_in(who, business)
    if role is None:
        raise NotFound(_("There is no such business, or you do not belong to it."))
    if role != BusinessRole.OWNER:
        raise NotAllowed(_("Only an owner of the business may do this. Nothing was changed."))


def role_in(who: User, business: BusinessProfile) -> str | None:
    """A person's role in an open business; None for who does not belong."""
    present = BusinessMember.objects.filter(business=business, user=who, left_at=None, business__closed_at=None)
    return present.values_list("role", flat=True).first()


def may_sign_for(who: User, business: BusinessProfile) -> bool:
    """Whether this person's word binds the business: owners and signatories."""
    return role_in(who, business) in {BusinessRole.OWNER, BusinessRole.SIGNATORY}
