"""Stopping money from leaving a group, and letting it leave again: by two of the bank, none of whom belongs to it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.chamas import policies
from apps.chamas.errors import AlreadyDone, GroupNotOpen, Invalid
from apps.chamas.events import GroupRestrictionSet
from apps.chamas.models import ChamaGroup, GroupStatus, Membership
from apps.chamas.operations import books
from apps.kernel import approvals, events
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.users.models import User

RESTRICT = "chamas.restrict_group"
RIGHT = "accounts.freeze_account"


def ask_restriction(*, group: ChamaGroup, restrict: bool, reason: str, by: User, at: datetime) -> Approval:
    """Ask a second person to stop money from leaving (contributions still come in), or to let it leave again.

    Raises NotAllowed without the right or for a group of one's own,
    Invalid without a reason, AlreadyDone, GroupNotOpen.
    """
    if not by.is_active or not by.has_perm(RIGHT):
        raise NotAllowed(_("You do not hold the right to restrict groups."))
    _require_may(group, by, restrict=restrict)
    why = " ".join(reason.split())[:200]
    if not why:
        raise Invalid(_("Say why, so that the others know. Nothing was done."), errors={"reason": ["required"]})
    return approvals.ask(
        kind=RESTRICT,
        subject=f"chamas/{group.pk}",
        payload={"group": group.pk, "restrict": restrict, "why": why},
        before={"group": group.name, "restricted": group.restricted_at is not None},
        after={"group": group.name, "restricted": restrict},
        reason=why,
        by=by,
        at=at,
    )


def _require_may(group: ChamaGroup, *people: User, restrict: bool) -> None:
    for one in people:
        policies.require_no_part(one, Membership.objects.active().filter(group=group))
    if group.status == GroupStatus.CLOSED:
        raise GroupNotOpen(_("This group is closed. Nothing was done."))
    if restrict == (group.restricted_at is not None):
        raise AlreadyDone(_("The group stands like that already. Nothing was done."))


@transaction.atomic
def run_restriction(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """What two people agreed on. Raises as `ask_restriction`, looked at again."""
    held, restrict = books.locked(ChamaGroup.objects.get(pk=payload["group"])), bool(payload["restrict"])
    _require_may(held, maker, checker, restrict=restrict)
    held.restricted_at, held.restricted_because = (at, payload["why"]) if restrict else (None, "")
    held.save(update_fields=["restricted_at", "restricted_because"])
    action = "chamas.group.restricted" if restrict else "chamas.group.freed"
    audit_trail.record(action, on=held, by=checker, at=at, reason=payload["why"])
    events.publish(GroupRestrictionSet(group_id=held.pk, is_restricted=restrict))
    return {"group": held.slug}
