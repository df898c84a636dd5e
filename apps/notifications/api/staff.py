"""Message texts and delivery figures, for staff who look after content."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, viewsets
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from apps.kernel.api.approvals import ApprovalAsked
from apps.kernel.clock import now
from apps.kernel.models import Approval
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


def _asked(row: Approval) -> Response:
    return Response({"approval": row.pk, "status": row.status}, status=202)


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
        responses={202: ApprovalAsked},
        examples=[
            OpenApiExample(
                "A wording for the app",
                request_only=True,
                value={
                    "code": "accounts.balance_low",
                    "channel": "IN_APP",
                    "language": "en",
                    "body": "{account} is down to {balance}.",
                    "reason": "The app shows it too.",
                },
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """Ask for a text in a place that has none; a second person must allow it. A word in braces that the message
        does not have is 422; while a request about that place waits, another is 409.
        """
        asked = _read(shapes.AddText, request.data)
        return _asked(operations.ask_new_text(by=request.user, at=now(), **asked))

    @extend_schema(tags=["notifications"], request=shapes.ReplaceText, responses={202: ApprovalAsked})
    def update(self, request: Request, pk: int) -> Response:
        """Ask for a new wording; once a second person allowed it, it wins over the file."""
        return self._edit(shapes.ReplaceText, request)

    @extend_schema(tags=["notifications"], request=shapes.EditText, responses={202: ApprovalAsked})
    def partial_update(self, request: Request, pk: int) -> Response:
        """Ask for a part of it to be another; a second person must allow it."""
        return self._edit(shapes.EditText, request)

    def _edit(self, shape: type[Serializer[Any]], request: Request) -> Response:
        template, asked = self.get_object(), _read(shape, request.data)
        return _asked(operations.ask_text_change(template=template, by=request.user, at=now(), **asked))

    @extend_schema(
        tags=["notifications"],
        parameters=[OpenApiParameter("reason", str, required=True, description="Why; who allows it reads it")],
        responses={202: ApprovalAsked},
    )
    def destroy(self, request: Request, pk: int) -> Response:
        """Ask to take it out of use; once a second person allowed it, the file it came from speaks again."""
        template, asked = self.get_object(), _read(shapes.Because, {"reason": request.query_params.get("reason", "")})
        return _asked(operations.ask_text_stop(template=template, by=request.user, at=now(), **asked))

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
