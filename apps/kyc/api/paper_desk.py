"""Officers' work on papers by API: the queue, and what they decide."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import now
from apps.kernel.models import Approval
from apps.kernel.pagination import Cursors
from apps.kyc.api.paper_shapes import (
    ApproveVerification,
    AskAgain,
    DecideOnCustomer,
    DecideOnPapers,
    DocumentShown,
    RejectPaper,
    ReviewShown,
    WaitingShown,
)
from apps.kyc.models import KycDocument, VerificationWorkflow
from apps.kyc.operations import papers
from apps.users.api.auth import read
from apps.users.api.staff import holds
from apps.users.api.staff_shapes import ApprovalAsked
from apps.users.doors import signed_in

TAGS = ["staff"]
ANSWERS = {200: ReviewShown, 202: ApprovalAsked}
MAY = (holds(papers.RIGHT),)


def _one(public_id: uuid.UUID) -> VerificationWorkflow:
    rows = VerificationWorkflow.objects.select_related("user").prefetch_related("documents__workflow")
    row: VerificationWorkflow = get_object_or_404(rows, public_id=public_id)
    return row


def _answer(public_id: uuid.UUID, approval: Approval | None = None) -> Response:
    if approval:
        return Response({"approval": approval.pk, "status": approval.status}, status=202)
    return Response(ReviewShown(_one(public_id)).data)


class Queue(ListAPIView[VerificationWorkflow]):
    """What waits."""

    permission_classes = MAY
    serializer_class = WaitingShown
    pagination_class = Cursors
    filterset_fields: tuple[str, ...] = ()
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()
    queryset = VerificationWorkflow.objects.waiting().select_related("user")

    @extend_schema(tags=TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Papers that were handed in and not decided, the newest first."""
        return super().get(request, *args, **kwargs)


class Next(APIView):
    """The next one."""

    permission_classes = MAY

    @extend_schema(tags=TAGS, request=None, responses={200: ReviewShown, 204: None})
    def post(self, request: Request) -> Response:
        """Take the one that is promised soonest; 204 when nothing waits."""
        row = papers.claim_next(by=signed_in(request), at=now())
        return _answer(row.public_id) if row else Response(status=204)


class Review(APIView):
    """One."""

    permission_classes = MAY

    @extend_schema(tags=TAGS, responses=ReviewShown)
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """With its parts and checks."""
        return _answer(public_id)


class Claim(APIView):
    """Take it."""

    permission_classes = MAY

    @extend_schema(tags=TAGS, request=None, responses=ReviewShown)
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """One officer has it."""
        papers.claim(workflow=_one(public_id), by=signed_in(request), at=now())
        return _answer(public_id)


class Release(APIView):
    """Give it back."""

    permission_classes = MAY

    @extend_schema(tags=TAGS, request=DecideOnPapers, responses=ReviewShown)
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """To the queue, with a reason for the next officer."""
        reason = read(DecideOnPapers, request)["reason"]
        papers.release(workflow=_one(public_id), by=signed_in(request), at=now(), reason=reason)
        return _answer(public_id)


class Approve(APIView):
    """In order."""

    permission_classes = MAY

    @extend_schema(
        tags=TAGS,
        request=ApproveVerification,
        responses=ANSWERS,
        examples=[OpenApiExample("Compared", {"compared": True, "reason": "Seen and read"}, request_only=True)],
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Approve what one has taken; tier 3 and the politically exposed wait for a second person (202)."""
        asked = read(ApproveVerification, request)
        return _answer(public_id, papers.approve(workflow=_one(public_id), by=signed_in(request), at=now(), **asked))


class Reject(APIView):
    """Not in order."""

    permission_classes = MAY

    @extend_schema(tags=TAGS, request=DecideOnPapers, responses=ANSWERS)
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Reject what one has taken; the politically exposed wait for a second person (202)."""
        reason = read(DecideOnPapers, request)["reason"]
        row = _one(public_id)
        return _answer(public_id, papers.reject(workflow=row, by=signed_in(request), at=now(), reason=reason))


class Again(APIView):
    """One part again."""

    permission_classes = MAY

    @extend_schema(tags=TAGS, request=AskAgain, responses=ReviewShown)
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """The customer reads why, in their language."""
        asked, row = read(AskAgain, request), _one(public_id)
        document = get_object_or_404(row.documents, public_id=asked["document"])
        papers.ask_again(workflow=row, document=document, because=asked["because"], by=signed_in(request), at=now())
        return _answer(public_id)


class VerifyDocument(APIView):
    """One part is in order."""

    permission_classes = MAY

    @extend_schema(tags=TAGS, request=None, responses=DocumentShown)
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Before the whole is decided."""
        row = get_object_or_404(KycDocument.objects.select_related("workflow"), public_id=public_id)
        papers.verify_document(document=row, by=signed_in(request), at=now())
        return Response(DocumentShown(row).data)


class RejectDocument(APIView):
    """One part is not."""

    permission_classes = MAY

    @extend_schema(tags=TAGS, request=RejectPaper, responses=DocumentShown)
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """It is asked for again."""
        because = read(RejectPaper, request)["because"]
        row = get_object_or_404(KycDocument.objects.select_related("workflow"), public_id=public_id)
        papers.ask_again(workflow=row.workflow, document=row, because=because, by=signed_in(request), at=now())
        return Response(DocumentShown(row).data)


class CustomerKyc(APIView):
    """A customer's papers."""

    permission_classes = MAY

    @extend_schema(tags=TAGS, request=DecideOnCustomer, responses=ANSWERS)
    def put(self, request: Request, pk: int) -> Response:
        """Take and decide what they handed in; the tier follows."""
        asked, by, at = read(DecideOnCustomer, request), signed_in(request), now()
        rows = VerificationWorkflow.objects.live().select_related("user").filter(user__is_staff=False)
        row = papers.claim(workflow=get_object_or_404(rows, user_id=pk), by=by, at=at)
        if asked["decision"] == "REJECT":
            return _answer(row.public_id, papers.reject(workflow=row, by=by, at=at, reason=asked["reason"]))
        approval = papers.approve(workflow=row, by=by, at=at, compared=asked["compared"], reason=asked["reason"])
        return _answer(row.public_id, approval)
