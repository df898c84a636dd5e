"""Data protection by API for customers: consents, copies, corrections, erasure, who looked."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.compliance.api import privacy_shapes as shapes
from apps.compliance.looks import looks_of
from apps.compliance.models import DataRequest
from apps.compliance.operations import privacy
from apps.compliance.operations.privacy import erase, export
from apps.kernel.clock import now
from apps.kernel.pagination import Cursors
from apps.kyc.rules.images import MOST_BYTES
from apps.users import operations as users
from apps.users.api.auth import read
from apps.users.api.serializers import StepUp
from apps.users.doors import signed_in

TAGS = ["privacy"]
STEP_UP = OpenApiParameter(
    "Step-Up-Challenge", str, OpenApiParameter.HEADER, description="An answered challenge from `/privacy/proofs/`"
)


class Consents(APIView):
    """What the bank does with one's data, and why."""

    @extend_schema(tags=TAGS, responses=shapes.ConsentShown(many=True))
    def get(self, request: Request) -> Response:
        """Every purpose in one's language, with the law it rests on; some rest on one's own word."""
        return Response(shapes.ConsentShown(privacy.consents_of(signed_in(request).pk), many=True).data)


class Consent(APIView):
    """One of them."""

    @extend_schema(
        tags=TAGS,
        request=shapes.ChangeConsent,
        responses=shapes.ConsentShown(many=True),
        examples=[OpenApiExample("No offers", {"is_given": False}, request_only=True)],
    )
    def post(self, request: Request, code: str) -> Response:
        """Give or withdraw consent; what rests on contract or law is 409. The same word twice is one."""
        user = signed_in(request)
        is_given = read(shapes.ChangeConsent, request)["is_given"]
        privacy.change_consent(user=user, code=code.upper(), is_given=is_given, channel="API", at=now())
        return Response(shapes.ConsentShown(privacy.consents_of(user.pk), many=True).data)


class Requests(ListAPIView[DataRequest]):
    """What one asked."""

    serializer_class = shapes.DataRequestShown
    pagination_class = Cursors
    filter_backends = ()
    queryset = DataRequest.objects.none()

    def get_queryset(self) -> Any:
        """One's own."""
        return DataRequest.objects.owned_by(signed_in(self.request)).select_related("file")

    @extend_schema(tags=TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().get(request, *args, **kwargs)


def _own(request: Request, public_id: Any) -> DataRequest:
    rows = DataRequest.objects.owned_by(signed_in(request)).select_related("file", "user")
    return get_object_or_404(rows, public_id=public_id)


class Withdraw(APIView):
    """Taking a request back."""

    @extend_schema(tags=TAGS, request=None, responses=shapes.DataRequestShown)
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Before it is answered; else 409."""
        row = privacy.withdraw(request=_own(request, public_id), by=signed_in(request), at=now())
        return Response(shapes.DataRequestShown(row).data)


class Exports(APIView):
    """A copy of all of one's data."""

    @extend_schema(tags=TAGS, request=None, responses={201: shapes.DataRequestShown})
    def post(self, request: Request) -> Response:
        """Ask for it; a message says when it is ready. While one is under way or ready, 409."""
        row = privacy.ask_export(user=signed_in(request), at=now())
        return Response(shapes.DataRequestShown(row).data, status=201)


class DataRequests(Requests):
    """The same by the address that the catalogue gives: what one asked, and asking for a copy."""

    @extend_schema(tags=TAGS, request=None, responses={201: shapes.DataRequestShown})
    def post(self, request: Request) -> Response:
        """As `POST /privacy/exports/`."""
        return Exports().post(request)


class Proofs(APIView):
    """Proof for a download or for erasure."""

    throttle_scope = "otp"

    @extend_schema(
        tags=TAGS,
        request=shapes.AskPrivacyProof,
        responses={201: StepUp},
        examples=[OpenApiExample("To be erased", {"operation": "ERASE"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """A challenge; answer it at `/auth/step-up/{id}/` and send its id as `Step-Up-Challenge`."""
        asked, user = read(shapes.AskPrivacyProof, request), signed_in(request)
        operation, subject = erase.OPERATION, erase.subject_of(user)
        if asked["operation"] == "DOWNLOAD":
            if not asked.get("request"):
                raise Http404
            row = _own(request, asked["request"])
            operation, subject = export.OPERATION, export.subject_of(row)
        challenge = users.challenge(user=user, operation=operation, subject=subject, method=asked["method"], at=now())
        return Response(StepUp(challenge).data, status=201)


def _proof(request: Request) -> str | None:
    return request.headers.get("Step-Up-Challenge")


class ExportFile(APIView):
    """The copy."""

    @extend_schema(tags=TAGS, parameters=[STEP_UP], responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, public_id: uuid.UUID) -> HttpResponse:
        """A ZIP of JSON, CSV and papers, with a proof; 404 when there is none or its seven days are over."""
        row = _own(request, public_id)
        body = privacy.fetch_export(request=row, by=signed_in(request), challenge_id=_proof(request), at=now())
        return as_zip(body, row)


def as_zip(body: bytes, row: DataRequest) -> HttpResponse:
    """A download that no browser keeps."""
    answer = HttpResponse(body, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="kitbank-{row.reference.lower()}.zip"'
    answer["Cache-Control"] = "no-store"
    return answer


class Corrections(APIView):
    """Having something put right."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        tags=TAGS, request={"multipart/form-data": shapes.AskCorrection}, responses={201: shapes.DataRequestShown}
    )
    def post(self, request: Request) -> Response:
        """Ask for it, with a paper that shows it. Two people decide what says who you are."""
        asked = read(shapes.AskCorrection, request)
        file = asked.pop("file")
        row = privacy.ask_correction(
            user=signed_in(request), paper=file.read(MOST_BYTES + 1) if file else b"", name=file.name if file else "",
            at=now(), **asked,
        )  # fmt: skip
        return Response(shapes.DataRequestShown(row).data, status=201)


class Erasures(APIView):
    """Closing and erasing."""

    @extend_schema(tags=TAGS, responses=shapes.OutlookShown)
    def get(self, request: Request) -> Response:
        """What is in the way, what the law keeps, and until when."""
        return Response(shapes.OutlookShown(privacy.outlook(signed_in(request), at=now())).data)

    @extend_schema(
        tags=TAGS,
        request=shapes.AskErasure,
        parameters=[STEP_UP],
        responses={201: shapes.DataRequestShown},
        examples=[OpenApiExample("Moving", {"reason": "I move abroad"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Ask for it, with a proof. Consents are withdrawn at once; two people decide on the rest."""
        reason = read(shapes.AskErasure, request)["reason"]
        row = privacy.ask_erasure(user=signed_in(request), reason=reason, challenge_id=_proof(request), at=now())
        return Response(shapes.DataRequestShown(row).data, status=201)


class Looks(APIView):
    """Who looked at one."""

    @extend_schema(tags=TAGS, responses=shapes.LookAtMeShown(many=True))
    def get(self, request: Request) -> Response:
        """The newest two hundred looks of staff, with role and reason. Looks that the law keeps are left out."""
        return Response(shapes.LookAtMeShown(looks_of(signed_in(request).pk), many=True).data)
