"""What staff see and decide about credit, by API: decisions, predictions, warnings, the models and their drift."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.credit_scoring import operations, policies, queries
from apps.credit_scoring.api import serializers as shapes
from apps.credit_scoring.models import Decision, DefaultPrediction, EarlyWarning, ModelVersion
from apps.credit_scoring.operations.drift import ALARM
from apps.kernel.clock import now
from apps.users import operations as users
from apps.users.api.auth import read
from apps.users.api.staff_shapes import ApprovalAsked
from apps.users.doors import signed_in
from apps.users.policies import require_right

TAGS = ["staff"]


class SeesDecisions(BasePermission):
    """Staff who review credit decisions, and auditors."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Reading; what changes something asks its operation."""
        return bool(request.user.is_authenticated and policies.sees_decisions(signed_in(request)))


class SeesFigures(BasePermission):
    """Staff who see the portfolio's figures."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Figures have no names."""
        return bool(request.user.is_authenticated and policies.sees_figures(signed_in(request)))


class Seen(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """Rows that staff look at, the newest first."""

    permission_classes: tuple[type[BasePermission], ...] = (SeesDecisions,)
    lookup_value_converter = "int"
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()

    @extend_schema(tags=TAGS)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(tags=TAGS)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One."""
        return super().retrieve(request, *args, **kwargs)


class Predictions(Seen):
    """Chances that running loans fail."""

    serializer_class = shapes.PredictionShown
    queryset = DefaultPrediction.objects.order_by("-pk")
    filterset_fields = ("user", "loan_reference", "band")


class Warnings(Seen):
    """What was noticed about running loans."""

    serializer_class = shapes.WarningShown
    queryset = EarlyWarning.objects.select_related("user").order_by("-pk")
    filterset_fields = ("user", "loan_reference", "signal", "severity", "status")

    @extend_schema(tags=TAGS, request=None, responses=shapes.WarningShown)
    def take(self, request: Request, pk: int) -> Response:
        """Say that one works on it; a second one is 409."""
        require_right(signed_in(request), policies.REVIEWS)
        row = operations.take_warning(warning=self.get_object(), by=signed_in(request), at=now())
        return Response(self.get_serializer(row).data)


class Decisions(Seen):
    """Every decision the model made, with what people made of it."""

    queryset = Decision.objects.select_related("user").order_by("-pk")
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    filterset_fields = ("user", "outcome", "final_outcome", "status", "product", "loan_reference")

    def get_serializer_class(self) -> Any:
        """The inputs stand in the whole one only."""
        return shapes.DecisionShown if self.action == "list" else shapes.DecisionWhole

    @extend_schema(tags=TAGS, responses=shapes.DecisionWhole)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One, with its inputs; the look at its customer is recorded."""
        row = self.get_object()
        users.look_at(customer=row.user, by=signed_in(request), reason="API", at=now())
        return Response(self.get_serializer(row).data)

    @extend_schema(
        tags=TAGS,
        request=shapes.ReviewDecision,
        responses=shapes.DecisionWhole,
        examples=[
            OpenApiExample(
                "It falls", {"uphold": False, "note": "She paid the late instalments at the counter"}, request_only=True
            )
        ],
    )
    def review(self, request: Request, public_id: str) -> Response:
        """Look at an automatic decline, once; overturned, a loan officer decides. Never about oneself."""
        require_right(signed_in(request), policies.REVIEWS)
        asked = read(shapes.ReviewDecision, request)
        row = operations.review(decision=self.get_object(), by=signed_in(request), at=now(), **asked)
        return Response(self.get_serializer(row).data)

    @extend_schema(
        tags=TAGS,
        request=shapes.OverrideDecision,
        responses={202: ApprovalAsked},
        examples=[
            OpenApiExample("Guaranteed", {"outcome": "APPROVED", "reason": "Her chama stands in"}, request_only=True)
        ],
    )
    def override(self, request: Request, public_id: str) -> Response:
        """Ask that it be decided otherwise; a second person must allow it."""
        require_right(signed_in(request), policies.REVIEWS)
        asked = read(shapes.OverrideDecision, request)
        approval = operations.override(decision=self.get_object(), by=signed_in(request), at=now(), **asked)
        return Response({"approval": approval.pk, "status": approval.status}, status=202)


class Models(Seen):
    """Every model that was trained, with its card."""

    permission_classes = (SeesFigures,)
    serializer_class = shapes.CreditModelShown
    queryset = ModelVersion.objects.order_by("-pk")
    filterset_fields = ("status", "kind")

    @extend_schema(
        tags=TAGS,
        request=shapes.Promote,
        responses={202: ApprovalAsked},
        examples=[
            OpenApiExample(
                "A better card", {"to": "CHAMPION", "reason": "AUC 0.84 beside 0.79, out of time"}, request_only=True
            )
        ],
    )
    def promote(self, request: Request, pk: int) -> Response:
        """Ask that another model decide, or run in the shadow; a second person must allow it."""
        require_right(signed_in(request), policies.MANAGES)
        asked = read(shapes.Promote, request)
        approval = operations.ask_promotion(model=self.get_object(), by=signed_in(request), at=now(), **asked)
        return Response({"approval": approval.pk, "status": approval.status}, status=202)


class Drift(APIView):
    """How far today's customers are from those the models were made of."""

    permission_classes = (SeesFigures,)

    @extend_schema(tags=TAGS, responses=shapes.DriftShown)
    def get(self, request: Request) -> Response:
        """The models in use, and half a year of weekly readings; above 0.2 is an alarm."""
        found = queries.monitor()
        told = {
            "champion": found.champion,
            "challenger": found.challenger,
            "alarm_above": ALARM,
            "readings": found.readings,
        }
        return Response(shapes.DriftShown(told).data)
