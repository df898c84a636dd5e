"""Who may do what in a group: members see it, officers run it, nobody decides on their own money."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.chamas.models import OFFICERS, ChamaGroup, GroupRole, GroupStatus, Membership
from apps.kernel.errors import Conflict, NotAllowed, NotFound
from apps.kernel.written import Written
from apps.users.models import User
from apps.users.queries import near

NOT_THERE = _("There is no such group, or you do not belong to it.")
INVITES_TOO_OFTEN = _("Too many invitations at once. Nothing was sent; wait a minute and try again.")
NOT_YOURS = _("Members look at their own statement; officers and auditors at everybody's. Nothing was made.")


_PLACE = Written(lambda group, who: Membership.objects.active().filter(group=group, user_id=who), group=-1, who=-2)


def require_no_part(who: User, members: QuerySet[Membership]) -> None:
    """Staff keep away from groups that they, or anybody near them, belong to: nobody banks with the profile they work
    with, so their own membership is known by what they declared. Raises NotAllowed.
    """
    if members.filter(user__in=near(who.pk)).exists():
        raise NotAllowed(_("You, or somebody near you, are in this group: a colleague must decide. Nothing was done."))


def membership(who: Any, group: ChamaGroup) -> Membership:
    """One's own place in a group. Raises NotFound."""
    found: Membership | None = _PLACE.first(group=group.pk, who=who.pk)
    if found is None:
        raise NotFound(NOT_THERE)
    return found


def require_role(who: Any, group: ChamaGroup, *roles: str) -> Membership:
    """One's own place, when it is one of these. Raises NotFound, NotAllowed."""
    own = membership(who, group)
    if own.role not in roles:
        raise NotAllowed(_("Only some roles in the group may do this. Nothing was done. Ask an officer."))
    return own


def require_officer(who: Any, group: ChamaGroup) -> Membership:
    """Chair, treasurer or secretary. Raises NotFound, NotAllowed."""
    return require_role(who, group, *OFFICERS)


def require_not_needed(account: Account) -> None:
    """A group pays its members on the accounts they joined with: one that is closed would hold up a share-out for
    everybody. Raises Conflict.
    """
    rows = Membership.objects.active().filter(account=account).exclude(group__status=GroupStatus.CLOSED)
    if (here := rows.select_related("group").first()) is not None:
        raise Conflict(
            _("%(group)s pays you on this account. Leave the group first, then close it. Nothing was changed.")
            % {"group": here.group}
        )


def is_officer(member: Membership) -> bool:
    """Chair, treasurer or secretary."""
    return member.role in OFFICERS


def require_may_read(own: Membership, number: int) -> None:
    """One's own statement; an officer or an auditor looks at everybody's. Raises NotAllowed."""
    if own.number != number and not is_officer(own) and own.role != GroupRole.AUDITOR:
        raise NotAllowed(NOT_YOURS)
