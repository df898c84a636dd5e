"""Requests to pay and split bills by API."""

import uuid
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import now
from apps.kernel.idempotency import idempotent, key_of
from apps.kernel.pagination import Cursors
from apps.kernel.serializers import MoneyField
from apps.payments import operations
from apps.payments.api.places import account_acted_for, account_of
from apps.payments.api.serializers import PaymentShown
from apps.payments.models import PaymentRequest, SplitBill, paid_of
from apps.payments.operations.request import MOST_SHARES
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.doors import signed_in

TAGS = ["payment requests"]
_KES = {"currency": "KES"}
ASK = OpenApiExample(
    "Lunch", {"phone": "0722 000 114", "amount": {"amount": "350.00", **_KES}, "note": "Lunch"}, request_only=True
)
EQUAL = OpenApiExample(
    "Dinner, in equal parts",
    {
        "total": {"amount": "1000.00", **_KES},
        "note": "Dinner",
        "phones": ["0722 000 114", "0733 000 111"],
        "with_me": True,
    },
    request_only=True,
)
GIVEN = OpenApiExample(
    "Given shares",
    {
        "total": {"amount": "1000.00", **_KES},
        "note": "Dinner",
        "shares": [{"phone": "0722 000 114", "amount": {"amount": "600.00", **_KES}}],
    },
    request_only=True,
)


def _into(words: str = "One's own account; the main one when left out") -> serializers.IntegerField:
    return serializers.IntegerField(required=False, min_value=1, max_value=2**62, help_text=words)


class Ask(Strict):
    """Whom one asks, for how much and what for."""

    phone = serializers.CharField(max_length=24)
    amount = MoneyField(positive=True)
    note = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    into_account = _into("One's own account, or of a business one signs for; the main one when left out")


class PayIt(Strict):
    """From where."""

    from_account = _into()


class Share(Strict):
    """One person's part."""

    phone = serializers.CharField(max_length=24)
    amount = MoneyField(positive=True)


class AskSplit(Strict):
    """A bill, and either `phones` for equal parts or `shares`. What they leave is one's own part."""

    total = MoneyField(positive=True)
    note = serializers.CharField(max_length=80)
    phones = serializers.ListField(child=serializers.CharField(max_length=24), required=False, max_length=MOST_SHARES)
    with_me = serializers.BooleanField(default=True, help_text="With `phones`: one part is one's own")
    shares = Share(many=True, required=False)
    into_account = _into()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if bool(attrs.get("phones")) == bool(attrs.get("shares")):
            raise serializers.ValidationError("Send either phones or shares.")
        return attrs


class RequestShown(serializers.ModelSerializer[PaymentRequest]):
    """A request. Whoever asked sees the phone they typed, never a name; whoever is asked sees who asks."""

    id = serializers.UUIDField(source="public_id")
    amount = MoneyField()
    is_mine = serializers.SerializerMethodField()
    asker = serializers.CharField(source="from_name")
    made_by = serializers.SerializerMethodField()
    phone = serializers.SerializerMethodField()
    bill = serializers.UUIDField(source="split.public_id", allow_null=True, default=None)

    class Meta:
        model = PaymentRequest
        fields = [
            "id",
            "is_mine",
            "asker",
            "made_by",
            "phone",
            "amount",
            "note",
            "status",
            "bill",
            "created_at",
            "expires_at",
            "reminded_at",
            "over_at",
        ]

    def get_is_mine(self, row: PaymentRequest) -> bool:
        """Whether one asked it oneself, or a business one signs for did."""
        return not row.is_asked_of(self.context["user"])

    def get_made_by(self, row: PaymentRequest) -> str:
        """Who of a business made it; empty for the one who is asked, and where that was not kept yet."""
        return row.made_by_name if self.get_is_mine(row) else ""

    def get_phone(self, row: PaymentRequest) -> str:
        """Whom it asks; empty for the one who is asked."""
        return row.to_phone if self.get_is_mine(row) else ""


class BillShown(serializers.Serializer[Any]):
    """A split bill and how far it is."""

    id = serializers.UUIDField(source="public_id")
    total = MoneyField()
    own_part = MoneyField(source="own")
    paid = MoneyField()
    note = serializers.CharField()
    shares = RequestShown(many=True)


