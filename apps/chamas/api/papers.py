"""Papers of a group by API: brought by an officer, opened by its members."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.chamas import operations
from apps.chamas.api.door import TAGS, Room
from apps.chamas.models import GroupPaper, GroupPaperKind
from apps.kernel.clock import now
from apps.kernel.idempotency import honours_key
from apps.kyc.api.papers import only_to_look_at
from apps.kyc.rules.images import MOST_BYTES
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.doors import signed_in


class BringGroupPaper(Strict):
    """What it is, and the file."""

    kind = serializers.ChoiceField(choices=GroupPaperKind.choices)
    file = serializers.FileField(allow_empty_file=True, help_text="JPEG, PNG, WebP or PDF; at most 10 MB")


class GroupPaperShown(serializers.Serializer[Any]):
    """A paper that is kept."""

    id = serializers.UUIDField(source="public_id")
    kind = serializers.ChoiceField(choices=GroupPaperKind.choices)
    media_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes of the clean copy")
    uploaded_at = serializers.DateTimeField()


@extend_schema(tags=TAGS)
class Papers(Room):
    """All papers of a group."""

    parser_classes = (MultiPartParser,)
    serializer_class = GroupPaperShown

    @extend_schema(operation_id="chamas_papers_list", responses=GroupPaperShown(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The newest first."""
        page = self.paginate_queryset(GroupPaper.objects.filter(group=self.group()).order_by("-pk")) or []
        return self.get_paginated_response(GroupPaperShown(page, many=True).data)

    @extend_schema(
        operation_id="chamas_papers_bring",
        request={"multipart/form-data": BringGroupPaper},
        responses={201: GroupPaperShown},
    )
    @honours_key
    def post(self, request: Request, slug: str) -> Response:
        """An officer brings one. A picture is kept as a clean copy; the same file is one paper."""
        asked = read(BringGroupPaper, request)
        file = asked["file"]
        row = operations.bring_paper(
            group=self.group(), kind=asked["kind"], raw=file.read(MOST_BYTES + 1), name=file.name,
            by=signed_in(request), at=now(),
        )  # fmt: skip
        return Response(GroupPaperShown(row).data, status=201)


@extend_schema(tags=TAGS)
class PaperFile(Room):
    """The file of one paper."""

    @extend_schema(
        operation_id="chamas_papers_file",
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY, (200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str, public_id: uuid.UUID) -> HttpResponse:
        """For members; each look is written down."""
        paper = get_object_or_404(GroupPaper.objects.select_related("group"), group=self.group(), public_id=public_id)
        return only_to_look_at(operations.look_at_paper(paper=paper, by=signed_in(request), at=now()), paper.media_type)
