"""Maker-checker by API: the same engine, rights and refusals as the workbench's page."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel import approvals as engine
from apps.kernel.clock import now
from apps.kernel.models import Approval, ApprovalStatus
from apps.kernel.serializers import MoneyField

SHOWN = OpenApiExample(
    "A change of role that waits",
    response_only=True,
    value={
        "id": 12,
        "kind": "users.role_change",
        "title": "Change of role",
        "subject": "users/41",
        "before": {"role": "TELLER"},
        "after": {"role": "BRANCH_MANAGER"},
        "amount": None,
        "reason": "She takes over the Kisumu branch.",
        "status": "PENDING",
        "maker": {"id": 3, "name": "Njeri Mwangi"},
        "checker": None,
        "created_at": "2026-11-21T09:14:05Z",
        "decided_at": None,
        "answer": "",
        "may_decide": True,
    },
)


class Colleague(serializers.Serializer[Any]):
    """A member of staff."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField(source="full_name")


class ApprovalShown(serializers.ModelSerializer[Approval]):
    """A request. `may_decide` is about your rights; limits and branches are asked when you decide."""

    title = serializers.SerializerMethodField()
    amount = MoneyField(allow_null=True)
    before = serializers.DictField()
    after = serializers.DictField()
    maker = Colleague()
    checker = Colleague(allow_null=True)
    may_decide = serializers.SerializerMethodField()

    class Meta:
        model = Approval
        fields = (
            "id",
            "kind",
            "title",
            "subject",
            "before",
            "after",
            "amount",
            "reason",
            "status",
            "maker",
            "checker",
            "created_at",
            "decided_at",
            "answer",
            "may_decide",
        )

    def get_title(self, row: Approval) -> str:
        """Its kind in words, in the language asked for."""
        return engine.label_of(row)

    def get_may_decide(self, row: Approval) -> bool:
        """It waits, somebody else asked for it, and you hold the right."""
        who = self.context["request"].user
        return row.status == ApprovalStatus.PENDING and row.maker_id != who.pk and row.kind in self.context["kinds"]


class ApprovalAsked(serializers.Serializer[Any]):
    """Waiting for a second person."""

    approval = serializers.IntegerField()
    status = serializers.CharField()


class Approve(serializers.Serializer[Any]):
    """A note to keep, if any."""

    note = serializers.CharField(max_length=400, required=False, allow_blank=True, default="")


class Reject(serializers.Serializer[Any]):
    """Why; its maker reads it."""

    reason = serializers.CharField(max_length=400)


class WorksHere(BasePermission):
    """Staff; what each may see and decide is asked row by row."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Active staff."""
        who = request.user
        return bool(who and who.is_authenticated and who.is_active and who.is_staff)


class ApprovalFilter(django_filters.FilterSet):
    """Which requests to list."""

    mine = django_filters.ChoiceFilter(
        choices=[("TO_DECIDE", "TO_DECIDE"), ("ASKED", "ASKED"), ("DECIDED", "DECIDED")],
        method="for_me",
        help_text="What waits for you, what you asked for, or what you decided",
    )

    class Meta:
        model = Approval
        fields = ("status", "kind", "mine")

    def for_me(self, rows: QuerySet[Approval], name: str, value: str) -> QuerySet[Approval]:
        """By what they have to do with whoever asks."""
        who = self.request.user
        if value == "TO_DECIDE":
            return rows.filter(status=ApprovalStatus.PENDING, kind__in=engine.decidable_kinds(who)).exclude(maker=who)
        return rows.filter(maker=who) if value == "ASKED" else rows.filter(checker=who)


class Approvals(viewsets.GenericViewSet[Approval]):
    """What somebody asked for and a second person must allow."""

    serializer_class = ApprovalShown
    permission_classes = (WorksHere,)
    queryset = Approval.objects.none()
    filter_backends = (DjangoFilterBackend,)
    filterset_class = ApprovalFilter

    def get_queryset(self) -> QuerySet[Approval]:
        """Those this person may see. The rest is not there."""
        return engine.seen_by(self.request.user).select_related("maker", "checker").order_by("-pk")

    def get_serializer_context(self) -> dict[str, Any]:
        """With the kinds that whoever asks may decide."""
        return {**super().get_serializer_context(), "kinds": engine.decidable_kinds(self.request.user)}

    @extend_schema(tags=["staff"], responses=ApprovalShown(many=True), examples=[SHOWN])
    def list(self, request: Request) -> Response:
        """The newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(tags=["staff"], responses=ApprovalShown, examples=[SHOWN])
    def retrieve(self, request: Request, pk: int) -> Response:
        """One, with what changes."""
        return Response(self.get_serializer(self._one(pk)).data)

    @extend_schema(tags=["staff"], request=Approve, responses=ApprovalShown)
    def approve(self, request: Request, pk: int) -> Response:
        """Allow it, and do it, both or neither. Your own is 403; one that was decided is 409."""
        found = self._one(pk)
        note = self._read(Approve)["note"]
        return self._decided(engine.approve(approval=found, by=request.user, at=now(), note=note))

    @extend_schema(
        tags=["staff"],
        request=Reject,
        responses=ApprovalShown,
        examples=[OpenApiExample("Not yet", request_only=True, value={"reason": "Her training ends in March."})],
    )
    def reject(self, request: Request, pk: int) -> Response:
        """Return it to its maker; nothing is done. Your own is 403, one that was decided is 409."""
        found = self._one(pk)
        reason = self._read(Reject)["reason"]
        return self._decided(engine.send_back(approval=found, by=request.user, at=now(), reason=reason))

    @extend_schema(tags=["staff"], request=None, responses=ApprovalShown)
    def withdraw(self, request: Request, pk: int) -> Response:
        """Take back what you asked for; nothing is done. Another's is 403, one that was decided is 409."""
        return self._decided(engine.withdraw(approval=self._one(pk), by=request.user, at=now()))

    def _one(self, pk: int) -> Approval:
        return get_object_or_404(self.get_queryset(), pk=pk)

    def _read(self, shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        asked = shape(data=self.request.data)
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)

    def _decided(self, row: Approval) -> Response:
        return Response(self.get_serializer(self._one(row.pk)).data)
