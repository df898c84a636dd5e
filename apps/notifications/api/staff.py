"""Message texts and delivery figures, for staff who look after content."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import mixins, viewsets
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from apps.kernel.clock import now
from apps.notifications import operations, policies, queries
from apps.notifications.api import serializers as shapes
from apps.notifications.models import NotificationTemplate


class LooksAfterContent(BasePermission):
    """Staff who hold `notifications.manage_content`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Reading and writing alike."""
        return policies.may_edit_texts(request.user)


def _read(shape: type[Serializer[Any]], values: Any) -> dict[str, Any]:
    asked = shape(data=values)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


@extend_schema_view(list=extend_schema(tags=["notifications"]), retrieve=extend_schema(tags=["notifications"]))
class Texts(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[NotificationTemplate]):
    """Message texts by code, channel and language."""

    serializer_class = shapes.TextShown
    permission_classes = (LooksAfterContent,)
    queryset = NotificationTemplate.objects.order_by("code", "channel", "language")
    filterset_fields = ("code", "channel", "language", "is_active")
    search_fields = ("code", "subject", "body")
    ordering_fields = ("code", "updated_at")

    @extend_schema(
        tags=["notifications"],
        request=shapes.AddText,
        responses={201: shapes.TextShown},
        examples=[
            OpenApiExample(
                "A wording for the app",
                request_only=True,
                value={
                    "code": "accounts.balance_low",
                    "channel": "IN_APP",
                    "language": "en",
                    "body": "{account} is down to {balance}.",
                },
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """A text for a place that has none; a word in braces that the message does not have is 422."""
        asked = _read(shapes.AddText, request.data)
        row = operations.add_text(by=request.user, at=now(), **asked)
        return Response(self.get_serializer(row).data, status=201)

    @extend_schema(tags=["notifications"], request=shapes.ReplaceText, responses=shapes.TextShown)
    def update(self, request: Request, pk: int) -> Response:
        """A new wording, which from now on wins over the file."""
        return self._edit(shapes.ReplaceText, request)

    @extend_schema(tags=["notifications"], request=shapes.EditText, responses=shapes.TextShown)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Some of it."""
        return self._edit(shapes.EditText, request)

    def _edit(self, shape: type[Serializer[Any]], request: Request) -> Response:
        template = self.get_object()
        row = operations.edit_text(template=template, by=request.user, at=now(), **_read(shape, request.data))
        return Response(self.get_serializer(row).data)

    @extend_schema(tags=["notifications"], responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Take it out of use; the file it came from speaks again."""
        operations.stop_text(template=self.get_object(), by=request.user, at=now())
        return Response(status=204)

    @extend_schema(tags=["notifications"], request=shapes.AskPreview, responses=shapes.Preview)
    def preview(self, request: Request, pk: int) -> Response:
        """Filled in with the message's examples; nothing is kept."""
        asked = _read(shapes.AskPreview, request.data)
        return Response(shapes.Preview(operations.preview(template=self.get_object(), **asked)).data)


class DeliveryFigures(APIView):
    """How messages fared."""

    permission_classes = (LooksAfterContent,)

    @extend_schema(tags=["notifications"], parameters=[shapes.AskFigures], responses=shapes.DeliveryReport)
    def get(self, request: Request) -> Response:
        """Written, sent, delivered, failed and what it cost, by channel and message."""
        asked = _read(shapes.AskFigures, request.query_params)
        rows = queries.figures(asked["date_from"], asked["date_to"])
        return Response(shapes.DeliveryReport({**asked, "rows": rows}).data)


class DailyFigures(APIView):
    """How messages fared, day by day."""

    permission_classes = (LooksAfterContent,)

    @extend_schema(tags=["notifications"], parameters=[shapes.AskFigures], responses=shapes.DailyReport)
    def get(self, request: Request) -> Response:
        """Written, sent, delivered, failed and not wanted, by day, channel and message; the newest day first."""
        asked = _read(shapes.AskFigures, request.query_params)
        rows = queries.by_day(asked["date_from"], asked["date_to"])
        return Response(shapes.DailyReport({**asked, "rows": rows}).data)
