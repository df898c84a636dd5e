"""Meetings of a group by API: called, held, minuted and signed."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.chamas import documents, operations
from apps.chamas.api.door import TAGS, Named, Room, member_of
from apps.chamas.models import (
    GroupDisputeStatus,
    Meeting,
    MeetingStatus,
    Membership,
    Minutes,
    Presence,
)
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.serializers import MomentField
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.doors import signed_in


class CallMeeting(Strict):
    """When, where, and what it is about."""

    starts_at = MomentField()
    place = serializers.CharField(max_length=120)
    agenda = serializers.ListField(child=serializers.CharField(max_length=160), min_length=1, max_length=20)


class WhoCame(Strict):
    """One member."""

    member = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    presence = serializers.ChoiceField(choices=Presence.choices)


class HoldMeeting(Strict):
    """Who came; who is not named was as the roll says, and absent when it says nothing."""

    presences = WhoCame(many=True, help_text="Whom the roll does not know, or who was not as it says")

    def validate_presences(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Attendance is never changed: who is named twice was written down wrongly once."""
        if len({one["member"] for one in rows}) < len(rows):
            raise serializers.ValidationError(_("Name every member once. Nothing was done."))
        return rows


class WriteMinutes(Strict):
    """What was said and resolved."""

    body = serializers.CharField(max_length=20_000)


class AttendedShown(serializers.Serializer[Any]):
    """One member at a meeting."""

    member = Named()
    presence = serializers.ChoiceField(choices=Presence.choices)


class TickedShown(AttendedShown):
    """One member on the roll of a meeting that is not over."""

    marked_by = Named()
    marked_at = serializers.DateTimeField()


class SignatureShown(serializers.Serializer[Any]):
    """A name under minutes."""

    member = Named()
    at = serializers.DateTimeField()


class MinutesShown(serializers.Serializer[Any]):
    """Minutes; a correction is another version, and is signed anew."""

    version = serializers.IntegerField()
    body = serializers.CharField()
    written_at = serializers.DateTimeField()
    signatures: Any = SignatureShown(source="signatures.all", many=True)
    are_signed = serializers.SerializerMethodField(help_text="By the chair and the secretary")
    are_disputed = serializers.SerializerMethodField(help_text="By somebody, and not answered yet")

    def get_are_signed(self, row: Minutes) -> bool:
        """Both names are there."""
        return {"CHAIR", "SECRETARY"} <= {one.role for one in row.signatures.all()}

    def get_are_disputed(self, row: Minutes) -> bool:
        """An officer must answer; see `GET …/disputes/`."""
        return any(one.status == GroupDisputeStatus.OPEN for one in row.disputes.all())


class MeetingShown(serializers.Serializer[Any]):
    """A meeting."""

    id = serializers.UUIDField(source="public_id")
    number = serializers.IntegerField()
    starts_at = serializers.DateTimeField()
    place = serializers.CharField()
    agenda = serializers.ListField(child=serializers.CharField())
    status = serializers.ChoiceField(choices=MeetingStatus.choices)
    called_by = Named()
    called_at = serializers.DateTimeField()
    over_at = serializers.DateTimeField(allow_null=True)


class OneMeetingShown(MeetingShown):
    """A meeting with its roll, who came and what was written."""

    roll: Any = TickedShown(source="roll.all", many=True)
    attendance: Any = AttendedShown(source="attendance.all", many=True)
    minutes = serializers.SerializerMethodField()

    @extend_schema_field(MinutesShown(allow_null=True))
    def get_minutes(self, row: Meeting) -> Any:
        """The newest version; null when there is none."""
        newest = max(row.minutes.all(), key=lambda one: one.version, default=None)
        return None if newest is None else MinutesShown(newest).data


_CALL = OpenApiExample(
    "The next one",
    {
        "starts_at": "2027-01-09T14:00:00+03:00",
        "place": "Mama Atieno's, Kondele",
        "agenda": ["Minutes of the last meeting", "Loans that were asked for", "The chicken project"],
    },
    request_only=True,
)


def _one(room: Room, public_id: Any) -> dict[str, Any]:
    rows = Meeting.objects.filter(group=room.group()).select_related("called_by__user")
    rows = rows.prefetch_related(
        "roll__member__user",
        "roll__marked_by__user",
        "attendance__member__user",
        "minutes__signatures__member__user",
        "minutes__disputes",
    )
    return dict(OneMeetingShown(get_object_or_404(rows, public_id=public_id)).data)


