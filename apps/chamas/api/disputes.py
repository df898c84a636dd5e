"""Disputes about rows of a group's ledger and about minutes by API."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.chamas import operations
from apps.chamas.api.door import TAGS, Named, Room
from apps.chamas.api.meetings import newest_minutes
from apps.chamas.models import ChamaGroup, GroupDispute, GroupDisputeStatus, GroupEntry, Meeting
from apps.kernel.clock import now
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.doors import signed_in


class RaiseDispute(Strict):
    """Which row, or the minutes of which meeting, and what is wrong."""

    entry = serializers.UUIDField(required=False, help_text="Of `GET …/ledger/`")
    meeting = serializers.UUIDField(required=False, help_text="Its newest minutes")
    text = serializers.CharField(max_length=300)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if ("entry" in attrs) == ("meeting" in attrs):
            raise serializers.ValidationError({"entry": [_("Say which row, or which meeting.")]})
        return attrs


class AnswerDispute(Strict):
    """Whether the member is right, and why."""

    is_right = serializers.BooleanField()
    answer = serializers.CharField(max_length=300)


class GroupDisputeShown(serializers.Serializer[Any]):
    """A dispute of a row or of minutes, which stay; what was wrong is put right by another."""

    id = serializers.UUIDField(source="public_id")
    entry = serializers.UUIDField(source="entry.public_id", allow_null=True, default=None)
    meeting = serializers.UUIDField(source="minutes.meeting.public_id", allow_null=True, default=None)
    version = serializers.IntegerField(
        source="minutes.version", allow_null=True, default=None, help_text="Of the minutes that were read"
    )
    raised_by = Named()
    text = serializers.CharField()
    status = serializers.ChoiceField(choices=GroupDisputeStatus.choices)
    raised_at = serializers.DateTimeField()
    answer = serializers.CharField()
    answered_at = serializers.DateTimeField(allow_null=True)


def _disputes(group: ChamaGroup) -> Any:
    return GroupDispute.objects.filter(group=group).select_related(
        "entry", "minutes__meeting", "raised_by__user", "group"
    )


@extend_schema(tags=TAGS)
class Disputes(Room):
    """Disputes about rows of the ledger and about minutes."""

    serializer_class = GroupDisputeShown

    @extend_schema(operation_id="chamas_disputes_list", responses=GroupDisputeShown(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The newest first; every member sees them."""
        page = self.paginate_queryset(_disputes(self.group()).order_by("-pk")) or []
        return self.get_paginated_response(GroupDisputeShown(page, many=True).data)

    @extend_schema(
        operation_id="chamas_disputes_raise",
        request=RaiseDispute,
        responses={201: GroupDisputeShown},
        examples=[
            OpenApiExample(
                "Another amount",
                {"entry": "6f1c2c8e-8a8c-4b8e-9d55-0f6f3f6a1b2c", "text": "I gave 1,200 and not 1,000"},
                request_only=True,
            ),
            OpenApiExample(
                "Minutes",
                {"meeting": "0b7f8f1e-52a7-4f5e-9c7e-6a8f6d1c9a01", "text": "We never agreed on 2,000 a month"},
                request_only=True,
            ),
        ],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Say what is wrong with a row, or with the newest minutes of a meeting. No money moves."""
        asked, group = read(RaiseDispute, request), self.group()
        said: dict[str, Any] = {"text": asked["text"], "by": signed_in(request), "at": now()}
        if "meeting" in asked:
            meeting = get_object_or_404(Meeting, group=group, public_id=asked["meeting"])
            row = operations.dispute_minutes(minutes=newest_minutes(meeting), **said)
        else:
            rows = GroupEntry.objects.select_related("group")
            row = operations.dispute_row(entry=get_object_or_404(rows, group=group, public_id=asked["entry"]), **said)
        return Response(GroupDisputeShown(_disputes(group).get(pk=row.pk)).data, status=201)


@extend_schema(tags=TAGS)
class AnswerToDispute(Room):
    """An officer's answer."""

    @extend_schema(
        request=AnswerDispute,
        responses=GroupDisputeShown,
        examples=[OpenApiExample("Right", {"is_right": True, "answer": "Corrected today"}, request_only=True)],
    )
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """By an officer whom it does not concern: neither theirs, nor minutes that they wrote."""
        asked, rows = read(AnswerDispute, request), _disputes(self.group())
        row = get_object_or_404(rows, public_id=public_id)
        operations.answer_dispute(dispute=row, **asked, by=signed_in(request), at=now())
        return Response(GroupDisputeShown(rows.get(pk=row.pk)).data)


@extend_schema(tags=TAGS)
class WithdrawDispute(Room):
    """A dispute taken back."""

    @extend_schema(request=None, responses=GroupDisputeShown)
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """By who raised it."""
        rows = _disputes(self.group())
        row = get_object_or_404(rows, public_id=public_id)
        operations.withdraw_dispute(dispute=row, by=signed_in(request), at=now())
        return Response(GroupDisputeShown(rows.get(pk=row.pk)).data)
