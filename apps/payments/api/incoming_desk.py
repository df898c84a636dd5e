"""What other banks sent, for staff: all of it, what waits, whose it is, and what goes back."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import Account
from apps.kernel.clock import now
from apps.kernel.serializers import MoneyField
from apps.payments.api.airtime import AskedFor
from apps.payments.models import IncomingStatus, IncomingTransfer
from apps.payments.operations import banks
from apps.payments.operations.banks.placing import LISTS, RIGHT
from apps.payments.operations.banks.returning import REASONS
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.api.staff import holds
from apps.users.doors import signed_in

_STATUS = OpenApiParameter("status", str, enum=IncomingStatus.values)


class DeskShown(serializers.ModelSerializer[IncomingTransfer]):
    """A transfer as it came: `asked_account` and `asked_name` are what the other bank wrote."""

    id = serializers.UUIDField(source="public_id")
    amount = MoneyField()
    account = serializers.CharField(source="account.number", allow_null=True, default=None)
    status = serializers.CharField(help_text="CREDITED, SUSPENSE, REFUSED, RETURNING or RETURNED")

    class Meta:
        model = IncomingTransfer
        fields = [
            "id", "reference", "channel", "uetr", "amount", "payer_name", "payer_bank", "asked_account", "asked_name",
            "words", "account", "status", "reason", "received_at",
        ]  # fmt: skip


class AskToPlace(Strict):
    """Whose money it is, and how one knows."""

    account = serializers.CharField(max_length=24, help_text="Number of the account")
    reason = serializers.CharField(max_length=200)


class AskToReturn(Strict):
    """Why it goes back: the code for the other bank, and words for our record."""

    code = serializers.ChoiceField(choices=sorted(REASONS), help_text="ISO 20022 return reason")
    reason = serializers.CharField(max_length=200)


class AskToRelease(Strict):
    """How one knows that it is somebody else."""

    reason = serializers.CharField(max_length=200)


class DeskTransfers(ListAPIView[IncomingTransfer]):
    """All of it."""

    permission_classes = (holds(RIGHT),)
    serializer_class = DeskShown
    filter_backends = ()
    queryset = IncomingTransfer.objects.select_related("account").order_by("-pk")

    @extend_schema(tags=["staff"], parameters=[_STATUS])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first; `status=SUSPENSE` is what waits."""
        if (status := request.query_params.get("status")) in IncomingStatus.values:
            self.queryset = self.queryset.filter(status=status)
        return super().get(request, *args, **kwargs)


class PlaceTransfer(APIView):
    """Money in suspense is somebody's."""

    permission_classes = (holds(RIGHT),)
    throttle_scope = "money"

    @extend_schema(
        tags=["staff"],
        request=AskToPlace,
        responses={202: AskedFor},
        examples=[
            OpenApiExample("A digit was wrong", {"account": "10000423", "reason": "She called"}, request_only=True)
        ],
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Asks a second person to agree."""
        row, asked = get_object_or_404(IncomingTransfer, public_id=public_id), read(AskToPlace, request)
        account = get_object_or_404(Account.objects.select_related("owner"), number=asked["account"].replace(" ", ""))
        approval = banks.ask_to_place(row=row, account=account, why=asked["reason"], by=signed_in(request), at=now())
        return Response({"approval": approval.pk}, status=202)


class ReleaseTransfer(APIView):
    """The payer is not who is on the list."""

    permission_classes = (holds(LISTS),)
    throttle_scope = "money"

    @extend_schema(tags=["staff"], request=AskToRelease, responses={202: AskedFor})
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Asks a second person to agree; then it goes where it was meant to go."""
        row, asked = get_object_or_404(IncomingTransfer, public_id=public_id), read(AskToRelease, request)
        approval = banks.ask_to_release(row=row, why=asked["reason"], by=signed_in(request), at=now())
        return Response({"approval": approval.pk}, status=202)


class ReturnTransfer(APIView):
    """Money in suspense goes back."""

    permission_classes = (holds(RIGHT),)
    throttle_scope = "money"

    @extend_schema(tags=["staff"], request=AskToReturn, responses={202: AskedFor})
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Asks a second person to agree; then the other bank is sent it."""
        row, asked = get_object_or_404(IncomingTransfer, public_id=public_id), read(AskToReturn, request)
        approval = banks.ask_to_return(
            row=row, reason=asked["code"], why=asked["reason"], by=signed_in(request), at=now()
        )
        return Response({"approval": approval.pk}, status=202)
