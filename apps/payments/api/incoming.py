"""What other banks sent to one's accounts, and what they want back, by API."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import now
from apps.kernel.serializers import MoneyField
from apps.payments.api.places import WithChallenge, prove
from apps.payments.api.serializers import Confirm
from apps.payments.incoming_news import payer_of, shown_reason
from apps.payments.models import AskedBack, IncomingTransfer
from apps.payments.operations import banks
from apps.payments.signing_back import SigningBack, signing_back
from apps.users.api.auth import read
from apps.users.doors import signed_in

TAGS = ["other banks"]


class IncomingShown(serializers.ModelSerializer[IncomingTransfer]):
    """One transfer; `reference` is on the line of the account."""

    id = serializers.UUIDField(source="public_id")
    account = serializers.IntegerField(source="account_id")
    amount = MoneyField()
    payer = serializers.SerializerMethodField(help_text="Name and bank, as the other bank tells them")
    status = serializers.CharField(help_text="CREDITED, RETURNING, RETURNED")

    class Meta:
        model = IncomingTransfer
        fields = ["id", "reference", "account", "amount", "payer", "words", "status", "received_at"]

    def get_payer(self, row: IncomingTransfer) -> str:
        """Who sent it."""
        return payer_of(row)


class SignaturesShown(serializers.Serializer[SigningBack]):
    """How far a business is."""

    business = serializers.CharField()
    signed_by = serializers.SerializerMethodField()
    needed = serializers.IntegerField(allow_null=True, help_text="Null when too few are left, or once it is over")

    def get_signed_by(self, found: SigningBack) -> list[str]:
        """Their names."""
        return [one.full_name for one in found.signed]


class AskedBackShown(WithChallenge, serializers.ModelSerializer[AskedBack]):
    """A wish of another bank: nothing happens unless one agrees, and after `due_at` it is over."""

    id = serializers.UUIDField(source="public_id")
    transfer = IncomingShown(source="incoming")
    reason = serializers.CharField(help_text="ISO 20022 cancellation reason; may be empty")
    because = serializers.SerializerMethodField(help_text="The reason in words")
    status = serializers.CharField(help_text="ASKED, AGREED or REFUSED")
    signatures = serializers.SerializerMethodField(help_text="Of a business's money; null for one's own")

    class Meta:
        model = AskedBack
        fields = [
            "id", "transfer", "reason", "because", "words", "status", "signatures", "asked_at", "due_at", "answered_at",
            "challenge",
        ]  # fmt: skip

    @extend_schema_field(SignaturesShown(allow_null=True))
    def get_signatures(self, row: AskedBack) -> dict[str, Any] | None:
        """Who has signed, and how many must."""
        found = signing_back(row)
        return None if found is None else dict(SignaturesShown(found).data)

    def get_because(self, row: AskedBack) -> str:
        """In words."""
        return shown_reason(row.reason)


class IncomingTransfers(ListAPIView[IncomingTransfer]):
    """What other banks sent."""

    serializer_class = IncomingShown
    filter_backends = ()
    queryset = IncomingTransfer.objects.none()

    def get_queryset(self) -> Any:
        """One's own, the newest first."""
        rows = IncomingTransfer.objects.of(signed_in(self.request)).arrived()
        return rows.select_related("account").order_by("-pk")

    @extend_schema(tags=TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().get(request, *args, **kwargs)


class AskedBackList(ListAPIView[AskedBack]):
    """What they want back."""

    serializer_class = AskedBackShown
    filter_backends = ()
    queryset = AskedBack.objects.none()

    def get_queryset(self) -> Any:
        """Of one's own accounts and those of one's businesses, the newest first."""
        return AskedBack.objects.of(signed_in(self.request)).order_by("-pk")

    @extend_schema(tags=TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().get(request, *args, **kwargs)


def _one(request: Request, public_id: uuid.UUID) -> AskedBack:
    return get_object_or_404(AskedBack.objects.of(signed_in(request)), public_id=public_id)


class OneAskedBack(APIView):
    """One of them."""

    @extend_schema(tags=TAGS, responses=AskedBackShown)
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """Who wants what back, why, and until when one may answer."""
        return Response(AskedBackShown(_one(request, public_id)).data)


class ProveSendingBack(APIView):
    """Proof before it goes."""

    throttle_scope = "money"

    @extend_schema(tags=TAGS, request=None, responses={201: AskedBackShown})
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Ask for it: bound to this amount and this payer."""
        row = _one(request, public_id)
        asked = banks.challenge_sending_back(asked=row, by=signed_in(request), at=now())
        return Response(AskedBackShown(row, context={"challenge": asked}).data, status=201)


class SendBack(APIView):
    """Agreeing."""

    throttle_scope = "money"

    @extend_schema(
        tags=TAGS,
        request=Confirm,
        responses=AskedBackShown,
        examples=[
            OpenApiExample(
                "With an SMS code",
                {"challenge": "7f2f7c1e-3c55-4d0e-9f55-0d8c0a1b2c3d", "code": "123456"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """With proof: the money leaves the account at once; a business's leaves with the last signature that its
        mandate asks for, and stays ASKED until then. Agreed before, it is answered as it is.
        """
        row, asked, user = _one(request, public_id), read(Confirm, request), signed_in(request)
        prove(asked, user, now())
        row = banks.send_back(asked=row, challenge_id=asked["challenge"], by=user, at=now())
        return Response(AskedBackShown(row).data)


class Keep(APIView):
    """Refusing."""

    throttle_scope = "money"

    @extend_schema(tags=TAGS, request=None, responses=AskedBackShown)
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """The money stays; no money moves. For a business, anyone whom its mandate names."""
        row = banks.keep(asked=_one(request, public_id), by=signed_in(request), at=now())
        return Response(AskedBackShown(row).data)
