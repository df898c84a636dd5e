"""The watch over staff by API; none about oneself, and for who does not work cases there is nothing (404)."""

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from apps.compliance import operations
from apps.compliance.api import serializers as shapes
from apps.compliance.api.views import TAGS, WorksCases
from apps.compliance.models import StaffAlert
from apps.kernel.clock import now
from apps.kernel.pagination import Cursors
from apps.users.api.auth import read
from apps.users.doors import signed_in


class StaffAlerts(GenericViewSet[StaffAlert]):
    """What stood out in the audit trail."""

    serializer_class = shapes.StaffAlertShown
    permission_classes = (WorksCases,)
    pagination_class = Cursors
    queryset = StaffAlert.objects.none()
    filterset_fields = ("rule", "staff", "day")
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()

    def get_queryset(self) -> QuerySet[StaffAlert]:
        """None about oneself."""
        return StaffAlert.objects.select_related("staff").exclude(staff_id=signed_in(self.request).pk)

    @extend_schema(tags=TAGS, responses=shapes.StaffAlertShown(many=True))
    def list(self, request: Request) -> Response:
        """The newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        tags=TAGS, request=shapes.CloseStaffAlert, responses=shapes.StaffAlertShown,
        examples=[OpenApiExample("A campaign", {"note": "She called all savers, as planned"}, request_only=True)],
    )  # fmt: skip
    def close(self, request: Request, pk: int) -> Response:
        """Say what came of it; one that is closed is 409."""
        row = self.get_object()
        row = operations.close_staff_alert(
            alert=row, by=signed_in(request), at=now(), **read(shapes.CloseStaffAlert, request)
        )
        return Response(self.get_serializer(row).data)
