"""Who may do what to people."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.kernel.errors import NotAllowed, NotFound
from apps.kernel.models import Approval
from apps.kernel.written import Written
from apps.users.errors import Connected
from apps.users.models import BusinessMember, BusinessProfile, BusinessRole, Party, StaffConnection, User


def require_right(who: User, permission: str) -> None:
    """Staff with the right, and active. Raises NotAllowed."""
    if not who.is_active or not who.has_perm(permission):
        raise NotAllowed(_("You do not hold the right to do this."))


def require_may_change(who: User, person: User) -> None:
    """Staff may change others, never themselves. Raises NotAllowed."""
    require_right(who, "users.edit_users")
    if who.pk == person.pk:
        raise NotAllowed(_("Another member of staff must change your own profile."))
    require_unconnected(who, person)
    if person.is_staff and not who.has_perm("users.manage_admins"):
        raise NotAllowed(_("Only those who manage staff may change a member of staff."))


def require_staff(who: User) -> None:
    """Who works here, and is active. Raises NotAllowed."""
    if not who.is_active or not who.is_staff:
        raise NotAllowed(_("This is for staff."))


def is_connected(who: User, person: User) -> bool:
    """Whether staff must keep away from somebody: themself, whom they declared, with whom they hold a business, or a
    business that any of these belong to.
    """
    if who.pk == person.pk:
        return True
    among = _BELONG_TO_IT if person.kind == Party.BUSINESS else _IS_NEAR
    return bool(among.rows(who=who.pk, person=person.pk))


def connected_with(who: User) -> QuerySet[User]:
    """Everybody and every business that staff must keep away from; see `is_connected`."""
    near = _near(who.pk)
    theirs = BusinessMember.objects.filter(user__in=near, left_at=None).values("business__party")
    rows: QuerySet[User] = User.objects.filter(Q(pk__in=near) | Q(pk__in=theirs))
    return rows


def _near(who: int, person: int | None = None) -> QuerySet[User]:
    known = StaffConnection.objects.filter(staff=who, ended_at=None)
    declared = (known if person is None else known.filter(customer=person)).values("customer")
    mine = BusinessMember.objects.filter(user=who, left_at=None, business__closed_at=None).values("business")
    partners = BusinessMember.objects.filter(business__in=mine, left_at=None).values("user")
    rows: QuerySet[User] = User.objects.filter(Q(pk=who) | Q(pk__in=declared) | Q(pk__in=partners))
    return rows


def _in_it(who: int, person: int) -> QuerySet[BusinessMember]:
    return BusinessMember.objects.filter(business__party=person, left_at=None, user__in=_near(who, person))


_IS_NEAR = Written(lambda who, person: _near(who, person).filter(pk=person)[:1], who=-1, person=-2)
_BELONG_TO_IT = Written(lambda who, person: _in_it(who, person)[:1], who=-1, person=-2)


def require_unconnected(who: User, person: User) -> None:
    """Nobody decides on themself or on whom they are connected with. Raises Connected."""
    if who.is_staff and is_connected(who, person):
        raise Connected(
            _("You are connected with this customer, so a colleague who is not must do this. Nothing was changed.")
        )


_CUSTOMER = Written(lambda pk: User.objects.customers().filter(pk=pk), pk=-1)


def require_uninvolved(who: User, approval: Approval) -> None:
    """Nobody decides a request about a customer they are connected with. Raises Connected."""
    named = [approval.payload.get(name) for name in ("user", "customer", "borrower")]
    folder, _slash, rest = approval.subject.partition("/")
    if folder == "users":
        named.append(rest.partition("/")[0])
    ids = {int(each) for each in named if str(each).isdigit()} - {who.pk}
    for pk in sorted(ids):
        for person in _CUSTOMER.rows(pk=pk):
            require_unconnected(who, person)


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
