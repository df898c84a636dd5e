"""Third parties' apps for staff."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.clock import now
from apps.open_banking import operations
from apps.open_banking.api import shapes
from apps.open_banking.models import ThirdPartyApp
from apps.open_banking.policies import RIGHT
from apps.users.api.auth import read
from apps.users.doors import signed_in

_WHY = OpenApiExample("Why", {"reason": "Papers and site seen; only reads balances."}, request_only=True)


class DecidesOnApps(BasePermission):
    """Staff with the right."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """`open_banking.approve_apps`."""
        return bool(request.user and request.user.is_authenticated and request.user.has_perm(RIGHT))


@extend_schema(tags=["admin"])
class Apps(mixins.ListModelMixin, viewsets.GenericViewSet[ThirdPartyApp]):
    """All apps, those that wait first."""

    serializer_class = shapes.AppShown
    permission_classes = (DecidesOnApps,)
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    filter_backends = ()
    queryset = ThirdPartyApp.objects.none()

    def get_queryset(self) -> QuerySet[ThirdPartyApp]:
        """By name within their state."""
        rows = ThirdPartyApp.objects.select_related("developer__user")
        return rows.order_by("-status", "name", "pk") if self.action == "list" else rows

    @extend_schema(request=shapes.ApproveApp, responses={202: shapes.AppAsked}, examples=[_WHY])
    def approve(self, request: Request, public_id: UUID) -> Response:
        """Ask a colleague to let it see customers' accounts; also for one that was refused or stopped."""
        asked = read(shapes.ApproveApp, request)
        approval = operations.ask_approval(app=self.get_object(), by=signed_in(request), at=now(), **asked)
        return Response({"approval": approval.pk}, status=202)

    @extend_schema(request=shapes.AppReason, responses=shapes.AppShown, examples=[_WHY])
    def suspend(self, request: Request, public_id: UUID) -> Response:
        """Stop it at once: its tokens die and its consents end."""
        asked, row = read(shapes.AppReason, request), self.get_object()
        operations.suspend_app(app=row, by=signed_in(request), at=now(), **asked)
        return Response(shapes.AppShown(self.get_object()).data)

    @extend_schema(request=shapes.AppReason, responses=shapes.AppShown, examples=[_WHY])
    def reject(self, request: Request, public_id: UUID) -> Response:
        """Say no to one that waits; its developer reads why."""
        asked, row = read(shapes.AppReason, request), self.get_object()
        operations.reject_app(app=row, by=signed_in(request), at=now(), **asked)
        return Response(shapes.AppShown(self.get_object()).data)
