"""Standing orders of businesses by API: asked by one, in force once as many have signed as the mandate asks."""

import uuid
from datetime import datetime
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
from apps.accounts.models import Account
from apps.kernel.clock import local_date, now
from apps.kernel.idempotency import idempotent, idempotent_after, key_of
from apps.kernel.pagination import Cursors
from apps.kernel.serializers import MoneyField
from apps.payments import operations, queries
from apps.payments.api.joint import TAGS, EndJoint
from apps.payments.api.places import found
from apps.payments.api.standing import RUNS_SHOWN, NewOrder, OrderShown, Which
from apps.payments.models import Cadence, DayOff, JointOrder, JointOrderStatus
from apps.payments.schedule import Schedule
from apps.users import operations as people
from apps.users.api.auth import read
from apps.users.doors import signed_in

EXAMPLE = OpenApiExample(
    "Rent of the workshop",
    {
        "from_account": 7,
        "to": "0722 000 114",
        "amount": {"amount": "48000.00", "currency": "KES"},
        "cadence": "MONTHLY",
        "starts_on": "2026-12-01",
        "day": 1,
        "day_off": "NEXT",
        "note": "Rent",
    },
    request_only=True,
)


class AskJointOrder(NewOrder):
    """Who is paid, how much, when, and from which account of the business. `instead_of` is an order in force that is
    stopped in the moment this one is signed by all.
    """

    ways = ("to", "phone", "paybill", "till", "bank")

    payee: Any = None
    from_account = serializers.IntegerField(min_value=1, max_value=2**62)
    instead_of = serializers.UUIDField(required=False)


class OrderSignatureShown(serializers.Serializer[Any]):
    """Who signed, and when. It `counts` while the mandate names them and they sign for the business."""

    name = serializers.CharField(source="user.full_name")
    at = serializers.DateTimeField()
    counts = serializers.BooleanField()


class JointOrderShown(serializers.ModelSerializer[JointOrder]):
    """A standing order of a business: its terms, dates and payments, who signed it and who may yet."""

    id: Any = serializers.UUIDField(source="order.public_id")
    order = OrderShown()
    each_takes = MoneyField(source="total", help_text="Amount, fee and duty, as of the day it was signed last")
    made_by: Any = serializers.CharField(source="made_by.full_name")
    signed_by = serializers.SerializerMethodField()
    signatures_needed = serializers.SerializerMethodField(
        help_text="By the mandate as it is now; null when too few are left, or once it is over"
    )
    missing = serializers.SerializerMethodField(help_text="Who may sign it yet, while signatures are lacking")
    replaces: Any = serializers.UUIDField(source="replaces.order.public_id", allow_null=True, default=None)

    class Meta:
        model = JointOrder
        fields = ("id", "status", "order", "each_takes", "made_by", "signed_by", "signatures_needed", "missing",
                  "replaces", "created_at", "expires_at", "over_at", "over_because")  # fmt: skip

    @extend_schema_field(OrderSignatureShown(many=True))
    def get_signed_by(self, row: JointOrder) -> Any:
        """In the order they signed."""
        by = self._signing(row)
        signers = by.signers if by else ()
        given = [{"user": one.user, "at": one.at, "counts": one.user in signers} for one in row.signatures.all()]
        return OrderSignatureShown(given, many=True).data

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_signatures_needed(self, row: JointOrder) -> int | None:
        """How many."""
        found = self._signatures(row)
        return found.needed if found else None

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_missing(self, row: JointOrder) -> list[str]:
        """Their names."""
        found = self._signatures(row)
        return [one.full_name for one in found.missing] if found and not found.are_enough else []

    def _signatures(self, row: JointOrder) -> queries.Signatures | None:
        if row.status != JointOrderStatus.WAITING and not row.is_in_force:
            return None
        return queries.signatures_of(row, self._signing(row), row.total)

    def _signing(self, row: JointOrder) -> mandates.Signing | None:
        """How its business signs now; looked up once for a list."""
        known: dict[int, Any] = self.context["signing"]
        if row.business_id not in known:
            known[row.business_id] = mandates.signing_of(row.business)
        signing: mandates.Signing | None = known[row.business_id]
        return signing


def _one(request: Request, pk: int, public_id: uuid.UUID | None) -> JointOrder:
    rows = JointOrder.objects.whole().filter(business=its_business(request, pk))
    return get_object_or_404(rows, order__public_id=public_id)


def _shown(row: JointOrder, status: int = 200) -> Response:
    row = JointOrder.objects.whole().get(pk=row.pk)
    runs = row.order.runs.select_related("payment").order_by("-due_on")[:RUNS_SHOWN]
    context = {"calendar": queries.calendar_ahead(local_date(now())), "runs": runs, "signing": {}}
    return Response(JointOrderShown(row, context=context).data, status=status)


