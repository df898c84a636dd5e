"""Work of the bank on groups by API, as at the workbench: papers handed in, and stopping money from leaving."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.chamas import operations
from apps.chamas.api.papers import GroupPaperShown
from apps.chamas.models import (
    ChamaGroup,
    GroupCheck,
    GroupCheckStatus,
    GroupPaper,
    GroupPaperKind,
    GroupRole,
    Membership,
)
from apps.chamas.operations import restrict, verify
from apps.kernel.clock import now
from apps.kernel.models import Approval
from apps.kyc.api.papers import only_to_look_at
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.api.staff import holds
from apps.users.api.staff_shapes import ApprovalAsked
from apps.users.doors import signed_in
from apps.users.models import Tier

TAGS = ["staff"]
MAY = (holds(verify.RIGHT),)


class SayWhy(Strict):
    """What was found."""

    reason = serializers.CharField(max_length=300)


class RefusePapers(SayWhy):
    """Which will not do, and why."""

    papers = serializers.ListField(
        child=serializers.ChoiceField(choices=GroupPaperKind.choices), required=False, help_text="All when left out"
    )


class RestrictGroup(Strict):
    """Stop money from leaving (true), or let it leave again."""

    restrict = serializers.BooleanField()
    reason = serializers.CharField(max_length=200)


class OfficerShown(serializers.Serializer[Any]):
    """An officer of the group, and how well the bank knows them."""

    role = serializers.ChoiceField(choices=GroupRole.choices)
    customer = serializers.IntegerField(source="user_id")
    name = serializers.CharField(source="user.full_name")
    tier = serializers.ChoiceField(choices=Tier.choices, source="user.kyc_tier")


class GroupCheckWaiting(serializers.Serializer[Any]):
    """Papers of a group that wait."""

    id = serializers.UUIDField(source="public_id")
    group = serializers.CharField(source="group.slug")
    name = serializers.CharField(source="group.name")
    status = serializers.ChoiceField(choices=GroupCheckStatus.choices)
    is_registered = serializers.BooleanField()
    handed_in_at = serializers.DateTimeField()
    answer_by = serializers.DateTimeField()
    waits_for_second = serializers.SerializerMethodField(help_text="One of the bank found them right; a second decides")

    def get_waits_for_second(self, row: GroupCheck) -> bool:
        """See `/api/v1/admin/approvals/`."""
        return row.status == GroupCheckStatus.IN_REVIEW and row.asked_by_id is not None


class GroupCheckAtDesk(GroupCheckWaiting):
    """With its papers and the group's officers."""

    decided_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()
    refused = serializers.ListField(child=serializers.CharField(), help_text="Kinds that would not do")
    papers = GroupPaperShown(many=True)
    officers = serializers.SerializerMethodField()

    def get_officers(self, row: GroupCheck) -> list[dict[str, Any]]:
        """Of today."""
        rows = Membership.objects.officers().filter(group=row.group_id).select_related("user").order_by("number")
        return [dict(one) for one in OfficerShown(rows, many=True).data]


def _check(public_id: uuid.UUID) -> GroupCheck:
    rows = GroupCheck.objects.select_related("group", "asked_by").prefetch_related("papers")
    found: GroupCheck = get_object_or_404(rows, public_id=public_id)
    return found


def _asked(approval: Approval) -> Response:
    return Response({"approval": approval.pk, "status": approval.status}, status=202)


@extend_schema(tags=TAGS)
class Queue(ListAPIView[GroupCheck]):
    """Papers of groups that wait."""

    permission_classes = MAY
    serializer_class = GroupCheckWaiting
    filterset_fields: tuple[str, ...] = ()
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()
    queryset = GroupCheck.objects.waiting().select_related("group")

    @extend_schema(operation_id="admin_group_papers")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Handed in and not decided, the soonest promised first."""
        return super().get(request, *args, **kwargs)


@extend_schema(tags=TAGS)
class Check(APIView):
    """What one group handed in."""

    permission_classes = MAY

    @extend_schema(operation_id="admin_group_papers_one", responses=GroupCheckAtDesk)
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """With its papers and officers."""
        return Response(GroupCheckAtDesk(_check(public_id)).data)


class File(APIView):
    """The file of one paper."""

    permission_classes = MAY

    @extend_schema(
        tags=TAGS,
        operation_id="admin_group_papers_file",
        responses={(200, "image/jpeg"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, public_id: uuid.UUID, paper_id: uuid.UUID) -> HttpResponse:
        """A picture or a PDF; the look is written down first."""
        paper = get_object_or_404(GroupPaper, public_id=paper_id)
        body = operations.look_at_handed_in(check=_check(public_id), paper=paper, by=signed_in(request), at=now())
        return only_to_look_at(body, paper.media_type)


@extend_schema(tags=TAGS)
class Verify(APIView):
    """The papers are right."""

    permission_classes = MAY

    @extend_schema(
        operation_id="admin_group_papers_verify",
        request=SayWhy,
        responses={202: ApprovalAsked},
        examples=[OpenApiExample("Right", {"reason": "Certificate and minutes agree with the register"})],
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Ask a second person, who decides at `/api/v1/admin/approvals/`. Nobody decides on a group of their own."""
        why = read(SayWhy, request)["reason"]
        return _asked(operations.ask_to_verify(check=_check(public_id), reason=why, by=signed_in(request), at=now()))


@extend_schema(tags=TAGS)
class Refuse(APIView):
    """The papers will not do."""

    permission_classes = MAY

    @extend_schema(
        operation_id="admin_group_papers_refuse",
        request=RefusePapers,
        responses=GroupCheckAtDesk,
        examples=[
            OpenApiExample(
                "Not readable", {"papers": ["OFFICIALS"], "reason": "The names cannot be read"}, request_only=True
            )
        ],
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """With a reason that the officers read; they hand in anew."""
        asked = read(RefusePapers, request)
        kinds = asked.get("papers", ())
        operations.refuse_papers(
            check=_check(public_id), reason=asked["reason"], kinds=kinds, by=signed_in(request), at=now()
        )
        return Response(GroupCheckAtDesk(_check(public_id)).data)


@extend_schema(tags=TAGS)
class Restrict(APIView):
    """Money that may not leave a group."""

    permission_classes = (holds(restrict.RIGHT),)

    @extend_schema(
        operation_id="admin_group_restrict",
        request=RestrictGroup,
        responses={202: ApprovalAsked},
        examples=[OpenApiExample("Stop", {"restrict": True, "reason": "Two members dispute the last loans"})],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Ask a second person to stop it, or to let it leave again; paying in and voting go on."""
        asked, group = read(RestrictGroup, request), get_object_or_404(ChamaGroup, slug=slug)
        return _asked(operations.ask_restriction(group=group, **asked, by=signed_in(request), at=now()))
