"""Refunds by API, for staff."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import Transaction
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.idempotency import idempotent, key_of
from apps.kernel.serializers import MoneyField
from apps.payments import operations
from apps.payments.models import Payment, Refund
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.api.staff import holds
from apps.users.doors import signed_in


class AskRefund(Strict):
    """How much goes back, and why."""

    amount = MoneyField(positive=True)
    reason = serializers.CharField(max_length=200)


class RefundShown(serializers.ModelSerializer[Refund]):
    """A refund."""

    amount = MoneyField()
    payment: Any = serializers.CharField(source="payment.reference")

    class Meta:
        model = Refund
        fields = ["reference", "payment", "status", "amount", "reason", "created_at", "done_at"]


class RefundTransaction(APIView):
    """Sending a customer's payment back."""

    permission_classes = (holds("payments.refund_transactions"),)
    throttle_scope = "money"

    @extend_schema(
        tags=["staff"],
        request=AskRefund,
        responses={201: RefundShown, 202: RefundShown},
        examples=[
            OpenApiExample(
                "Part of it",
                {"amount": {"amount": "100.00", "currency": "KES"}, "reason": "Paid twice"},
                request_only=True,
            )
        ],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """201 when it is done, 202 when it waits for a second person. `id` is a line of either side of the payment."""
        asked, user = read(AskRefund, request), signed_in(request)
        line = get_object_or_404(Transaction, pk=pk)
        rows = Payment.objects.select_related("payer", "to_account__owner", "from_account")
        payment = rows.filter(transfer_id=line.transfer_id).first()
        if payment is None:
            raise NotFound(_("That line does not come from a payment. No money moved."))
        row = operations.refund(
            payment=payment,
            amount=asked["amount"],
            reason=asked["reason"],
            key=key_of(request) or uuid.uuid4().hex,
            by=user,
            at=now(),
        )
        return Response(RefundShown(row).data, status=201 if row.status == "DONE" else 202)
