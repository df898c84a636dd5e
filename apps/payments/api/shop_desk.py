"""Shops at the bank's desk, by API: whose money waits for an account, and asking for a change."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import Account
from apps.kernel.clock import now
from apps.kernel.serializers import MoneyField
from apps.payments import operations, queries
from apps.payments.api.airtime import AskedFor
from apps.payments.models import Merchant, MerchantStatus
from apps.payments.operations.shop_change import RIGHT
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.api.staff import holds
from apps.users.doors import signed_in


class HeldShop(serializers.Serializer[Any]):
    """A shop whose takings cannot be paid out."""

    id = serializers.UUIDField(source="merchant.public_id")
    trading_name = serializers.CharField(source="merchant.trading_name")
    till = serializers.CharField(source="merchant.till")
    amount = MoneyField()
    since = serializers.DateTimeField()


class AskShopChange(Strict):
    """Another state, another account, or both; and why."""

    status = serializers.ChoiceField(choices=MerchantStatus.choices, required=False, default="")
    account = serializers.CharField(max_length=24, required=False, help_text="Account number, of the shop's owner")
    reason = serializers.CharField(max_length=200)


class HeldShops(APIView):
    """Shops with a closed account."""

    permission_classes = (holds(RIGHT),)

    @extend_schema(tags=["staff"], responses=HeldShop(many=True))
    def get(self, request: Request) -> Response:
        """The longest first; the money is in the bank's payable until another account is named."""
        return Response(HeldShop(queries.held_takings(), many=True).data)


class ChangeShop(APIView):
    """Changing a shop, by two."""

    permission_classes = (holds(RIGHT),)
    throttle_scope = "money"

    @extend_schema(
        tags=["staff"],
        request=AskShopChange,
        responses={202: AskedFor},
        examples=[
            OpenApiExample(
                "Another account", {"account": "001000000042", "reason": "The old one is closed"}, request_only=True
            )
        ],
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Asks a second person to agree."""
        rows = Merchant.objects.select_related("business", "settlement_account")
        merchant, asked = get_object_or_404(rows, public_id=public_id), read(AskShopChange, request)
        account = None
        if "account" in asked:
            number = asked["account"].replace(" ", "")
            account = get_object_or_404(Account.objects.select_related("owner"), number=number)
        approval = operations.ask_merchant_change(
            merchant=merchant,
            status=asked["status"],
            account=account,
            reason=asked["reason"],
            by=signed_in(request),
            at=now(),
        )
        return Response({"approval": approval.pk}, status=202)
