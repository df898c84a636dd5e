"""A customer's own papers by API, and the way to a higher tier."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import now
from apps.kernel.errors import Conflict
from apps.kernel.idempotency import honours_key, key_of
from apps.kernel.pagination import Cursors
from apps.kyc.api.paper_shapes import (
    BiometricShown,
    BringFace,
    BringPaper,
    DocumentShown,
    StartVerification,
    WorkflowShown,
)
from apps.kyc.models import KycDocument, VerificationWorkflow
from apps.kyc.operations import papers
from apps.kyc.operations.papers import Paper
from apps.kyc.rules.images import MOST_BYTES
from apps.users.api.auth import read
from apps.users.doors import signed_in

TAGS = ["kyc"]


def only_to_look_at(body: bytes, media_type: str) -> HttpResponse:
    """A paper as an answer that nothing keeps, and in which nothing runs."""
    answer = HttpResponse(body, content_type=media_type)
    answer["Cache-Control"] = "no-store"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    ending = "pdf" if media_type == "application/pdf" else "jpg"
    way = "attachment" if ending == "pdf" else "inline"
    answer["Content-Disposition"] = f'{way}; filename="paper.{ending}"'
    return answer


class Own(ListAPIView[Any]):
    """A list of one's own, the newest first."""

    pagination_class = Cursors
    filterset_fields: tuple[str, ...] = ()
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()


def live_workflow(user: Any) -> VerificationWorkflow:
    """The verification that takes papers. Raises Conflict."""
    live = VerificationWorkflow.objects.owned_by(user).live().select_related("user").first()
    if live is None:
        raise Conflict(_("Begin a verification first. Nothing was kept."))
    return live


class Documents(Own):
    """One's papers."""

    parser_classes = (MultiPartParser,)
    throttle_scope = "money"
    serializer_class = DocumentShown
    queryset = KycDocument.objects.none()

    def get_queryset(self) -> Any:
        """One's own."""
        return KycDocument.objects.owned_by(signed_in(self.request)).select_related("workflow")

    @extend_schema(tags=TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first, replaced ones included."""
        return super().get(request, *args, **kwargs)

    @extend_schema(tags=TAGS, request={"multipart/form-data": BringPaper}, responses={201: DocumentShown})
    @honours_key
    def post(self, request: Request) -> Response:
        """Bring a part. A picture is kept as a clean copy without place and time; the same key and file are one."""
        asked = read(BringPaper, request)
        file = asked.pop("file")
        row = papers.bring_paper(
            workflow=live_workflow(signed_in(request)),
            paper=Paper(**asked),
            raw=file.read(MOST_BYTES + 1),
            name=file.name,
            key=key_of(request) or str(uuid.uuid4()),
            at=now(),
        )
        return Response(DocumentShown(row).data, status=201)


class Document(APIView):
    """One of them."""

    @extend_schema(tags=TAGS, responses=DocumentShown)
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """What it is and where it stands."""
        rows = KycDocument.objects.owned_by(signed_in(request)).select_related("workflow")
        return Response(DocumentShown(get_object_or_404(rows, public_id=public_id)).data)


class DocumentFile(APIView):
    """Its picture."""

    @extend_schema(
        tags=TAGS,
        parameters=[OpenApiParameter("reason", str, description="Why, for staff who did not take the verification")],
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY, (200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, public_id: uuid.UUID) -> HttpResponse:
        """For its owner, and for officers with a reason; each look is recorded."""
        row = get_object_or_404(KycDocument.objects.select_related("workflow"), public_id=public_id)
        reason = request.query_params.get("reason", "").replace("\0", "")
        body = papers.look_at_paper(document=row, by=signed_in(request), at=now(), reason=reason)
        return only_to_look_at(body, row.media_type)


class Biometrics(Own):
    """One's face, as it was brought."""

    parser_classes = (MultiPartParser,)
    throttle_scope = "money"
    serializer_class = BiometricShown
    queryset = KycDocument.objects.none()

    def get_queryset(self) -> Any:
        """One's own."""
        return _faces(self.request)

    @extend_schema(tags=TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(tags=TAGS, request={"multipart/form-data": BringFace}, responses={201: BiometricShown})
    @honours_key
    def post(self, request: Request) -> Response:
        """Bring a photo of oneself, agreeing that it is compared with the paper."""
        asked = read(BringFace, request)
        row = papers.bring_paper(
            workflow=live_workflow(signed_in(request)),
            paper=Paper("SELFIE", "PAGE"),
            raw=asked["file"].read(MOST_BYTES + 1),
            name=asked["file"].name,
            key=key_of(request) or str(uuid.uuid4()),
            at=now(),
            consented=asked["consent"],
        )
        return Response(BiometricShown(row).data, status=201)


def _faces(request: Request) -> Any:
    rows = KycDocument.objects.owned_by(signed_in(request)).filter(kind="SELFIE")
    return rows.select_related("workflow").prefetch_related("workflow__checks")


class Biometric(APIView):
    """One of them."""

    @extend_schema(tags=TAGS, responses=BiometricShown)
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """When it was brought, and what came of it."""
        return Response(BiometricShown(get_object_or_404(_faces(request), public_id=public_id)).data)


class Workflows(Own):
    """One's ways to higher tiers."""

    serializer_class = WorkflowShown
    queryset = VerificationWorkflow.objects.none()

    def get_queryset(self) -> Any:
        """One's own."""
        return VerificationWorkflow.objects.owned_by(signed_in(self.request))

    @extend_schema(tags=TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=TAGS,
        request=StartVerification,
        responses={201: WorkflowShown},
        examples=[OpenApiExample("Higher limits", {"target_tier": "TIER_2"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Begin, or go on with the one that was begun."""
        asked = read(StartVerification, request)
        row = papers.start_verification(user=signed_in(request), at=now(), **asked)
        return Response(WorkflowShown(row).data, status=201)


class Workflow(APIView):
    """One of them."""

    @extend_schema(tags=TAGS, responses=WorkflowShown)
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """Where it stands, and what is missing."""
        row = get_object_or_404(VerificationWorkflow.objects.owned_by(signed_in(request)), public_id=public_id)
        return Response(WorkflowShown(row).data)


class HandIn(APIView):
    """All parts are there."""

    @extend_schema(tags=TAGS, request=None, responses=WorkflowShown)
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Hand the papers in; an officer answers within a day."""
        user = signed_in(request)
        row = get_object_or_404(VerificationWorkflow.objects.owned_by(user), public_id=public_id)
        return Response(WorkflowShown(papers.hand_in(workflow=row, by=user, at=now())).data)
