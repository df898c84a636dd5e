"""Codes for M-Pesa's own app, by API."""

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
from apps.mpesa import operations
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.doors import signed_in


class AskMpesaCode(Strict):
    """Into which account, and how much."""

    account = serializers.IntegerField(min_value=1, max_value=2**62)
    amount = MoneyField(positive=True)


class MpesaCodeShown(serializers.Serializer[Any]):
    """The code as a picture, and what it says."""

    png = serializers.CharField(source="data", help_text="Base64")
    paybill = serializers.CharField()
    account = serializers.CharField(help_text="The account number the payer would type")
    amount = MoneyField()


class MpesaCodes(APIView):
    """Being paid by M-Pesa's app."""

    throttle_scope = "money"

    @extend_schema(
        tags=["mpesa"],
        request=AskMpesaCode,
        responses={201: MpesaCodeShown},
        examples=[
            OpenApiExample(
                "Lunch", {"account": 1, "amount": {"amount": "350.00", "currency": "KES"}}, request_only=True
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """201 with a code that anybody's M-Pesa app pays; what is paid comes to the account by the paybill."""
        asked, user = read(AskMpesaCode, request), signed_in(request)
        account = get_object_or_404(Account.objects.owned_by(user), pk=asked["account"])
        return Response(
            MpesaCodeShown(operations.mpesa_code(account=account, amount=asked["amount"], by=user, at=now())).data, 201
        )
