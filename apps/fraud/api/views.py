"""Held payments by API, for staff."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.fraud import operations
from apps.fraud.api import serializers as shapes
from apps.fraud.models import FlaggedTransaction
from apps.kernel.clock import now
from apps.kernel.pagination import Cursors
from apps.users.api.auth import read
from apps.users.api.staff import holds
from apps.users.doors import signed_in


class Flagged(ListAPIView[FlaggedTransaction]):
    """What the screen held."""

    serializer_class = shapes.FlaggedShown
    pagination_class = Cursors
    permission_classes = (holds("fraud.review_fraud"),)
    filterset_fields = ("status",)
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()
    queryset = FlaggedTransaction.objects.select_related("check_made")

    @extend_schema(tags=["staff"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().get(request, *args, **kwargs)


class Review(APIView):
    """Deciding on one."""

    permission_classes = (holds("fraud.review_fraud"),)

    @extend_schema(
        tags=["staff"],
        request=shapes.Decide,
        responses=shapes.FlaggedShown,
        examples=[
            OpenApiExample("Cleared", {"decision": "CLEAR", "note": "Called her: a plot of land"}, request_only=True)
        ],
    )
    def put(self, request: Request, pk: int) -> Response:
        """CLEAR lets it go on, CONFIRM stops it and gives the money back to the payer."""
        asked = read(shapes.Decide, request)
        flag = get_object_or_404(FlaggedTransaction.objects.select_related("check_made", "user"), pk=pk)
        decide = operations.clear if asked["decision"] == "CLEAR" else operations.confirm_fraud
        decide(flag=flag, note=asked["note"], by=signed_in(request), at=now())
        return Response(shapes.FlaggedShown(flag).data)

    @extend_schema(tags=["staff"], request=shapes.Decide, responses=shapes.FlaggedShown)
    def post(self, request: Request, pk: int) -> Response:
        """The same as PUT."""
        return self.put(request, pk)
