"""Meetings: calling one, writing down who came, minutes and the names under them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.chamas import policies
from apps.chamas.errors import AlreadyDone, AlreadySaid, Invalid, NoSay
from apps.chamas.events import MeetingCalled, MeetingHeld, MinutesWritten
from apps.chamas.models import (
    Attendance,
    ChamaGroup,
    FineWhy,
    GroupRole,
    GroupStatus,
    Meeting,
    MeetingStatus,
    Membership,
    Minutes,
    MinutesSignature,
    Presence,
    RollMark,
)
from apps.chamas.operations import books
from apps.chamas.operations.fines import give_fine
from apps.chamas.operations.propose import in_force
from apps.chamas.operations.roll import roll_state
from apps.chamas.states import MEETING
from apps.kernel import events
from apps.kernel.errors import Conflict
from apps.users.models import User
from apps.users.queries import system_user

MOST_POINTS, MOST_LETTERS = 20, 20_000


@transaction.atomic
def call_meeting(
    *, group: ChamaGroup, starts_at: datetime, place: str, agenda: Sequence[str], by: User, at: datetime
) -> Meeting:
    """Call every member to a meeting. Raises NotFound, NotAllowed, Invalid."""
    held = books.locked(group)
    member = policies.require_officer(by, held)
    points = [" ".join(point.split())[:160] for point in agenda if point.strip()]
    where = " ".join(place.split())[:120]
    errors = {
        "starts_at": [] if starts_at > at else ["past"],
        "place": [] if where else ["required"],
        "agenda": [] if 1 <= len(points) <= MOST_POINTS else ["length"],
    }
    if wrong := {name: codes for name, codes in errors.items() if codes}:
        raise Invalid(
            _("A meeting needs a time to come, a place and one point at least. Nothing was done."), errors=wrong
        )
    last = Meeting.objects.filter(group=held).aggregate(last=Max("number"))["last"] or 0
    meeting = Meeting.objects.create(
        group=held, number=last + 1, starts_at=starts_at, place=where, agenda=points, called_by=member, called_at=at
    )
    audit_trail.record("chamas.meeting.called", on=meeting, by=by, at=at, customer=by)
    events.publish(MeetingCalled(group_id=held.pk, meeting_id=meeting.pk))
    return meeting


@transaction.atomic
def cancel_meeting(*, meeting: Meeting, by: User, at: datetime) -> Meeting:
    """Call it off. Raises NotFound, NotAllowed, IllegalMove."""
    policies.require_officer(by, meeting.group)
    MEETING.make(meeting, MeetingStatus.CANCELLED, over_at=at)
    audit_trail.record("chamas.meeting.cancelled", on=meeting, by=by, at=at, customer=by)
    events.publish(MeetingCalled(group_id=meeting.group_id, meeting_id=meeting.pk))
    return meeting


@transaction.atomic
def hold_meeting(
    *, meeting: Meeting, presences: Mapping[int, str], by: User, at: datetime, seen: str | None = None
) -> Meeting:
    """Write down who came (member's id → presence), once. Who is not named was as the roll says, and absent when it
    says nothing: fined then, when the rules say so.

    Only after it began. `seen` is the `roll_state` that `presences` were filled in from: a roll that was ticked since
    is looked at again. Raises NotFound, NotAllowed, Invalid, IllegalMove, Conflict.
    """
    group = books.locked(meeting.group)
    policies.require_role(by, group, GroupRole.SECRETARY, GroupRole.CHAIR)
    if at < meeting.starts_at:
        raise Invalid(_("The meeting has not begun yet. Nothing was done."), errors={"starts_at": ["future"]})
    members = Membership.objects.active().filter(group=group, joined_at__lte=meeting.starts_at)
    ids = set(members.values_list("pk", flat=True))
    if not set(presences) <= ids or not set(presences.values()) <= set(Presence.values):
        raise Invalid(
            _("Name members of the group, and whether each was there. Nothing was done."),
            errors={"presences": ["unknown"]},
        )
    MEETING.make(meeting, MeetingStatus.HELD, over_at=at)  # nobody ticks the roll after this
    if seen is not None and seen != roll_state(meeting):
        raise Conflict(_("Somebody was ticked meanwhile. Look at the roll again. Nothing was done."))
    came = dict.fromkeys(ids, str(Presence.ABSENT)) | _ticked(meeting, ids) | dict(presences)
    Attendance.objects.bulk_create(
        Attendance(meeting=meeting, member_id=pk, presence=presence) for pk, presence in sorted(came.items())
    )
    _fine_absent(meeting, group, at)
    present = sum(presence == Presence.PRESENT for presence in came.values())
    audit_trail.record("chamas.meeting.held", on=meeting, by=by, at=at, after={"present": present}, customer=by)
    events.publish(MeetingHeld(group_id=group.pk, meeting_id=meeting.pk))
    return meeting


def _ticked(meeting: Meeting, ids: set[int]) -> dict[int, str]:
    return dict(RollMark.objects.filter(meeting=meeting, member__in=ids).values_list("member_id", "presence"))


def _fine_absent(meeting: Meeting, group: ChamaGroup, at: datetime) -> None:
    """Who was absent without apology is fined by the rules in force, once; an auditor is not."""
    if group.status != GroupStatus.ACTIVE or not in_force(group).terms.absent_fine_minor:
        return
    absent = Membership.objects.voters().filter(
        group=group, attendance__meeting=meeting, attendance__presence=Presence.ABSENT
    )
    bank = system_user()
    for member in absent.select_related("group", "user").order_by("pk"):
        with suppress(AlreadyDone):  # an officer fined them for it by hand; the roll is written down all the same
            give_fine(member=member, why=FineWhy.ABSENT, cause=f"meeting/{meeting.pk}", by=bank, at=at)


@transaction.atomic
def write_minutes(*, meeting: Meeting, body: str, by: User, at: datetime) -> Minutes:
    """Write the minutes, or a corrected version to be signed anew. Raises NotFound, NotAllowed, Invalid."""
    group = books.locked(meeting.group)
    member = policies.require_role(by, group, GroupRole.SECRETARY, GroupRole.CHAIR)
    meeting.refresh_from_db(fields=["status"])
    text = body.strip()
    if meeting.status != MeetingStatus.HELD or not 1 <= len(text) <= MOST_LETTERS:
        raise Invalid(
            _("Minutes are written of a meeting that was held, and say something. Nothing was done."),
            errors={"body": ["required"]},
        )
    last = Minutes.objects.filter(meeting=meeting).aggregate(last=Max("version"))["last"] or 0
    written = Minutes.objects.create(meeting=meeting, version=last + 1, body=text, written_by=by, written_at=at)
    MinutesSignature.objects.create(minutes=written, member=member, role=member.role, at=at)
    audit_trail.record(
        "chamas.minutes.written", on=meeting, by=by, at=at, after={"version": written.version}, customer=by
    )
    events.publish(MinutesWritten(group_id=group.pk, meeting_id=meeting.pk, version=written.version))
    return written


@transaction.atomic
def sign_minutes(*, minutes: Minutes, by: User, at: datetime) -> MinutesSignature:
    """Put one's name to the newest minutes of a meeting one was at. Raises NotFound, NoSay, AlreadySaid."""
    member = policies.membership(by, books.locked(minutes.meeting.group))
    if not Attendance.objects.filter(meeting=minutes.meeting, member=member, presence=Presence.PRESENT).exists():
        raise NoSay(_("Only who was at the meeting signs its minutes. Nothing was done."))
    if Minutes.objects.filter(meeting=minutes.meeting, version__gt=minutes.version).exists():
        raise NoSay(_("These minutes were corrected. Read and sign the newest ones. Nothing was done."))
    row = MinutesSignature(minutes=minutes, member=member, role=member.role, at=at)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as no:
        if "minutes_are_signed_once_by_each" not in str(no):
            raise
        raise AlreadySaid(_("You have signed these minutes already.")) from no
    audit_trail.record(
        "chamas.minutes.signed", on=minutes.meeting, by=by, at=at, after={"version": minutes.version}, customer=by
    )
    return row


def are_signed(minutes: Minutes) -> bool:
    """Whether the chair and the secretary of the day have both signed."""
    roles = set(minutes.signatures.values_list("role", flat=True))
    return {GroupRole.CHAIR, GroupRole.SECRETARY} <= roles
