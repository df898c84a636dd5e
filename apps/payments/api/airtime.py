"""Airtime in doubt by API, for staff: what waits, what the provider said otherwise, and asking for a decision."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import now
from apps.kernel.serializers import MoneyField
from apps.payments import operations
from apps.payments.models import AirtimeCallback, AirtimeOrder
from apps.payments.operations.airtime_decide import RIGHT
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.api.staff import holds
from apps.users.doors import signed_in

MOST = 100


class AirtimeInDoubt(serializers.ModelSerializer[AirtimeOrder]):
    """An order nobody knows the end of."""

    id = serializers.UUIDField(source="payment.public_id")
    reference = serializers.CharField(source="payment.reference")
    to = serializers.CharField(source="payment.payee_address")
    amount = MoneyField(source="payment.amount")

    class Meta:
        model = AirtimeOrder
        fields = ["id", "reference", "to", "amount", "status", "network", "request_id", "sent_at", "asked_at"]


class OddCallback(serializers.ModelSerializer[AirtimeCallback]):
    """A status that was not applied."""

    reference = serializers.CharField(source="about.payment.reference", default=None, allow_null=True)

    class Meta:
        model = AirtimeCallback
        fields = ["request_id", "reference", "outcome", "why", "received_at"]


class AirtimeDesk(serializers.Serializer[Any]):
    """What waits for people."""

    orders = AirtimeInDoubt(many=True)
    callbacks = OddCallback(many=True)


class WhatBecameOfIt(Strict):
    """What the provider's console shows."""

    loaded = serializers.BooleanField()
    reason = serializers.CharField(max_length=200)


class AskedFor(serializers.Serializer[Any]):
    """What waits for a second person."""

    approval = serializers.IntegerField()


class Airtimes(APIView):
    """Airtime that waits for people."""

    permission_classes = (holds(RIGHT),)

    @extend_schema(tags=["staff"], responses=AirtimeDesk)
    def get(self, request: Request) -> Response:
        """The oldest orders in doubt, and the newest statuses that were not applied; at most 100 of each."""
        at = now()
        shown = {
            "orders": operations.airtime_in_doubt(at)[:MOST],
            "callbacks": operations.odd_airtime_callbacks(at)[:MOST],
        }
        return Response(AirtimeDesk(shown).data)


class DecideAirtime(APIView):
    """Saying what became of airtime."""

    permission_classes = (holds(RIGHT),)
    throttle_scope = "money"

    @extend_schema(
        tags=["staff"],
        request=WhatBecameOfIt,
        responses={202: AskedFor},
        examples=[OpenApiExample("Loaded", {"loaded": True, "reason": "Their console shows it"}, request_only=True)],
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Asks a second person to agree; then it is booked as if the provider had said it."""
        order = get_object_or_404(AirtimeOrder.objects.select_related("payment"), payment__public_id=public_id)
        asked = read(WhatBecameOfIt, request)
        approval = operations.ask_to_decide_airtime(order=order, by=signed_in(request), at=now(), **asked)
        return Response({"approval": approval.pk}, status=202)
