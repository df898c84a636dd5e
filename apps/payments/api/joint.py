"""Payments out of business accounts by API: asked by one, signed by as many as the mandate asks."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import mandates
from apps.accounts.api.mandates import MandateChallenge, SignMandate, its_business
from apps.accounts.models import Account, TransactionType
from apps.kernel.clock import now
from apps.kernel.idempotency import idempotent_after, key_of
from apps.kernel.pagination import Cursors
from apps.kernel.serializers import MoneyField
from apps.payments import operations
from apps.payments.api.serializers import PaymentShown
from apps.payments.models import JointPayment, JointStatus
from apps.payments.queries import signatures_needed
from apps.payments.rails import Destination
from apps.users import operations as people
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.doors import signed_in

TAGS = ["businesses"]


class AskJoint(Strict):
    """To whom, how much, from which account of the business. `mobile_money`: `to` is a phone with M-Pesa."""

    from_account = serializers.IntegerField(min_value=1, max_value=2**62)
    to = serializers.CharField(max_length=600, help_text="Phone, account number, a shop's number or QR text")
    amount = MoneyField(positive=True)
    note = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    mobile_money = serializers.BooleanField(default=False)


class EndJoint(Strict):
    """Why; who made it need not say."""

    reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class JointShown(serializers.ModelSerializer[JointPayment]):
    """A payment of a business, who signed it and how many must."""

    id: Any = serializers.UUIDField(source="payment.public_id")
    payment = PaymentShown()
    made_by: Any = serializers.CharField(source="made_by.full_name")
    signed_by = serializers.SerializerMethodField()
    signatures_needed = serializers.SerializerMethodField(help_text="Null when too few are left, or once it is over")

    class Meta:
        model = JointPayment
        fields = ("id", "status", "payment", "made_by", "signed_by", "signatures_needed", "created_at", "expires_at",
                  "over_at", "over_because")  # fmt: skip

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_signed_by(self, row: JointPayment) -> list[str]:
        """Who has signed."""
        return [one.user.full_name for one in row.signatures.all()]

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_signatures_needed(self, row: JointPayment) -> int | None:
        """By the mandate as it is now; looked up once for a list."""
        if row.status != JointStatus.WAITING:
            return None
        known: dict[int, Any] = self.context.get("signing", {})
        if row.business_id not in known:
            known[row.business_id] = mandates.signing_of(row.business)
        return signatures_needed(row, known[row.business_id])


def _one(request: Request, pk: int, public_id: uuid.UUID) -> JointPayment:
    rows = JointPayment.objects.whole().filter(business=its_business(request, pk))
    return get_object_or_404(rows, payment__public_id=public_id)


def _shown(row: JointPayment, status: int = 200) -> Response:
    return Response(JointShown(JointPayment.objects.whole().get(pk=row.pk)).data, status=status)


class JointPayments(ListAPIView[JointPayment]):
    """Payments of a business that were, or are, waiting for signatures."""

    serializer_class = JointShown
    pagination_class = Cursors
    filter_backends = ()
    throttle_scope = "money"
    queryset = JointPayment.objects.none()

    def get_queryset(self) -> Any:
        """For its members."""
        return JointPayment.objects.whole().filter(business=its_business(self.request, self.kwargs["pk"]))

    def get_serializer_context(self) -> dict[str, Any]:
        """Where the mandate of a list is kept once it was looked up."""
        return {**super().get_serializer_context(), "signing": {}}

    @extend_schema(tags=TAGS, operation_id="business_payments_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().get(request, *args, **kwargs)

    def _prepared(self, request: Request) -> tuple[dict[str, Any], Destination | None]:
        """What was asked; where it leaves to is found before anything is written, as a provider may be asked."""
        its_business(request, self.kwargs["pk"])
        asked = read(AskJoint, request)
        if not asked.pop("mobile_money"):
            return asked, None
        found = operations.find_destination(
            rail="mpesa", kind=TransactionType.MOBILE_MONEY, asked={"phone": asked.pop("to")},
            amount=asked["amount"], at=now(),
        )  # fmt: skip
        return asked, found

    @extend_schema(
        tags=TAGS,
        request=AskJoint,
        responses={201: JointShown},
        examples=[
            OpenApiExample(
                "Steel",
                {
                    "from_account": 7,
                    "to": "0722 000 114",
                    "amount": {"amount": "48000.00", "currency": "KES"},
                    "note": "Steel",
                },
                request_only=True,
            )
        ],
    )
    @idempotent_after(_prepared)
    def post(self, request: Request, pk: int, prepared: tuple[dict[str, Any], Destination | None]) -> Response:
        """201: it waits for signatures, of who asks too; nothing moved. Whom the mandate names."""
        asked, destination = dict(prepared[0]), prepared[1]
        business = its_business(request, pk)
        account = get_object_or_404(
            Account.objects.filter(owner=business.party_id).select_related("owner", "product"),
            pk=asked.pop("from_account"),
        )
        more: dict[str, Any] = {"from_account": account, "key": key_of(request) or uuid.uuid4().hex}
        more |= {"by": signed_in(request), "at": now()}
        if destination is None:
            return _shown(operations.ask_joint(**asked, **more), 201)
        kind = TransactionType.MOBILE_MONEY.value
        row = operations.ask_joint_by_rail(rail="mpesa", kind=kind, destination=destination, **asked, **more)
        return _shown(row, 201)


class Joint(APIView):
    """One of them."""

    @extend_schema(tags=TAGS, responses=JointShown)
    def get(self, request: Request, pk: int, public_id: uuid.UUID) -> Response:
        """Who signed, and what became of it."""
        return Response(JointShown(_one(request, pk, public_id)).data)


class JointChallenge(APIView):
    """Proof before signing."""

    throttle_scope = "money"

    @extend_schema(tags=TAGS, request=None, responses={201: MandateChallenge})
    def post(self, request: Request, pk: int, public_id: uuid.UUID) -> Response:
        """Ask for it."""
        row = operations.challenge_joint(joint=_one(request, pk, public_id), by=signed_in(request), at=now())
        return Response(MandateChallenge(row).data, status=201)


class JointSign(APIView):
    """Agree to it."""

    throttle_scope = "money"

    @extend_schema(tags=TAGS, request=SignMandate, responses=JointShown)
    def post(self, request: Request, pk: int, public_id: uuid.UUID) -> Response:
        """With proof; the last signature that is needed pays it. Signed before, it is answered as it is."""
        row, asked, user = _one(request, pk, public_id), read(SignMandate, request), signed_in(request)
        if answer := asked["credential"] or asked["code"]:
            people.answer(challenge_id=asked["challenge"], user=user, answer=answer, at=now())
        return _shown(operations.sign_joint(joint=row, challenge_id=asked["challenge"], by=user, at=now()))


class JointEnd(APIView):
    """Not to be paid."""

    throttle_scope = "money"

    @extend_schema(tags=TAGS, request=EndJoint, responses=JointShown)
    def post(self, request: Request, pk: int, public_id: uuid.UUID) -> Response:
        """Taken back by who made it, or turned down by another signatory with a reason; signed by all, stopped by
        any of them while it is held for a moment. No money left.
        """
        row, reason = _one(request, pk, public_id), read(EndJoint, request)["reason"]
        return _shown(operations.end_joint(joint=row, by=signed_in(request), at=now(), reason=reason))
