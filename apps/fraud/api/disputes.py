"""Disputes by API: customers open and follow their own; staff see all and answer."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Transaction
from apps.fraud import operations
from apps.fraud.api import serializers as shapes
from apps.fraud.models import Dispute
from apps.fraud.operations.dispute import OPENS, RIGHT
from apps.kernel.clock import now
from apps.users.api.auth import read
from apps.users.doors import signed_in

TAGS = ["disputes"]


class Disputes(viewsets.GenericViewSet[Dispute]):
    """One's own and of businesses one signs for; for staff who see transactions, everybody's."""

    serializer_class = shapes.DisputeShown
    queryset = Dispute.objects.none()
    lookup_field = "public_id"
    filterset_fields = ("status", "reason")
    search_fields: tuple[str, ...] = ()
    ordering_fields = ("opened_at", "answer_by")

    def get_queryset(self) -> Any:
        """Another's is not there."""
        user = signed_in(self.request)
        rows = Dispute.objects.select_related("line", "thread", "owner").order_by("-pk")
        sees_all = user.is_staff and (user.has_perm(OPENS) or user.has_perm(RIGHT))
        return rows if sees_all else rows.owned_by(user)

    @extend_schema(tags=TAGS, responses=shapes.DisputeShown(many=True))
    def list(self, request: Request) -> Response:
        """The newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        tags=TAGS,
        request=shapes.OpenDispute,
        responses={201: shapes.DisputeShown},
        examples=[
            OpenApiExample(
                "Wrong person",
                {"transaction": 4711, "reason": "WRONG_PERSON", "text": "I meant 0722 000 114"},
                request_only=True,
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """201 with the day by which we answer; a line that is disputed already is 409."""
        asked, user = read(shapes.OpenDispute, request), signed_in(request)
        lines = Transaction.objects.select_related("account__owner")
        line = get_object_or_404(lines if user.is_staff else lines.acted_for_by(user), pk=asked["transaction"])
        row = operations.open_dispute(line=line, reason=asked["reason"], text=asked["text"], by=user, at=now())
        return Response(self.get_serializer(row).data, status=201)

    @extend_schema(tags=TAGS, responses=shapes.DisputeShown)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(tags=TAGS, request=None, responses=shapes.DisputeShown)
    def withdraw(self, request: Request, public_id: str) -> Response:
        """It was in order after all."""
        row = self.get_object()
        operations.withdraw_dispute(dispute=row, by=signed_in(request), at=now())
        return Response(self.get_serializer(row).data)

    @extend_schema(
        tags=["staff"],
        request=shapes.ResolveDispute,
        responses=shapes.DisputeShown,
        examples=[OpenApiExample("Upheld", {"decision": "UPHELD", "answer": "Sent back today."}, request_only=True)],
    )
    def resolve(self, request: Request, public_id: str) -> Response:
        """Answer it, once; staff who decide on held payments."""
        row, asked = self.get_object(), read(shapes.ResolveDispute, request)
        operations.resolve_dispute(
            dispute=row, upheld=asked["decision"] == "UPHELD", answer=asked["answer"], by=signed_in(request), at=now()
        )
        return Response(self.get_serializer(row).data)
