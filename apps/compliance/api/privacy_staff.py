"""Data protection by API for staff: requests, holds, breaches, registers, retention."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from apps.compliance.api import privacy_shapes as shapes
from apps.compliance.models import Breach, DataRequest, LegalHold, ProcessingActivity, RetentionRule, RetentionRun
from apps.compliance.operations import privacy
from apps.compliance.policies import SEE, require_may_act
from apps.kernel.clock import now
from apps.kernel.pagination import Cursors
from apps.users.api.auth import read
from apps.users.api.staff_shapes import ApprovalAsked
from apps.users.doors import signed_in
from apps.users.models import User

TAGS = ["privacy"]


class SeesRegisters(BasePermission):
    """Staff who read the registers; anybody else who is signed in finds nothing."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raises Http404, and NotAllowed for readers who would change something."""
        if not request.user or not request.user.is_authenticated:
            return False
        if not isinstance(request.user, User) or not request.user.is_active or not request.user.has_perm(SEE):
            raise Http404
        if request.method not in SAFE_METHODS:
            require_may_act(request.user)
        return True


def _asked(row: Any) -> Response:
    return Response({"approval": row.pk, "status": row.status}, status=202)


class Requests(GenericViewSet[DataRequest]):
    """What people ask, but not one's own."""

    serializer_class = shapes.StaffRequestShown
    permission_classes = (SeesRegisters,)
    pagination_class = Cursors
    queryset = DataRequest.objects.none()
    filterset_fields = ("kind", "status")
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()
    lookup_field = "public_id"

    def get_queryset(self) -> QuerySet[DataRequest]:
        """As the console shows them."""
        return DataRequest.objects.visible_to(signed_in(self.request)).select_related("user", "file")

    @extend_schema(tags=TAGS, responses=shapes.StaffRequestShown(many=True))
    def list(self, request: Request) -> Response:
        """The newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(tags=TAGS, responses=shapes.StaffRequestWhole)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One, with before and after."""
        return Response(shapes.StaffRequestWhole(self.get_object()).data)

    @extend_schema(
        tags=TAGS,
        request=shapes.DecideRequest,
        responses={200: shapes.StaffRequestShown, 202: ApprovalAsked},
        examples=[OpenApiExample("No", {"accept": False, "answer": "The paper is blurred."}, request_only=True)],
    )
    def decide(self, request: Request, public_id: str) -> Response:
        """Answer it. Corrections of identity and erasures are 202: a second person is asked."""
        asked, row = read(shapes.DecideRequest, request), self.get_object()
        said: dict[str, Any] = {"by": signed_in(request), "at": now()}
        if not asked["accept"]:
            privacy.refuse(request=row, reason=asked["answer"], **said)
            return Response(self.get_serializer(row).data)
        act = privacy.accept_erasure if row.kind == "ERASURE" else privacy.accept_correction
        approval = act(request=row, answer=asked["answer"], **said)
        return _asked(approval) if approval else Response(self.get_serializer(row).data)


