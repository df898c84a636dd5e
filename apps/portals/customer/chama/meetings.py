"""Meetings: called with an agenda, who came ticked and written down on the phone, minutes written, signed, disputed."""

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.chamas import operations, policies
from apps.chamas.models import (
    GroupDispute,
    GroupDisputeStatus,
    GroupRole,
    Meeting,
    MeetingStatus,
    Membership,
    Minutes,
    Presence,
    RollMark,
)
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.portals.customer.chama.disputing import Wrong, said_of
from apps.portals.customer.chama.room import Room, chosen, on, posted, room_of, shown
from apps.portals.customer.chama.sheet import kept_view
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import Sheet, read_id

MOST = 50


class Call(Sheet):
    """When, where, what about."""

    on_day = forms.DateField(
        label=_("Day"),
        error_messages={"required": _("Choose the day."), "invalid": _("Write the date like 2026-12-05.")},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    at_time = forms.TimeField(
        label=_("Time"),
        error_messages={"required": _("Choose the time."), "invalid": _("Write the time like 14:00.")},
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    place = forms.CharField(label=_("Place"), max_length=120, error_messages={"required": _("Say where.")})
    agenda = forms.CharField(
        label=_("What it is about, one point on each line"),
        max_length=3000,
        error_messages={"required": _("Write one point at least.")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    where = {"starts_at": "on_day"}

    def starts_at(self) -> datetime:
        """In our own time."""
        said = datetime.combine(self.cleaned_data["on_day"], self.cleaned_data["at_time"])
        return timezone.make_aware(said)

    def refuse(self, no: DomainError, field: str | None = None) -> None:
        """A time that has gone by is said at the day."""
        late = "starts_at" in (no.facts.get("errors") or {})
        self.add_error("on_day" if late else None, gettext("Choose a time to come.") if late else str(no))


class Write(Sheet):
    """The minutes."""

    body = forms.CharField(
        label=_("Minutes"),
        max_length=20_000,
        error_messages={"required": _("Write what was said and decided.")},
        widget=forms.Textarea(attrs={"rows": 10}),
    )


@require_GET
@customer_page
def meetings(request: HttpRequest, slug: str) -> HttpResponse:
    """Those to come first, then those that were."""
    room = room_of(request, slug)
    open_ones = GroupDispute.objects.filter(minutes__meeting=OuterRef("pk"), status=GroupDisputeStatus.OPEN)
    found = Meeting.objects.filter(group=room.group).annotate(is_disputed=Exists(open_ones))
    rows = list(found.order_by("-starts_at")[:MOST])
    to_come = [row for row in reversed(rows) if row.status == MeetingStatus.CALLED]
    over = [row for row in rows if row.status != MeetingStatus.CALLED]
    return shown(request, room, "meetings", to_come=to_come, over=over)


@require_http_methods(["GET", "POST"])
@customer_page
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Call everybody."""
    room = room_of(request, slug)
    policies.require_officer(room.user, room.group)
    form = Call(posted(request))
    if form.is_bound and form.is_valid():
        try:
            row = operations.call_meeting(
                group=room.group,
                starts_at=form.starts_at(),
                place=form.cleaned_data["place"],
                agenda=form.cleaned_data["agenda"].splitlines(),
                by=room.user,
                at=now(),
            )
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("Called. Every member sees it."))
            return on(request, room, "meeting", row.public_id)
    return shown(request, room, "meeting_new", form)


def _meeting(room: Room, public_id: uuid.UUID) -> Meeting:
    rows = Meeting.objects.filter(group=room.group).select_related("group", "called_by__user")
    return get_object_or_404(rows, public_id=public_id)


@require_http_methods(["GET", "POST"])
@customer_page
def meeting(request: HttpRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """One meeting; what is sent is what is wrong with its minutes."""
    room = room_of(request, slug)
    row, form = _meeting(room, public_id), Wrong(posted(request))
    if form.is_bound and form.is_valid():
        try:
            version = _version(request, row)
            operations.dispute_minutes(minutes=version, text=form.cleaned_data["text"], by=room.user, at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(
                request, gettext("Everybody sees on the minutes that they are disputed. An officer answers.")
            )
            return on(request, room, "meeting", row.public_id)
    return _page(request, room, row, form=form)


def _version(request: HttpRequest, row: Meeting) -> Minutes:
    """The version of the minutes that was read."""
    said = request.POST.get("version", "")
    rows = Minutes.objects.select_related("meeting__group")
    return get_object_or_404(rows, meeting=row, version=read_id(said))


def _page(
    request: HttpRequest, room: Room, row: Meeting, no: DomainError | None = None, form: Wrong | None = None
) -> HttpResponse:
    came = list(row.attendance.select_related("member__user").order_by("member__number"))
    versions = list(row.minutes.select_related("written_by").order_by("-version"))
    newest = versions[0] if versions else None
    signed = list(newest.signatures.select_related("member__user").order_by("pk")) if newest else []
    was_there = any(one.member_id == room.me.pk and one.presence == Presence.PRESENT for one in came)
    roles = {one.role for one in signed}
    disputes = GroupDispute.objects.filter(minutes__meeting=row)
    ticked = list(row.roll.select_related("member__user").order_by("member__number"))
    facts: dict[str, Any] = {
        "apologies": [one.member for one in ticked if one.presence == Presence.APOLOGY],
        "sent_apology": any(one.member_id == room.me.pk and one.presence == Presence.APOLOGY for one in ticked),
        **said_of(room, disputes),
        "row": row,
        "came": came,
        "present": sum(one.presence == Presence.PRESENT for one in came),
        "newest": newest,
        "earlier": versions[1:],
        "signed": signed,
        "is_signed": {GroupRole.CHAIR, GroupRole.SECRETARY} <= roles,
        "may_sign": newest is not None and was_there and room.me.pk not in {one.member_id for one in signed},
        "has_begun": row.starts_at <= now(),
        "refused": str(no) if no else "",
    }
    if no:
        return shown(request, room, "meeting", status=no.status, **facts)
    return shown(request, room, "meeting", form or Wrong(None), **facts)


@require_http_methods(["GET", "POST"])
@customer_page
def attendance(request: HttpRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """Who came, one tap a member; written down once."""
    room = room_of(request, slug)
    policies.require_role(room.user, room.group, GroupRole.SECRETARY, GroupRole.CHAIR)
    row = _meeting(room, public_id)
    if row.status != MeetingStatus.CALLED:
        return on(request, room, "meeting", row.public_id)
    people = _expected(row)
    no: DomainError | None = None
    if request.method == "POST":
        said = {one.pk: request.POST.get(f"m{one.pk}", Presence.ABSENT) for one in people}
        try:
            seen = request.POST.get("roll", "")
            operations.hold_meeting(meeting=row, presences=said, seen=seen, by=room.user, at=now())
        except DomainError as refusal:
            no = refusal
        else:
            messages.success(request, gettext("Written down. Now write the minutes."))
            return on(request, room, "meeting", row.public_id)
    facts: dict[str, Any] = {"row": row, "people": _as_ticked(row, people), "choices": Presence.choices}
    facts["roll"] = operations.roll_state(row)
    facts |= {"refused": str(no) if no else "", "status": no.status if no else 200}
    return shown(request, room, "attendance", **facts)


def _expected(row: Meeting) -> list[Membership]:
    members = Membership.objects.active().filter(group=row.group_id, joined_at__lte=row.starts_at)
    return list(members.select_related("user").order_by("number"))


def _as_ticked(row: Meeting, people: list[Membership]) -> list[tuple[Membership, str]]:
    """Who is on the roll as it says; where somebody was ticked as here, who is not ticked is taken to be absent."""
    ticked = dict(RollMark.objects.filter(meeting=row).values_list("member_id", "presence"))
    others = Presence.ABSENT if Presence.PRESENT in ticked.values() else Presence.PRESENT
    return [(one, ticked.get(one.pk, str(others))) for one in people]


@require_POST
@customer_page
def roll(request: HttpRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """Tick a member as the sheet of the meeting asks, or send one's own apology."""
    room = room_of(request, slug)
    row, presence = _meeting(room, public_id), chosen(request, "presence", *Presence.values)
    said = request.POST.get("member", "")
    rows = Membership.objects.active().filter(group=room.group)
    member = get_object_or_404(rows, pk=read_id(said))
    try:
        operations.mark_presence(meeting=row, member=member, presence=presence, by=room.user, at=now())
    except DomainError as no:
        return _page(request, room, row, no)
    if "sheet" in request.POST:
        return on(request, room, "sheet", query=f"{kept_view(request)}#m{member.pk}")
    messages.success(request, gettext("The officers see that you cannot come."))
    return on(request, room, "meeting", row.public_id)


@require_http_methods(["GET", "POST"])
@customer_page
def minutes(request: HttpRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """Write them, or a corrected version."""
    room = room_of(request, slug)
    policies.require_role(room.user, room.group, GroupRole.SECRETARY, GroupRole.CHAIR)
    row = _meeting(room, public_id)
    newest = row.minutes.order_by("-version").first()
    form = Write(posted(request), initial={"body": newest.body if newest else _outline(row)})
    if form.is_bound and form.is_valid():
        if newest and newest.body == form.cleaned_data["body"].strip():  # the same form twice is one version
            return on(request, room, "meeting", row.public_id)
        try:
            operations.write_minutes(meeting=row, body=form.cleaned_data["body"], by=room.user, at=now())
        except DomainError as no:
            form.add_error("body", str(no))
        else:
            messages.success(request, gettext("Written, with your name under it."))
            return on(request, room, "meeting", row.public_id)
    return shown(request, room, "minutes", form, row=row, newest=newest)


def _outline(row: Meeting) -> str:
    return "\n\n".join(f"{nth}. {point}" for nth, point in enumerate(row.agenda, start=1))


@require_POST
@customer_page
def act(request: HttpRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """Sign the minutes that were read, or call the meeting off."""
    room = room_of(request, slug)
    row = _meeting(room, public_id)
    try:
        if chosen(request, "do", "cancel", "sign") == "cancel":
            operations.cancel_meeting(meeting=row, by=room.user, at=now())
            words = gettext("Called off. Every member sees it.")
        else:
            operations.sign_minutes(minutes=_version(request, row), by=room.user, at=now())
            words = gettext("You have signed the minutes.")
    except DomainError as no:
        return _page(request, room, row, no)
    messages.success(request, words)
    return on(request, room, "meeting", row.public_id)
