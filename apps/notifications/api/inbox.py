"""The inbox: conversations with the bank, from both ends."""

from typing import Any

import django_filters
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from apps.kernel.clock import now
from apps.notifications import operations, policies
from apps.notifications.api import inbox_shapes as shapes
from apps.notifications.models import SecureMessage, SecureThread
from apps.notifications.models.inbox import ThreadQuerySet

OPEN = OpenApiExample(
    "A lost card", request_only=True, value={"subject": "My card", "body": "I lost it in Nyeri this morning."}
)
ANSWER = OpenApiExample("One more letter", request_only=True, value={"body": "It was the blue one."})


def _read(shape: type[Serializer[Any]], values: Any) -> dict[str, Any]:
    asked = shape(data=values)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


class Threads(viewsets.GenericViewSet[SecureThread]):
    """One's own conversations with the bank."""

    serializer_class = shapes.ThreadShown
    queryset = SecureThread.objects.none()
    filter_backends = ()

    def get_queryset(self) -> ThreadQuerySet:
        """The one written in last comes first."""
        return SecureThread.objects.owned_by(self.request.user).order_by("-last_at", "-pk")

    def get_throttles(self) -> list[Any]:
        """Writing is counted with the acts that cost the bank something."""
        self.throttle_scope = "money" if self.request.method == "POST" else "default"
        return super().get_throttles()

    @extend_schema(tags=["inbox"], responses=shapes.ThreadShown(many=True))
    def list(self, request: Request) -> Response:
        """Without their letters."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(shapes.ThreadShown(page, many=True).data)

    @extend_schema(
        tags=["inbox"], request=shapes.OpenThread, responses={201: shapes.ThreadWithLetters}, examples=[OPEN]
    )
    def create(self, request: Request) -> Response:
        """Begin a conversation."""
        asked = _read(shapes.OpenThread, request.data)
        thread = operations.open_thread(customer=request.user, by=request.user, at=now(), **asked)
        return self._whole(str(thread.public_id), status=201)

    @extend_schema(tags=["inbox"], responses=shapes.ThreadWithLetters)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """With its letters. Looking does not mark it read."""
        return self._whole(public_id)

    @extend_schema(
        tags=["inbox"], request=shapes.WriteLetter, responses={201: shapes.ThreadWithLetters}, examples=[ANSWER]
    )
    def reply(self, request: Request, public_id: str) -> Response:
        """Write in it; a closed one is 409."""
        asked = _read(shapes.WriteLetter, request.data)
        operations.reply(thread=self._one(public_id), by=request.user, at=now(), **asked)
        return self._whole(public_id, status=201)

    @extend_schema(tags=["inbox"], request=None, responses=shapes.ThreadShown)
    def read(self, request: Request, public_id: str) -> Response:
        """Everything so far was seen."""
        operations.read_thread(thread=self._one(public_id), at=now())
        return Response(shapes.ThreadShown(self._one(public_id)).data)

    def _one(self, public_id: str) -> SecureThread:
        return get_object_or_404(self.get_queryset(), public_id=public_id)

    def _whole(self, public_id: str, status: int = 200) -> Response:
        letters = self.get_queryset().prefetch_related("letters")
        return Response(shapes.ThreadWithLetters(get_object_or_404(letters, public_id=public_id)).data, status=status)


class AnswersLetters(BasePermission):
    """Staff who look after customers; auditors read and do not write."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Reading is a right, writing another."""
        may = policies.may_read_letters if request.method in SAFE_METHODS else policies.may_answer_letters
        return may(request.user)


class ThreadFilter(django_filters.FilterSet):
    """Which conversations staff want to see."""

    customer = django_filters.NumberFilter(field_name="customer_id", min_value=1, max_value=2**62)
    is_waiting = django_filters.BooleanFilter(method="waiting", help_text="Open, and the customer had the last word")

    class Meta:
        model = SecureThread
        fields = ("customer", "is_waiting")

    def waiting(self, rows: ThreadQuerySet, name: str, value: bool) -> ThreadQuerySet:  # noqa: FBT001 django-filter's
        """Those that wait for the bank, or the others."""
        return rows.waiting(waits=value)


class StaffThreads(viewsets.GenericViewSet[SecureThread]):
    """Conversations of customers with the bank."""

    serializer_class = shapes.StaffThreadShown
    permission_classes = (AnswersLetters,)
    queryset = SecureThread.objects.none()
    filter_backends = (DjangoFilterBackend,)
    filterset_class = ThreadFilter

    def get_queryset(self) -> ThreadQuerySet:
        """The one written in last comes first; never one's own."""
        return SecureThread.objects.for_staff(self.request.user).order_by("-last_at", "-pk")

    @extend_schema(tags=["staff"], responses=shapes.StaffThreadShown(many=True))
    def list(self, request: Request) -> Response:
        """Without their letters."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(shapes.StaffThreadShown(page, many=True).data)

    @extend_schema(
        tags=["staff"],
        responses=shapes.StaffThreadWithLetters,
        parameters=[OpenApiParameter("reason", str, description="Why you look; kept in the audit trail")],
    )
    def retrieve(self, request: Request, public_id: str) -> Response:
        """With its letters; the look is recorded."""
        reason = request.query_params.get("reason", "").strip()[:200] or "API"
        operations.look_into(thread=self._one(public_id), by=request.user, reason=reason, at=now())
        return self._whole(public_id)

    @extend_schema(
        tags=["staff"], request=shapes.WriteLetter, responses={201: shapes.StaffThreadWithLetters}, examples=[ANSWER]
    )
    def reply(self, request: Request, public_id: str) -> Response:
        """Answer; the customer is told that a letter waits. A closed conversation is 409."""
        asked = _read(shapes.WriteLetter, request.data)
        operations.answer_letter(thread=self._one(public_id), by=request.user, at=now(), **asked)
        return self._whole(public_id, status=201)

    @extend_schema(tags=["staff"], request=None, responses=shapes.StaffThreadShown)
    def close(self, request: Request, public_id: str) -> Response:
        """Nothing more is written here; once is as good as twice."""
        operations.finish_thread(thread=self._one(public_id), by=request.user, at=now())
        return Response(shapes.StaffThreadShown(self._one(public_id)).data)

    def _one(self, public_id: str) -> SecureThread:
        return get_object_or_404(self.get_queryset(), public_id=public_id)

    def _whole(self, public_id: str, status: int = 200) -> Response:
        letters = self.get_queryset().prefetch_related(
            Prefetch("letters", SecureMessage.objects.select_related("author").order_by("pk"))
        )
        found = get_object_or_404(letters, public_id=public_id)
        return Response(shapes.StaffThreadWithLetters(found).data, status=status)