class PaymentRequests(mixins.RetrieveModelMixin, viewsets.GenericViewSet[PaymentRequest]):
    """What one asked of others, oneself or for a business one signs for, and what one is asked for."""

    serializer_class = RequestShown
    queryset = PaymentRequest.objects.none()
    pagination_class = Cursors
    filter_backends = (DjangoFilterBackend,)  # a cursor has its own order
    filterset_fields = ("status",)
    lookup_field = "public_id"
    throttle_scope = "money"

    def get_queryset(self) -> Any:
        """Another's is not there."""
        mine = PaymentRequest.objects.visible_to(self.request.user)
        return mine.select_related("asker", "made_by", "split", "into_account")

    def get_serializer_context(self) -> dict[str, Any]:
        """With whoever looks."""
        return {**super().get_serializer_context(), "user": self.request.user}

    @extend_schema(
        tags=TAGS,
        parameters=[OpenApiParameter("side", str, enum=["made", "received"], description="Both when left out")],
        responses=RequestShown(many=True),
    )
    def list(self, request: Request) -> Response:
        """The newest first."""
        rows, user = self.get_queryset(), signed_in(request)
        side = request.query_params.get("side")
        rows = rows.kept_by(user) if side == "made" else rows.asked_of(user) if side == "received" else rows
        rows = self.filter_queryset(rows)
        return self.get_paginated_response(self.get_serializer(self.paginate_queryset(rows), many=True).data)

    @extend_schema(tags=TAGS)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(tags=TAGS, request=Ask, responses={201: RequestShown}, examples=[ASK])
    @idempotent
    def create(self, request: Request) -> Response:
        """The answer is the same whether or not somebody here has that phone."""
        asked, user = read(Ask, request), signed_in(request)
        row = operations.ask_for_payment(
            by=user,
            phone=asked["phone"],
            amount=asked["amount"],
            note=asked["note"],
            into_account=account_acted_for(user, asked.get("into_account")),
            key=key_of(request) or uuid.uuid4().hex,
            at=now(),
        )
        return self._shown(row, status=201)

    @extend_schema(tags=TAGS, request=PayIt, responses={201: PaymentShown})
    @idempotent
    @transaction.atomic
    def pay(self, request: Request, public_id: str) -> Response:
        """Begins the payment; `/payments/{id}/confirm/` proves it, and settles the request with its money."""
        asked, user, at = read(PayIt, request), signed_in(request), now()
        payment = operations.pay_request(
            request=self._one(public_id),
            by=user,
            from_account=account_of(user, asked.get("from_account")),
            key=key_of(request) or uuid.uuid4().hex,
            at=at,
        )
        challenge = operations.challenge(payment=payment, by=user, at=at)
        return Response(PaymentShown(payment, context={"challenge": challenge}).data, status=201)

    @extend_schema(tags=TAGS, request=None, responses=RequestShown)
    def decline(self, request: Request, public_id: str) -> Response:
        """Say no; the asker is told."""
        return self._shown(operations.decline_request(request=self._one(public_id), by=signed_in(request), at=now()))

    @extend_schema(tags=TAGS, request=None, responses=RequestShown)
    def cancel(self, request: Request, public_id: str) -> Response:
        """Ask no longer."""
        return self._shown(operations.cancel_request(request=self._one(public_id), by=signed_in(request), at=now()))

    @extend_schema(tags=TAGS, request=None, responses=RequestShown)
    def remind(self, request: Request, public_id: str) -> Response:
        """Ask once more, at most once a day."""
        return self._shown(operations.remind(request=self._one(public_id), by=signed_in(request), at=now()))

    @extend_schema(tags=TAGS, request=None, responses={204: None})
    def block(self, request: Request, public_id: str) -> Response:
        """Hear nothing more from whoever asked; they do not notice."""
        operations.block_asker(request=self._one(public_id), by=signed_in(request), at=now())
        return Response(status=204)

    def _one(self, public_id: str) -> PaymentRequest:
        row: PaymentRequest = get_object_or_404(self.get_queryset(), public_id=public_id)
        return row

    def _shown(self, row: PaymentRequest, status: int = 200) -> Response:
        return Response(self.get_serializer(row).data, status=status)


def _bill(bill: SplitBill, request: Request) -> dict[str, Any]:
    shares = list(bill.shares.select_related("asker", "made_by", "split").order_by("pk"))
    facts = {"shares": shares, "paid": paid_of(shares, bill.currency)}
    shown = {name: getattr(bill, name) for name in ("public_id", "total", "own", "note")} | facts
    return dict(BillShown(shown, context={"user": request.user}).data)


class Split(APIView):
    """One bill, several shares."""

    throttle_scope = "money"

    @extend_schema(tags=TAGS, request=AskSplit, responses={201: BillShown}, examples=[EQUAL, GIVEN])
    @idempotent
    def post(self, request: Request) -> Response:
        """A request for each share: all of them, or none."""
        asked, user = read(AskSplit, request), signed_in(request)
        if asked.get("phones"):
            shares = operations.equal_shares(asked["total"], asked["phones"], with_me=asked["with_me"])
        else:
            shares = [operations.Share(**share) for share in asked["shares"]]
        bill = operations.split_bill(
            owner=user,
            total_asked=asked["total"],
            shares=shares,
            note=asked["note"],
            into_account=account_of(user, asked.get("into_account")),
            key=key_of(request) or uuid.uuid4().hex,
            at=now(),
        )
        return Response(_bill(bill, request), status=201)


class OneSplit(APIView):
    """A bill one split."""

    @extend_schema(tags=TAGS, responses=BillShown)
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """Who has paid."""
        bill = get_object_or_404(SplitBill, owner_id=request.user.pk, public_id=public_id)
        return Response(_bill(bill, request))
