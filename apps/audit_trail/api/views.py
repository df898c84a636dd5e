"""The audit trail by API: reading, verifying; nothing here writes a record of anything else."""

from collections.abc import Sequence
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import mixins, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from apps.audit_trail import operations, policies, queries, record_files
from apps.audit_trail.api import serializers as shapes
from apps.audit_trail.models import AuditLog, AuditLogQuerySet, ChainAnchor, IntegrityCheck
from apps.kernel.clock import now
from apps.kernel.pagination import Cursors

extend_schema_field(OpenApiTypes.STR)(shapes.HexField)

RECORD = {
    "id": 48211,
    "action": "accounts.account.frozen",
    "actor": 12,
    "actor_name": "Achieng Odhiambo",
    "customer": 318,
    "target_type": "accounts.account",
    "target_id": "7",
    "before": {"status": "ACTIVE"},
    "after": {"status": "FROZEN"},
    "reason": "Court order 114 of 2026",
    "ip_address": "10.0.4.21",
    "user_agent": "Mozilla/5.0",
    "request_id": "b5a1f0c2d3e44f6f8a9b0c1d2e3f4a5b",
    "at": "2026-11-21T09:14:05.120000Z",
    "written_at": "2026-11-21T09:14:05.121410Z",
    "leaf_hash": "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "seal": 903,
}


class MayViewAudit(BasePermission):
    """Staff who hold `audit_trail.view_audit`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Safe and unsafe methods alike."""
        return policies.may_view(request.user)


@extend_schema_view(
    list=extend_schema(
        tags=["audit"],
        parameters=[shapes.AskAuditLogs],
        examples=[OpenApiExample("A frozen account", value=RECORD, response_only=True)],
    ),
    retrieve=extend_schema(
        tags=["audit"], examples=[OpenApiExample("A frozen account", value=RECORD, response_only=True)]
    ),
)
class AuditLogs(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[AuditLog]):
    """Records, newest first. More than 31 days need an actor, customer, action or target."""

    serializer_class = shapes.AuditLogShown
    permission_classes = (MayViewAudit,)
    pagination_class = Cursors
    filter_backends = ()
    queryset = AuditLog.objects.none()
    lookup_value_regex = "[0-9]+"

    def get_queryset(self) -> AuditLogQuerySet:
        """With the names of those who acted."""
        return AuditLog.objects.seen_by(self.request.user).with_leaf().select_related("actor")

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Records that answer the question; asking about a customer is itself recorded."""
        asked = shapes.AskAuditLogs(data=request.query_params)
        asked.is_valid(raise_exception=True)
        question = asked.question()
        found = queries.ask(question, at=now()).seen_by(request.user).with_leaf().select_related("actor")
        page = self.paginate_queryset(found) or []
        operations.note_look_up(question, by=request.user, at=now())
        return self.get_paginated_response(self._shown(page))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One record."""
        return Response(self._shown([self.get_object()])[0])

    def _shown(self, rows: Any) -> Sequence[Any]:
        context = {**self.get_serializer_context(), "seals": queries.seals_over([row.pk for row in rows])}
        return [shapes.AuditLogShown(row, context=context).data for row in rows]

    @extend_schema(
        tags=["audit"],
        parameters=[shapes.AskAuditLogs, OpenApiParameter("as", str, enum=sorted(record_files.MOST), default="csv")],
        responses={(200, kind.partition(";")[0]): OpenApiTypes.BINARY for kind in record_files.KINDS.values()},
    )
    def export(self, request: Request) -> HttpResponseBase:
        """The records as a file; taking them out is itself recorded. Too many at once is 422."""
        asked = shapes.AskAuditLogs(data=request.query_params)
        asked.is_valid(raise_exception=True)
        kind = request.query_params.get("as", "csv")
        if kind not in record_files.MOST:
            raise ValidationError({"as": ["csv, xlsx or pdf"]})
        return record_files.file_of(asked.question(), kind=kind, by=request.user, at=now())

    @extend_schema(
        tags=["audit"],
        request=None,
        responses={202: shapes.VerifyBegun},
    )
    def verify_all(self, request: Request) -> Response:
        """Have every record and every seal checked; what was found is listed with the checks when it is done."""
        operations.ask_verify(by=request.user, at=now())
        return Response({"status": "BEGUN"}, status=202)

    @extend_schema(
        tags=["audit"],
        request=shapes.AskVerify,
        responses={200: shapes.IntegrityCheckShown},
        examples=[OpenApiExample("The last hundred blocks", value={"last_blocks": 100}, request_only=True)],
    )
    def verify(self, request: Request) -> Response:
        """Recompute leaves and roots of the newest blocks; 200 whether intact or not, `is_intact` says which."""
        asked = shapes.AskVerify(data=request.data)
        asked.is_valid(raise_exception=True)
        check = operations.verify(at=now(), by=request.user, last_blocks=asked.validated_data["last_blocks"])
        return Response(shapes.IntegrityCheckShown(check).data)


@extend_schema_view(list=extend_schema(tags=["audit"]))
class Checks(mixins.ListModelMixin, viewsets.GenericViewSet[IntegrityCheck]):
    """What verifications covered and found, newest first."""

    serializer_class = shapes.IntegrityCheckShown
    permission_classes = (MayViewAudit,)
    pagination_class = Cursors
    filter_backends = ()
    queryset = IntegrityCheck.objects.all()


@extend_schema_view(list=extend_schema(tags=["audit"]))
class Anchors(mixins.ListModelMixin, viewsets.GenericViewSet[ChainAnchor]):
    """Roots written down outside the bank, newest first; empty while no place is registered."""

    serializer_class = shapes.ChainAnchorShown
    permission_classes = (MayViewAudit,)
    filter_backends = ()
    queryset = ChainAnchor.objects.order_by("-period", "chain")
