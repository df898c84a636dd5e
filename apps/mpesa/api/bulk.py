"""Payouts to many phones by API, for staff."""

import uuid
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.clock import now
from apps.kernel.idempotency import honours_key, key_of
from apps.kernel.serializers import MoneyField
from apps.mpesa import operations
from apps.mpesa.models import MpesaBulkPayment
from apps.mpesa.models.bulk import MpesaBulkStatus
from apps.payments import operations as payments
from apps.payments.api.bulk import with_counts
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.api.staff import holds
from apps.users.doors import signed_in


class MpesaBulkLine(Strict):
    """One phone and what it gets."""

    phone = serializers.CharField(max_length=24)
    amount = serializers.CharField(max_length=20, help_text="Whole shillings, as text")
    name = serializers.CharField(max_length=140, required=False, allow_blank=True, default="")
    note = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")


class BringMpesaBulk(Strict):
    """What it is for, and who gets what."""

    name = serializers.CharField(max_length=60)
    lines = serializers.ListField(child=MpesaBulkLine(), min_length=1, max_length=10_000)


class MpesaBulkShown(serializers.ModelSerializer[MpesaBulkPayment]):
    """A batch of payouts; its lines are those of the same id under `/api/v1/payments/bulk/`."""

    id = serializers.UUIDField(source="public_id")
    status = serializers.ChoiceField(source="stands", choices=MpesaBulkStatus.choices)
    rows = serializers.IntegerField(source="row_count")
    good_rows = serializers.IntegerField(source="good_count")
    paid = serializers.IntegerField(default=0)
    sent = serializers.IntegerField(default=0)
    failed = serializers.IntegerField(default=0)
    total = MoneyField()
    made_by: Any = serializers.CharField(source="made_by.full_name")

    class Meta:
        model = MpesaBulkPayment
        fields = [
            "id",
            "reference",
            "name",
            "status",
            "rows",
            "good_rows",
            "paid",
            "sent",
            "failed",
            "total",
            "made_by",
            "created_at",
            "started_at",
            "ended_at",
        ]


class MpesaBulkPayments(viewsets.GenericViewSet[MpesaBulkPayment]):
    """The bank's payouts to phones."""

    serializer_class = MpesaBulkShown
    permission_classes = (holds("payments.bulk_pay"),)
    queryset = MpesaBulkPayment.payouts.none()
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    filter_backends = ()
    throttle_scope = "money"

    def get_queryset(self) -> Any:
        """All of them, with how far they are."""
        return with_counts(MpesaBulkPayment.payouts.select_related("made_by", "approval")).order_by("-pk")

    @extend_schema(tags=["staff"])
    def list(self, request: Request) -> Response:
        """The newest first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(tags=["staff"])
    def retrieve(self, request: Request, public_id: uuid.UUID) -> Response:
        """One."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        tags=["staff"],
        request=BringMpesaBulk,
        responses={201: MpesaBulkShown},
        examples=[
            OpenApiExample(
                "Two agents",
                {
                    "name": "Commission of November",
                    "lines": [
                        {"phone": "0722 000 111", "amount": "1500", "name": "Otieno Ouma"},
                        {"phone": "0722 000 112", "amount": "900", "name": "Faith Mwende", "note": "Kibuye"},
                    ],
                },
                request_only=True,
            )
        ],
    )
    @honours_key
    def create(self, request: Request) -> Response:
        """Write it down and check it; nothing is sent. Submit it with proof under `/api/v1/payments/bulk/{id}/`."""
        asked, user = read(BringMpesaBulk, request), signed_in(request)
        made = operations.bring_bulk(
            name=asked["name"], rows=asked["lines"], key=key_of(request) or uuid.uuid4().hex, by=user, at=now()
        )
        return Response(self.get_serializer(self.get_queryset().get(pk=made.pk)).data, status=201)

    @extend_schema(tags=["staff"], request=None, responses=MpesaBulkShown)
    def approve(self, request: Request, public_id: uuid.UUID) -> Response:
        """Another member of staff allows it, within their own limit; then it is sent at M-Pesa's pace."""
        bulk = self.get_object()
        payments.bulk.approve_for_bank(bulk=bulk, by=signed_in(request), at=now())
        return Response(self.get_serializer(self.get_object()).data)