@extend_schema(tags=TAGS)
class Meetings(Room):
    """Meetings of a group."""

    serializer_class = MeetingShown

    @extend_schema(operation_id="chamas_meetings_list", responses=MeetingShown(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The latest first."""
        rows = Meeting.objects.filter(group=self.group()).select_related("called_by__user")
        page = self.paginate_queryset(rows.order_by("-starts_at", "-pk")) or []
        return self.get_paginated_response(MeetingShown(page, many=True).data)

    @extend_schema(
        operation_id="chamas_meetings_call", request=CallMeeting, responses={201: OneMeetingShown}, examples=[_CALL]
    )
    def post(self, request: Request, slug: str) -> Response:
        """An officer calls every member; each is told by SMS."""
        asked = read(CallMeeting, request)
        row = operations.call_meeting(group=self.group(), **asked, by=signed_in(request), at=now())
        return Response(_one(self, row.public_id), status=201)


@extend_schema(tags=TAGS)
class OneMeeting(Room):
    """One meeting."""

    @extend_schema(operation_id="chamas_meetings_retrieve", responses=OneMeetingShown)
    def get(self, request: Request, slug: str, public_id: str) -> Response:
        """With who came, and the newest minutes."""
        return Response(_one(self, public_id))


class _Meeting(Room):
    """Something done with one meeting."""

    def _meeting(self, public_id: Any) -> Meeting:
        rows = Meeting.objects.filter(group=self.group()).select_related("group")
        found: Meeting = get_object_or_404(rows, public_id=public_id)
        return found


@extend_schema(tags=TAGS)
class CancelMeeting(_Meeting):
    """A meeting called off."""

    @extend_schema(request=None, responses=OneMeetingShown)
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """By an officer, before it is held."""
        operations.cancel_meeting(meeting=self._meeting(public_id), by=signed_in(request), at=now())
        return Response(_one(self, public_id))


@extend_schema(tags=TAGS)
class WhoCameTo(_Meeting):
    """Who came."""

    @extend_schema(
        operation_id="chamas_meetings_hold",
        request=HoldMeeting,
        responses=OneMeetingShown,
        examples=[
            OpenApiExample("Two", {"presences": [{"member": 1, "presence": "PRESENT"}]}, request_only=True),
        ],
    )
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """Secretary or chair, once, after it began. Who was absent without apology is fined, when the rules say so."""
        asked, meeting = read(HoldMeeting, request), self._meeting(public_id)
        by_number = dict(Membership.objects.filter(group=meeting.group).values_list("number", "pk"))
        # Who is not of the group has no row: 0 is nobody's, and is refused by name.
        presences = {by_number.get(one["member"], 0): one["presence"] for one in asked["presences"]}
        operations.hold_meeting(meeting=meeting, presences=presences, by=signed_in(request), at=now())
        return Response(_one(self, public_id))


@extend_schema(tags=TAGS)
class RollOf(_Meeting):
    """The roll of a meeting while people come."""

    @extend_schema(
        operation_id="chamas_meetings_tick",
        request=WhoCame,
        responses=OneMeetingShown,
        examples=[OpenApiExample("Here", {"member": 4, "presence": "PRESENT"}, request_only=True)],
    )
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """An officer ticks a member, from the day of the meeting on; a member sends their own apology before it began.
        Again is a change, until the roll is written down.
        """
        asked, meeting = read(WhoCame, request), self._meeting(public_id)
        member = member_of(meeting.group, asked["member"])
        operations.mark_presence(
            meeting=meeting, member=member, presence=asked["presence"], by=signed_in(request), at=now()
        )
        return Response(_one(self, public_id))


@extend_schema(tags=TAGS)
class MinutesOf(_Meeting):
    """Minutes of a meeting."""

    @extend_schema(
        operation_id="chamas_minutes_write",
        request=WriteMinutes,
        responses={201: OneMeetingShown},
        examples=[OpenApiExample("Short", {"body": "1. The minutes of October were agreed on."}, request_only=True)],
    )
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """Secretary or chair. Written again it is another version, which all sign anew."""
        body = read(WriteMinutes, request)["body"]
        operations.write_minutes(meeting=self._meeting(public_id), body=body, by=signed_in(request), at=now())
        return Response(_one(self, public_id), status=201)


@extend_schema(tags=TAGS)
class SignMinutes(_Meeting):
    """A name under the newest minutes."""

    @extend_schema(request=None, responses=OneMeetingShown)
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """By who was there, once."""
        minutes = newest_minutes(self._meeting(public_id))
        operations.sign_minutes(minutes=minutes, by=signed_in(request), at=now())
        return Response(_one(self, public_id))


class MinutesPdf(_Meeting):
    """Minutes on paper."""

    @extend_schema(tags=TAGS, responses={(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY)})
    def get(self, request: Request, slug: str, public_id: str) -> HttpResponse:
        """The newest version with agenda, attendance and signatures, as a PDF."""
        return documents.minutes_of(newest_minutes(self._meeting(public_id)), at=now())


def newest_minutes(meeting: Meeting) -> Minutes:
    """The version that people go by. Raises NotFound."""
    found = Minutes.objects.filter(meeting=meeting).select_related("meeting__group").order_by("-version").first()
    if found is None:
        raise NotFound(_("There are no minutes of this meeting yet."))
    return found
