"""What people read and choose for themselves."""

from typing import Any

from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import generics, mixins, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import now
from apps.kernel.pagination import Cursors
from apps.notifications import operations, queries
from apps.notifications.api import serializers as shapes
from apps.notifications.models import Alert, AlertSubscription, Message
from apps.notifications.models.alert import AlertQuerySet
from apps.notifications.models.message import MessageQuerySet

ALERT = OpenApiExample(
    "A low balance",
    response_only=True,
    value={
        "id": 41,
        "type": "LOW_BALANCE",
        "about": "accounts/7",
        "message": "KitBank: ***4021 is down to KES 420.00, below the KES 500.00 you set.",
        "created_at": "2026-11-21T09:14:05Z",
        "is_read": False,
        "dismissed_at": None,
    },
)


@extend_schema_view(
    list=extend_schema(tags=["alerts"], examples=[ALERT]),
    retrieve=extend_schema(tags=["alerts"], examples=[ALERT]),
    destroy=extend_schema(tags=["alerts"]),
)
class Alerts(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, viewsets.GenericViewSet[Alert]
):
    """Your alerts, newest first."""

    serializer_class = shapes.AlertShown
    queryset = Alert.objects.none()
    filterset_fields = {"type": ["exact"], "is_read": ["exact"], "dismissed_at": ["isnull"]}
    search_fields = ("message",)
    ordering_fields = ("created_at",)

    def get_queryset(self) -> AlertQuerySet:
        """One's own, without the deleted ones."""
        return Alert.objects.owned_by(self.request.user).order_by("-id")

    def perform_destroy(self, instance: Alert) -> None:
        """It is not shown again."""
        operations.delete_alert(instance, at=now())

    @extend_schema(tags=["alerts"], request=None, responses=shapes.AlertShown)
    def dismiss(self, request: Request, pk: str) -> Response:
        """It needs no more attention; once is as good as twice."""
        alert = self.get_object()
        operations.dismiss(alert, at=now())
        return Response(self.get_serializer(alert).data)

    @extend_schema(tags=["alerts"], request=None, responses=shapes.AlertShown)
    def read(self, request: Request, pk: str) -> Response:
        """It was looked at."""
        alert = self.get_object()
        operations.mark_read(alert)
        return Response(self.get_serializer(alert).data)


class SubscribeToAlerts(APIView):
    """By which channels alerts come."""

    @extend_schema(
        tags=["alerts"],
        request=shapes.Subscribe,
        responses=shapes.SubscriptionShown,
        examples=[
            OpenApiExample(
                "Low balance by SMS", request_only=True, value={"type": "LOW_BALANCE", "channel": "SMS", "is_on": True}
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Have alerts of a type come by a channel too; `is_on` false ends it."""
        asked = shapes.Subscribe(data=request.data)
        asked.is_valid(raise_exception=True)
        row = operations.subscribe(user=request.user, at=now(), **asked.validated_data)
        return Response(shapes.SubscriptionShown(row).data)


@extend_schema_view(get=extend_schema(tags=["alerts"]))
class Subscriptions(generics.ListAPIView[AlertSubscription]):
    """By which channels your alerts come, beside the app."""

    serializer_class = shapes.SubscriptionShown
    queryset = AlertSubscription.objects.none()
    filterset_fields = ("type", "channel", "is_on")

    def get_queryset(self) -> Any:
        """One's own."""
        return AlertSubscription.objects.owned_by(self.request.user).order_by("type", "channel")


@extend_schema_view(get=extend_schema(tags=["notifications"]))
class Messages(generics.ListAPIView[Message]):
    """What was written to you, newest first. Addresses are masked; one-time codes are never shown."""

    serializer_class = shapes.MessageShown
    pagination_class = Cursors
    queryset = Message.objects.none()
    filterset_fields = ("channel", "topic", "status")
    filter_backends = (DjangoFilterBackend,)  # the texts are sealed, and a cursor has its own order

    def get_queryset(self) -> MessageQuerySet:
        """One's own."""
        return Message.objects.owned_by(self.request.user)


class Preferences(APIView):
    """What you want to hear."""

    @extend_schema(tags=["notifications"], responses=shapes.ChoicesShown)
    def get(self, request: Request) -> Response:
        """Every channel and topic as it stands. Security and money cannot be changed."""
        return self._choices(request)

    @extend_schema(
        tags=["notifications"],
        request=shapes.Wishes,
        responses=shapes.ChoicesShown,
        examples=[
            OpenApiExample(
                "No offers by SMS",
                request_only=True,
                value={"preferences": [{"channel": "SMS", "topic": "MARKETING", "is_allowed": False}]},
            )
        ],
    )
    def put(self, request: Request) -> Response:
        """Keep these; the others stay as they are."""
        asked = shapes.Wishes(data=request.data)
        asked.is_valid(raise_exception=True)
        operations.choose(user=request.user, wishes=asked.wishes(), at=now(), door="API")
        return self._choices(request)

    @staticmethod
    def _choices(request: Request) -> Response:
        return Response(shapes.ChoicesShown({"preferences": queries.choices_of(request.user)}).data)
