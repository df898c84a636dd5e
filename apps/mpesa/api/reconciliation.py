"""Days compared with M-Pesa's statement, by API: for staff."""

from typing import Any
from uuid import UUID

from django.db.models import F
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.clock import now
from apps.kernel.pagination import Cursors
from apps.kernel.serializers import MoneyField
from apps.mpesa import operations
from apps.mpesa.models import PaymentReconciliation, ReconciliationBreak
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.api.staff import holds
from apps.users.doors import signed_in

HEADING = "Receipt No.,Completion Time,Details,Transaction Status,Paid In,Withdrawn,Reason Type,A/C No."
EXAMPLE = f"{HEADING}\r\n"
MOST_BREAKS = 500


class BringStatement(Strict):
    """A day and the organisation's statement of it, as the portal exports it."""

    day = serializers.DateField()
    statement = serializers.CharField(trim_whitespace=False, max_length=2_000_000, help_text="CSV, whole")


class Settle(Strict):
    """What was found out about a difference."""

    # `break` is a word of Python's, so it is declared below the class.
    note = serializers.CharField(max_length=300)


Settle._declared_fields["break"] = serializers.UUIDField()


class BreakShown(serializers.ModelSerializer[ReconciliationBreak]):
    """A receipt that both sides tell differently: money in is positive, money out negative, unknown is null."""

    id = serializers.UUIDField(source="public_id")
    ours = MoneyField(allow_null=True)
    theirs = MoneyField(allow_null=True)

    class Meta:
        model = ReconciliationBreak
        fields = ["id", "kind", "receipt", "ours", "theirs", "first_seen_on", "resolved_at", "note"]


class ReconciliationShown(serializers.ModelSerializer[PaymentReconciliation]):
    """One day compared with one statement."""

    id = serializers.UUIDField(source="public_id")
    ours_in = MoneyField()
    ours_out = MoneyField()
    theirs_in = MoneyField()
    theirs_out = MoneyField()
    charges = MoneyField()

    class Meta:
        model = PaymentReconciliation
        fields = [
            "id",
            "day",
            "status",
            "source_hash",
            "matched",
            "ours_in_count",
            "ours_in",
            "ours_out_count",
            "ours_out",
            "theirs_in_count",
            "theirs_in",
            "theirs_out_count",
            "theirs_out",
            "charges",
            "created_at",
        ]


class ReconciliationWhole(ReconciliationShown):
    """With what differs, the open ones first."""

    breaks = serializers.SerializerMethodField()

    class Meta(ReconciliationShown.Meta):
        fields = [*ReconciliationShown.Meta.fields, "breaks"]

    @extend_schema_field(BreakShown(many=True))
    def get_breaks(self, row: PaymentReconciliation) -> Any:
        """At most 500."""
        found = row.breaks.order_by(F("resolved_at").asc(nulls_first=True), "first_seen_on", "pk")
        return BreakShown(found[:MOST_BREAKS], many=True).data


class Reconciliations(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[PaymentReconciliation]):
    """Runs of the daily comparison."""

    serializer_class = ReconciliationShown
    pagination_class = Cursors
    permission_classes = (holds("mpesa.reconcile_mpesa"),)
    filter_backends = ()
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    queryset = PaymentReconciliation.objects.all()
    throttle_scope = "money"

    @extend_schema(tags=["staff"])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(tags=["staff"], responses=ReconciliationWhole)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One, with what differs."""
        return Response(ReconciliationWhole(self.get_object()).data)

    @extend_schema(
        tags=["staff"],
        request=BringStatement,
        responses={201: ReconciliationWhole},
        examples=[
            OpenApiExample("A quiet day", {"day": "2026-11-20", "statement": EXAMPLE}, request_only=True),
        ],
    )
    def create(self, request: Request) -> Response:
        """Compares; the same statement of the same day again answers what was found the first time."""
        asked = read(BringStatement, request)
        made = operations.reconcile(**asked, by=signed_in(request), at=now())
        return Response(ReconciliationWhole(made).data, status=201)

    @extend_schema(
        tags=["staff"],
        request=Settle,
        responses=BreakShown,
        examples=[
            OpenApiExample(
                "Settled",
                {
                    "break": "6f1c1f2e-3b57-4a0f-9d0a-2f9b8a1c7e55",
                    "note": "M-Pesa confirms it; their export was cut",
                },
                request_only=True,
            )
        ],
    )
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, public_id: UUID) -> Response:
        """One difference, once, with what was found out."""
        asked = read(Settle, request)
        found = get_object_or_404(self.get_object().breaks, public_id=asked["break"])
        done = operations.resolve_break(found=found, note=asked["note"], by=signed_in(request), at=now())
        return Response(BreakShown(done).data)
