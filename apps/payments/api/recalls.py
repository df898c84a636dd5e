"""Recalling payments from other banks by API, for staff."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import now
from apps.payments.api.airtime import AskedFor
from apps.payments.models import BankOrder, PaymentRecall, RecallReason
from apps.payments.operations import banks
from apps.payments.operations.banks.recall import RIGHT
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.api.staff import holds
from apps.users.doors import signed_in


class AskRecall(Strict):
    """Why it should come back: the code and words for the other bank, and a reason for our record."""

    code = serializers.ChoiceField(choices=RecallReason.choices, help_text="ISO 20022 cancellation reason")
    words = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    reason = serializers.CharField(max_length=200)


class RecallShown(serializers.ModelSerializer[PaymentRecall]):
    """A recall; `answer` is the other bank's reason code."""

    id = serializers.UUIDField(source="public_id")
    payment = serializers.CharField(source="order.payment.reference")
    status = serializers.CharField(help_text="ASKED, SENT, ACCEPTED or REFUSED")
    reason = serializers.CharField()

    class Meta:
        model = PaymentRecall
        fields = ["id", "payment", "status", "reason", "words", "answer", "answer_words", "asked_at", "answered_at"]


class Recalls(ListAPIView[PaymentRecall]):
    """What was asked back."""

    permission_classes = (holds(RIGHT),)
    serializer_class = RecallShown
    filter_backends = ()
    queryset = PaymentRecall.objects.select_related("order__payment").order_by("-pk")

    @extend_schema(tags=["staff"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().get(request, *args, **kwargs)


class RecallPayment(APIView):
    """Asking another bank to send a payment back."""

    permission_classes = (holds(RIGHT),)
    throttle_scope = "money"

    @extend_schema(
        tags=["staff"],
        request=AskRecall,
        responses={202: AskedFor},
        examples=[OpenApiExample("Paid twice", {"code": "DUPL", "reason": "Customer called"}, request_only=True)],
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Asks a second person to agree; then the other bank is asked, and answers in its own time."""
        order = get_object_or_404(BankOrder.objects.select_related("payment"), payment__public_id=public_id)
        asked = read(AskRecall, request)
        approval = banks.ask_recall(
            order=order,
            reason=asked["code"],
            words=asked["words"],
            why=asked["reason"],
            by=signed_in(request),
            at=now(),
        )
        return Response({"approval": approval.pk}, status=202)
