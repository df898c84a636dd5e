"""When an officer or an auditor hears of what members pay in: of each at once, or of a day the next morning."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.chamas import policies
from apps.chamas.errors import Invalid
from apps.chamas.models import CHOOSES_WHEN_TO_HEAR, ChamaGroup, GroupRole, Hears, Membership
from apps.kernel.errors import NotAllowed
from apps.users.models import User


@transaction.atomic
def choose_when_to_hear(*, group: ChamaGroup, hears: str, by: User, at: datetime) -> Membership:
    """Choose for oneself; the line of the day comes in any case. Raises NotFound, NotAllowed for members, Invalid."""
    own = policies.membership(by, group)
    if own.role not in CHOOSES_WHEN_TO_HEAR:
        raise NotAllowed(
            _("Officers and auditors choose this. You hear of your own payments at once, and of all the next morning.")
        )
    if hears not in Hears.values:
        raise Invalid(_("Choose one of the two. Nothing was done."), errors={"hears": ["unknown"]})
    held = Membership.objects.select_for_update(no_key=True).get(pk=own.pk)
    held.hears = hears
    held.save(update_fields=["hears"])
    audit_trail.record("chamas.member.hears", on=held, by=by, at=at, after={"hears": hears}, customer=by)
    return held


def hears(member: Membership) -> str:
    """As chosen, or by the role: the treasurer of each payment at once."""
    if member.role in CHOOSES_WHEN_TO_HEAR and member.hears:
        return member.hears
    return Hears.AT_ONCE if member.role == GroupRole.TREASURER else Hears.NEXT_MORNING