class JointOrders(ListAPIView[JointOrder]):
    """Standing orders and payments on a date of a business."""

    serializer_class = JointOrderShown
    pagination_class = Cursors
    filter_backends = ()
    throttle_scope = "money"
    queryset = JointOrder.objects.none()

    def get_queryset(self) -> Any:
        """For its members."""
        return JointOrder.objects.whole().filter(business=its_business(self.request, self.kwargs["pk"]))

    def get_serializer_context(self) -> dict[str, Any]:
        """What the rows of a list share: the calendar of their dates, the mandate."""
        calendar = queries.calendar_ahead(local_date(now()))
        return {**super().get_serializer_context(), "calendar": calendar, "signing": {}}

    @extend_schema(tags=TAGS, operation_id="business_standing_orders_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first; their dates before are told one by one."""
        return super().get(request, *args, **kwargs)

    def _found(self, request: Request) -> dict[str, Any]:
        """Where it goes is found before anything is written, as a provider may be asked."""
        business = its_business(request, self.kwargs["pk"])
        asked = read(AskJointOrder, request)
        return found(asked, business.party, now(), asked["amount"])

    @extend_schema(tags=TAGS, request=AskJointOrder, responses={201: JointOrderShown}, examples=[EXAMPLE])
    @idempotent_after(_found)
    def post(self, request: Request, pk: int, prepared: dict[str, Any]) -> Response:
        """201: it waits for signatures, of who asks too; it pays nothing before. Whom the mandate names."""
        asked, user, at = read(AskJointOrder, request), signed_in(request), now()
        return _shown(_ask(request, pk, asked, prepared, user, at), 201)


def _ask(
    request: Request, pk: int, asked: dict[str, Any], where: dict[str, Any], user: Any, at: datetime
) -> JointOrder:
    rows = Account.objects.filter(owner=its_business(request, pk).party_id).select_related("owner", "product")
    cadence = asked["cadence"]
    return operations.ask_joint_order(
        from_account=get_object_or_404(rows, pk=asked["from_account"]),
        where=where,
        amount=asked["amount"],
        schedule=Schedule(cadence, asked["starts_on"], asked.get("day"), asked.get("times"), asked.get("until")),
        day_off=asked.get("day_off") or (DayOff.SAME_DAY if cadence == Cadence.DAILY else DayOff.NEXT),
        note=asked["note"],
        instead_of=_one(request, pk, asked["instead_of"]) if "instead_of" in asked else None,
        key=key_of(request) or uuid.uuid4().hex,
        by=user,
        at=at,
    )


class OneJointOrder(APIView):
    """One of them."""

    @extend_schema(tags=TAGS, responses=JointOrderShown)
    def get(self, request: Request, pk: int, public_id: uuid.UUID) -> Response:
        """Its terms, who signed, its next dates and what became of those before."""
        return _shown(_one(request, pk, public_id))


class JointOrderChallenge(APIView):
    """Proof before signing."""

    throttle_scope = "money"

    @extend_schema(tags=TAGS, request=None, responses={201: MandateChallenge})
    def post(self, request: Request, pk: int, public_id: uuid.UUID) -> Response:
        """Ask for it: for all its terms."""
        row = operations.challenge_joint_order(joint=_one(request, pk, public_id), by=signed_in(request), at=now())
        return Response(MandateChallenge(row).data, status=201)


class JointOrderSign(APIView):
    """Agree to it."""

    throttle_scope = "money"

    @extend_schema(tags=TAGS, request=SignMandate, responses=JointOrderShown)
    def post(self, request: Request, pk: int, public_id: uuid.UUID) -> Response:
        """With proof; the last signature that is needed puts it in force. In force it takes more when, by a changed
        mandate, they are not enough. Signed before, it is answered as it is.
        """
        row, asked, user = _one(request, pk, public_id), read(SignMandate, request), signed_in(request)
        if answer := asked["credential"] or asked["code"]:
            people.answer(challenge_id=asked["challenge"], user=user, answer=answer, at=now())
        return _shown(operations.sign_joint_order(joint=row, challenge_id=asked["challenge"], by=user, at=now()))


class JointOrderEnd(APIView):
    """Not to be paid, or not any more."""

    throttle_scope = "money"

    @extend_schema(tags=TAGS, request=EndJoint, responses=JointOrderShown)
    def post(self, request: Request, pk: int, public_id: uuid.UUID) -> Response:
        """While it waits taken back by who made it, or turned down by another signatory with a reason; in force stopped
        by any one signatory. What was paid stays paid.
        """
        row, reason = _one(request, pk, public_id), read(EndJoint, request)["reason"]
        return _shown(operations.end_joint_order(joint=row, by=signed_in(request), at=now(), reason=reason))


class JointOrderSkip(APIView):
    """Without its next date."""

    throttle_scope = "money"

    @extend_schema(tags=TAGS, request=Which, responses=JointOrderShown)
    @idempotent
    def post(self, request: Request, pk: int, public_id: uuid.UUID) -> Response:
        """Any one signatory leaves it out. Named by `due_on` it is left out once, however often this is sent."""
        row, asked = _one(request, pk, public_id), read(Which, request)
        due_on = asked.get("due_on") or row.order.next_due_on or row.order.starts_on
        return _shown(operations.skip_joint_order(joint=row, due_on=due_on, by=signed_in(request), at=now()))
