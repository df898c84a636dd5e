"""The recipient book by API."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.clock import now
from apps.kernel.idempotency import idempotent_after
from apps.payments import operations
from apps.payments.api.places import Place, WithChallenge, found, prove
from apps.payments.api.serializers import Confirm
from apps.payments.models import Payee
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.doors import signed_in

TAGS = ["payees"]
EXAMPLE = OpenApiExample("At KitBank", {"nickname": "Mama", "to": "0722 000 114"}, request_only=True)
LANDLORD = OpenApiExample(
    "At another bank",
    {"nickname": "Landlord", "bank": "01", "account": "01109876543217", "name": "Peter Kamau"},
    request_only=True,
)
WATER = OpenApiExample("A bill", {"nickname": "Water", "paybill": "888880", "account": "W-1201"}, request_only=True)


class NewPayee(Place):
    """Somebody to keep."""

    nickname = serializers.CharField(max_length=40)


class Rename(Strict):
    """What one calls them."""

    nickname = serializers.CharField(max_length=40)


class PayeeShown(WithChallenge, serializers.ModelSerializer[Payee]):
    """A payee; `saved_at` is empty, and `challenge` there, while it waits for its proof."""

    id = serializers.UUIDField(source="public_id")
    destination = serializers.JSONField(required=False)
    payee_address = serializers.CharField(max_length=40, help_text="Phone or account number, as it is shown")

    class Meta:
        model = Payee
        fields = [
            "id",
            "nickname",
            "kind",
            "rail",
            "destination",
            "payee_name",
            "payee_address",
            "saved_at",
            "challenge",
        ]


class Payees(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Payee]):
    """Whom one pays again."""

    serializer_class = PayeeShown
    queryset = Payee.objects.none()
    lookup_field = "public_id"
    filterset_fields = ("kind", "rail")
    search_fields = ("nickname", "payee_name")
    ordering_fields = ("nickname", "saved_at")
    ordering = ("nickname", "pk")
    throttle_scope = "money"

    def get_queryset(self) -> Any:
        """Only one's own; those that wait for their proof are not in the book yet."""
        mine = Payee.objects.owned_by(self.request.user)
        return mine.saved() if self.action not in {"challenge", "confirm"} else mine.filter(removed_at=None)

    def _found(self, request: Request) -> dict[str, Any]:
        return found(read(NewPayee, request), signed_in(request), now())

    @extend_schema(tags=TAGS)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """By what one calls them."""
        return super().list(request, *args, **kwargs)

    @extend_schema(tags=TAGS)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(tags=TAGS, request=NewPayee, responses={201: PayeeShown}, examples=[EXAMPLE, WATER, LANDLORD])
    @idempotent_after(_found)
    def create(self, request: Request, prepared: dict[str, Any]) -> Response:
        """Somebody paid before is kept at once; somebody new once `/payees/{id}/confirm/` has the proof."""
        asked, user, at = read(NewPayee, request), signed_in(request), now()
        payee = operations.add_payee(owner=user, where=prepared, nickname=asked["nickname"], at=at)
        row = None if payee.saved_at else operations.challenge_payee(payee=payee, by=user, at=at)
        return Response(PayeeShown(payee, context={"challenge": row}).data, status=201)

    @extend_schema(tags=TAGS, request=None, responses={201: PayeeShown})
    def challenge(self, request: Request, public_id: str) -> Response:
        """A new proof for one that still waits."""
        payee = self._one(public_id)
        row = operations.challenge_payee(payee=payee, by=signed_in(request), at=now())
        return Response(PayeeShown(payee, context={"challenge": row}).data, status=201)

    @extend_schema(tags=TAGS, request=Confirm, responses=PayeeShown)
    def confirm(self, request: Request, public_id: str) -> Response:
        """Prove and keep. One that is kept already is answered as it is."""
        payee, asked, user = self._one(public_id), read(Confirm, request), signed_in(request)
        if payee.saved_at is None:
            prove(asked, user, now())
            payee = operations.confirm_payee(payee=payee, challenge_id=asked["challenge"], by=user, at=now())
        return Response(PayeeShown(payee).data)

    @extend_schema(tags=TAGS, request=Rename, responses=PayeeShown)
    def update(self, request: Request, public_id: str) -> Response:
        """Call them something else; who they are does not change."""
        asked = read(Rename, request)
        payee = operations.rename_payee(
            payee=self._one(public_id), nickname=asked["nickname"], by=signed_in(request), at=now()
        )
        return Response(PayeeShown(payee).data)

    @extend_schema(tags=TAGS, request=Rename, responses=PayeeShown)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """As PUT."""
        return self.update(request, public_id)

    @extend_schema(tags=TAGS, responses={204: None})
    def destroy(self, request: Request, public_id: str) -> Response:
        """Out of the book; payments and standing orders to them stay."""
        operations.remove_payee(payee=self._one(public_id), by=signed_in(request), at=now())
        return Response(status=204)

    def _one(self, public_id: str) -> Payee:
        row: Payee = get_object_or_404(self.get_queryset(), public_id=public_id)
        return row
