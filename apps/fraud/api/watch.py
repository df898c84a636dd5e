"""Blocks and SIM changes by API, for staff; and for customers the question whether a held payment was theirs."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.fraud import operations
from apps.fraud.api import serializers as shapes
from apps.fraud.models import BlockedItem, FlaggedTransaction
from apps.kernel.clock import now
from apps.kernel.pagination import Cursors
from apps.users import operations as people
from apps.users.api.auth import read
from apps.users.api.staff import holds
from apps.users.api.staff_shapes import ApprovalAsked
from apps.users.doors import signed_in
from apps.users.models import User


class Blocked(ListAPIView[BlockedItem]):
    """What may not take part."""

    serializer_class = shapes.BlockedShown
    pagination_class = Cursors
    permission_classes = (holds("fraud.review_fraud"),)
    filterset_fields = ("kind",)
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()
    queryset = BlockedItem.objects.order_by("-pk")

    @extend_schema(tags=["staff"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first, lifted ones as well."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["staff"],
        request=shapes.Block,
        responses={201: shapes.BlockedShown},
        examples=[
            OpenApiExample(
                "An address", {"kind": "IP", "value": "203.0.113.7", "why": "Three takeovers today"}, request_only=True
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """201; from now on the screen stops it. What is blocked already is 409."""
        row = operations.block(**read(shapes.Block, request), by=signed_in(request), at=now())
        return Response(shapes.BlockedShown(row).data, status=201)


class Unblock(APIView):
    """Ending a block."""

    permission_classes = (holds("fraud.review_fraud"),)

    @extend_schema(
        tags=["staff"],
        request=shapes.Lift,
        responses={202: ApprovalAsked},
        examples=[OpenApiExample("By mistake", {"why": "An office that many share"}, request_only=True)],
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Ask to end it before its time; another officer allows it (202). Twice is 409."""
        row, why = get_object_or_404(BlockedItem, public_id=public_id), read(shapes.Lift, request)["why"]
        approval = operations.ask_lift(item=row, why=why, by=signed_in(request), at=now())
        return Response({"approval": approval.pk, "status": approval.status}, status=202)


class SimChanges(APIView):
    """What we are told of SIM cards."""

    permission_classes = (holds("fraud.review_fraud"),)

    @extend_schema(
        tags=["staff"],
        request=shapes.SimChange,
        responses={204: None},
        examples=[OpenApiExample("Told", {"user": 17, "changed_at": "2026-11-20T09:30:00+03:00"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """204: the screen knows it. An earlier change than the one known changes nothing."""
        asked = read(shapes.SimChange, request)
        customer = get_object_or_404(User.objects.customers(), pk=asked["user"])
        operations.note_sim_change(customer=customer, changed_at=asked["changed_at"], by=signed_in(request), at=now())
        return Response(status=204)


class Questions(ListAPIView[FlaggedTransaction]):
    """One's own held payments that ask “was this you?”."""

    serializer_class = shapes.QuestionShown
    pagination_class = Cursors
    permission_classes = (IsAuthenticated,)
    filterset_fields = ("status",)
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()
    queryset = FlaggedTransaction.objects.none()

    def get_queryset(self) -> Any:
        """Another's is not there; nor what only staff decide."""
        return _mine(self.request)

    @extend_schema(tags=["payments"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().get(request, *args, **kwargs)


class QuestionProof(APIView):
    """The proof a yes needs."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(
        tags=["payments"],
        request=shapes.AskProof,
        responses={201: shapes.ProofShown},
        examples=[OpenApiExample("By SMS", {"method": "SMS"}, request_only=True)],
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """201 with a challenge for exactly this payment; a no needs none."""
        flag, asked = _one(request, public_id), read(shapes.AskProof, request)
        row = operations.answer_challenge(flag=flag, by=signed_in(request), at=now(), method=asked["method"])
        return Response(shapes.ProofShown(row).data, status=201)


class QuestionAnswer(APIView):
    """Yes or no."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(
        tags=["payments"],
        request=shapes.Answer,
        responses=shapes.QuestionShown,
        examples=[OpenApiExample("It was not me", {"was_me": False}, request_only=True)],
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Yes lets it go on, no stops it and gives the money back; once. Decided meanwhile is 409."""
        flag, asked, user = _one(request, public_id), read(shapes.Answer, request), signed_in(request)
        given = asked["credential"] or asked["code"]
        if asked["was_me"] and asked["challenge"] and given:
            people.answer(challenge_id=asked["challenge"], user=user, answer=given, at=now())
        operations.answer(flag=flag, was_me=asked["was_me"], challenge_id=asked["challenge"], by=user, at=now())
        return Response(shapes.QuestionShown(flag).data)


def _mine(request: Request) -> Any:
    rows = FlaggedTransaction.objects.filter(user=signed_in(request), asks_customer=True)
    return rows.select_related("check_made", "user").order_by("-pk")


def _one(request: Request, public_id: uuid.UUID) -> FlaggedTransaction:
    row: FlaggedTransaction = get_object_or_404(_mine(request), reference=f"payments/{public_id}")
    return row