class Holds(GenericViewSet[LegalHold]):
    """Legal holds, but those on oneself."""

    serializer_class = shapes.HoldShown
    permission_classes = (SeesRegisters,)
    pagination_class = Cursors
    queryset = LegalHold.objects.none()
    filter_backends = ()

    def get_queryset(self) -> QuerySet[LegalHold]:
        """Standing and lifted."""
        return LegalHold.objects.exclude(user_id=signed_in(self.request).pk)

    @extend_schema(tags=TAGS, responses=shapes.HoldShown(many=True))
    def list(self, request: Request) -> Response:
        """The newest first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        tags=TAGS,
        request=shapes.SetHold,
        responses={201: shapes.HoldShown},
        examples=[
            OpenApiExample(
                "A suit", {"user": 17, "reason": "Sued the bank", "law": "HCCC 12 of 2026"}, request_only=True
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """Keep everything of a person from now on."""
        asked = read(shapes.SetHold, request)
        person = get_object_or_404(User.objects.customers(), pk=asked.pop("user"))
        row = privacy.set_hold(user=person, by=signed_in(request), at=now(), **asked)
        return Response(self.get_serializer(row).data, status=201)

    @extend_schema(tags=TAGS, request=shapes.Because, responses={202: ApprovalAsked})
    def lift(self, request: Request, pk: int) -> Response:
        """Ask for it to be lifted; a second person decides."""
        reason = read(shapes.Because, request)["reason"]
        return _asked(privacy.ask_lift(hold=self.get_object(), reason=reason, by=signed_in(request), at=now()))


class Breaches(GenericViewSet[Breach]):
    """The register of breaches."""

    serializer_class = shapes.BreachShown
    permission_classes = (SeesRegisters,)
    pagination_class = Cursors
    queryset = Breach.objects.none()
    filter_backends = ()
    lookup_field = "reference"

    def get_queryset(self) -> QuerySet[Breach]:
        """With their history."""
        return Breach.objects.prefetch_related("entries")

    @extend_schema(tags=TAGS, responses=shapes.BreachShown(many=True))
    def list(self, request: Request) -> Response:
        """The newest first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        tags=TAGS,
        request=shapes.OpenBreach,
        responses={201: shapes.BreachShown},
        examples=[
            OpenApiExample(
                "A lost laptop",
                {"title": "A lost laptop", "what": "Left in a matatu, sealed.", "categories": "Names, phones",
                 "people": 40, "is_risky": True, "aware_at": "2026-11-01T08:30:00Z"},
                request_only=True,
            )
        ],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """Write it down; the Commissioner is told within 72 hours of `aware_at`."""
        found = privacy.Found(**read(shapes.OpenBreach, request))
        row = privacy.open_breach(found=found, by=signed_in(request), at=now())
        return Response(self.get_serializer(row).data, status=201)

    @extend_schema(
        operation_id="admin_compliance_privacy_breach_act",
        tags=TAGS,
        request=shapes.ActOnBreach,
        responses={200: shapes.BreachShown, 202: ApprovalAsked},
        examples=[OpenApiExample("Wiped", {"act": "MEASURE", "text": "Wiped from afar."}, request_only=True)],
    )
    def act(self, request: Request, reference: str) -> Response:
        """Do something about it; TELL is 202, because a second person is asked."""
        asked, row = read(shapes.ActOnBreach, request), self.get_object()
        said: dict[str, Any] = {"breach": row, "by": signed_in(request), "at": now()}
        text, what = asked["text"], asked["act"]
        if what == "TELL":
            return _asked(privacy.ask_tell(reason=text, **said))
        if what in ("NOTE", "MEASURE"):
            privacy.note_breach(text=text, is_measure=what == "MEASURE", **said)
        elif what == "REPORT":
            privacy.report_breach(reference=text, late_because=asked["late_because"], **said)
        elif what == "PEOPLE":
            privacy.name_people(phones=asked["people"], **said)
        else:
            privacy.close_breach(reason=text, **said)
        return Response(self.get_serializer(self.get_object()).data)


class Activities(GenericViewSet[ProcessingActivity]):
    """The register of processing."""

    serializer_class = shapes.ActivityShown
    permission_classes = (SeesRegisters,)
    pagination_class = None
    queryset = ProcessingActivity.objects.none()
    filter_backends = ()

    @extend_schema(tags=TAGS, responses=shapes.ActivityShown(many=True))
    def list(self, request: Request) -> Response:
        """The version in force of each."""
        return Response(self.get_serializer(privacy.activities(), many=True).data)

    @extend_schema(tags=TAGS, request=shapes.WriteActivity, responses={201: shapes.ActivityShown})
    def create(self, request: Request) -> Response:
        """A new one, or the next version of one."""
        asked = read(shapes.WriteActivity, request)
        code = asked.pop("code")
        row = privacy.write_activity(code=code, said=privacy.Activity(**asked), by=signed_in(request), at=now())
        return Response(self.get_serializer(row).data, status=201)


class Retention(GenericViewSet[RetentionRule]):
    """How long data is kept."""

    serializer_class = shapes.RetentionShown
    permission_classes = (SeesRegisters,)
    pagination_class = None
    queryset = RetentionRule.objects.none()
    filter_backends = ()

    @extend_schema(tags=TAGS, responses=shapes.RetentionShown(many=True))
    def list(self, request: Request) -> Response:
        """Each rule in force, with what its last run did."""
        runs = {row.code: row for row in RetentionRun.objects.order_by("code", "-on_day").distinct("code")}
        rows = list(privacy.retention_rules().values())
        return Response(shapes.RetentionShown(rows, many=True, context={"runs": runs}).data)

    @extend_schema(tags=TAGS, request=shapes.ChangeRetention, responses={202: ApprovalAsked})
    def update(self, request: Request, code: str) -> Response:
        """Ask for another length; a second person must allow it."""
        asked = read(shapes.ChangeRetention, request)
        return _asked(privacy.ask_retention(code=code, by=signed_in(request), at=now(), **asked))
