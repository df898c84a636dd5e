"""The roll of a meeting: ticked on the phone while people come, by whoever of the officers has it in hand."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.chamas import policies
from apps.chamas.errors import AlreadyDone, Invalid
from apps.chamas.models import Meeting, MeetingStatus, Membership, MembershipStatus, Presence, RollMark
from apps.chamas.policies import NOT_THERE
from apps.kernel.clock import local_date
from apps.kernel.errors import NotAllowed, NotFound
from apps.users.models import User


@transaction.atomic
def mark_presence(*, meeting: Meeting, member: Membership, presence: str, by: User, at: datetime) -> RollMark:
    """Tick a member of a meeting that is not over; ticked again it is changed. `hold_meeting` writes down what stands.

    An officer ticks anybody from the meeting's day on; everybody sends their own apology at any time before it began.
    Raises NotFound, NotAllowed, Invalid, AlreadyDone.
    """
    own = policies.membership(by, meeting.group)
    if presence not in Presence.values:
        raise Invalid(_("Say present, apology or absent. Nothing was done."), errors={"presence": ["unknown"]})
    if member.group_id != meeting.group_id or member.status != MembershipStatus.ACTIVE:
        raise NotFound(NOT_THERE)
    held = Meeting.objects.select_for_update(no_key=True).get(pk=meeting.pk)  # against who writes the roll down
    if held.status != MeetingStatus.CALLED:
        raise AlreadyDone(_("Who came was written down already, or the meeting was called off. Nothing was done."))
    _require_may(own, member, presence, held, at)
    _require_expected(member, presence, held, at)
    mark, _is_new = RollMark.objects.update_or_create(
        meeting=held, member=member, defaults={"presence": presence, "marked_by": own, "marked_at": at}
    )
    facts = {"member": member.pk, "presence": presence}
    audit_trail.record("chamas.meeting.ticked", on=held, by=by, at=at, after=facts, customer=by)
    return mark


def roll_state(meeting: Meeting) -> str:
    """What tells one state of the roll from the next; empty while nobody is ticked."""
    last = RollMark.objects.filter(meeting=meeting).aggregate(last=Max("marked_at"))["last"]
    return last.isoformat() if last else ""


def _require_may(own: Membership, member: Membership, presence: str, meeting: Meeting, at: datetime) -> None:
    if policies.is_officer(own):
        return
    if own.pk != member.pk or presence != Presence.APOLOGY:
        raise NotAllowed(_("An officer writes down who is here. Your own apology you can send. Nothing was done."))
    if at >= meeting.starts_at:
        raise NotAllowed(_("The meeting has begun. Tell an officer that you could not come. Nothing was done."))


def _require_expected(member: Membership, presence: str, meeting: Meeting, at: datetime) -> None:
    if presence != Presence.APOLOGY and local_date(at) < local_date(meeting.starts_at):
        raise Invalid(
            _("The day of the meeting has not come. Until then only apologies are written down. Nothing was done."),
            errors={"presence": ["too_early"]},
        )
    if member.joined_at is None or member.joined_at > meeting.starts_at:
        raise Invalid(
            _("They joined after the meeting began, so they are not on its roll. Nothing was done."),
            errors={"member": ["joined_later"]},
        )
