"""Standing orders by API."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.clock import local_date, now
from apps.kernel.idempotency import idempotent, idempotent_after, key_of
from apps.kernel.serializers import MoneyField
from apps.payments import operations, queries
from apps.payments.api.places import Place, WithChallenge, account_of, found, prove
from apps.payments.api.serializers import Confirm
from apps.payments.models import Cadence, DayOff, StandingOrder, StandingOrderRun
from apps.payments.schedule import Schedule
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.doors import signed_in

TAGS = ["standing orders"]
RUNS_SHOWN = 12
EXAMPLE = OpenApiExample(
    "Rent on the fifth",
    {
        "to": "0722 000 114",
        "amount": {"amount": "12000.00", "currency": "KES"},
        "cadence": "MONTHLY",
        "starts_on": "2026-12-01",
        "day": 5,
        "times": 12,
        "day_off": "NEXT",
        "note": "Rent",
    },
    request_only=True,
)


class NewOrder(Place):
    """Who is paid (`payee` is one of one's own book), how much, and when."""

    ways: tuple[str, ...] = ("payee", "to", "phone", "paybill", "till", "bank")

    payee = serializers.UUIDField(required=False)
    from_account = serializers.IntegerField(
        required=False, min_value=1, max_value=2**62, help_text="The main account when left out"
    )
    amount = MoneyField(positive=True)
    cadence = serializers.ChoiceField(choices=Cadence.choices)
    starts_on = serializers.DateField()
    day = serializers.IntegerField(
        required=False, min_value=1, max_value=31, help_text="MONTHLY only; in a shorter month its last day"
    )
    times = serializers.IntegerField(required=False, min_value=1, max_value=10_000)
    until = serializers.DateField(required=False)
    day_off = serializers.ChoiceField(
        choices=DayOff.choices,
        required=False,
        help_text="On weekends and public holidays. NEXT when left out; SAME_DAY for DAILY",
    )
    note = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")


class Which(Strict):
    """The date that is left out; the next one when it is not named."""

    due_on = serializers.DateField(required=False)


class Note(Strict):
    """The words that go with each payment."""

    note = serializers.CharField(max_length=80, allow_blank=True)


class ComingShown(serializers.Serializer[Any]):
    """A date to come; `pay_on` is null when it falls on a day off and is left out."""

    due_on = serializers.DateField()
    pay_on = serializers.DateField(allow_null=True)


class RunShown(serializers.ModelSerializer[StandingOrderRun]):
    """What became of a date."""

    payment: Any = serializers.UUIDField(source="payment.public_id", allow_null=True, default=None)

    class Meta:
        model = StandingOrderRun
        fields = ["due_on", "status", "tries", "payment", "because", "tried_at"]


class OrderShown(WithChallenge, serializers.ModelSerializer[StandingOrder]):
    """A standing order with its next dates, and the last dates behind it."""

    id = serializers.UUIDField(source="public_id")
    amount = MoneyField()
    from_account = serializers.IntegerField(source="from_account_id")
    payee_address = serializers.CharField(max_length=40, help_text="Phone or account number, as it is shown")
    coming = serializers.SerializerMethodField()
    runs = serializers.SerializerMethodField()

    class Meta:
        model = StandingOrder
        fields = [
            "id",
            "status",
            "payee_name",
            "payee_address",
            "kind",
            "rail",
            "from_account",
            "amount",
            "note",
            "cadence",
            "starts_on",
            "day",
            "times",
            "until",
            "day_off",
            "next_due_on",
            "next_try_at",
            "coming",
            "runs",
            "challenge",
            "created_at",
            "expires_at",
            "confirmed_at",
            "ended_at",
        ]

    @extend_schema_field(ComingShown(many=True))
    def get_coming(self, order: StandingOrder) -> Any:
        """The next three dates."""
        return ComingShown(queries.coming(order, self.context["calendar"]), many=True).data

    @extend_schema_field(RunShown(many=True))
    def get_runs(self, order: StandingOrder) -> Any:
        """The last twelve, newest first; empty in lists."""
        return RunShown(self.context.get("runs", []), many=True).data


class StandingOrders(viewsets.GenericViewSet[StandingOrder]):
    """Payments that make themselves."""

    serializer_class = OrderShown
    queryset = StandingOrder.objects.none()
    lookup_field = "public_id"
    filterset_fields = ("status", "cadence")
    search_fields = ("payee_name", "note")
    ordering_fields = ("next_due_on", "created_at")
    ordering = ("-pk",)
    throttle_scope = "money"

    def get_queryset(self) -> Any:
        """Only one's own."""
        return StandingOrder.objects.owned_by(self.request.user)

    def _found(self, request: Request) -> dict[str, Any]:
        asked = read(NewOrder, request)
        return found(asked, signed_in(request), now(), asked["amount"])

    @extend_schema(tags=TAGS, responses=OrderShown(many=True))
    def list(self, request: Request) -> Response:
        """The newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        shown = OrderShown(page, many=True, context={"calendar": queries.calendar_ahead(local_date(now()))})
        return self.get_paginated_response(shown.data)

    @extend_schema(tags=TAGS, responses=OrderShown)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One, with what became of its dates."""
        return self._shown(self._one(public_id))

    @extend_schema(tags=TAGS, request=NewOrder, responses={201: OrderShown}, examples=[EXAMPLE])
    @idempotent_after(_found)
    def create(self, request: Request, prepared: dict[str, Any]) -> Response:
        """Written down with a challenge; `/standing-orders/{id}/confirm/` lets it pay from then on without a proof."""
        asked, user, at = read(NewOrder, request), signed_in(request), now()
        cadence = asked["cadence"]
        order = operations.set_up_order(
            owner=user,
            from_account=account_of(user, asked.get("from_account")),
            where=prepared,
            amount=asked["amount"],
            schedule=Schedule(cadence, asked["starts_on"], asked.get("day"), asked.get("times"), asked.get("until")),
            day_off=asked.get("day_off") or (DayOff.SAME_DAY if cadence == Cadence.DAILY else DayOff.NEXT),
            note=asked["note"],
            key=key_of(request) or uuid.uuid4().hex,
            at=at,
        )
        return self._shown(order, operations.challenge_order(order=order, by=user, at=at), status=201)

    @extend_schema(tags=TAGS, request=None, responses={201: OrderShown})
    def challenge(self, request: Request, public_id: str) -> Response:
        """A new proof for one that still waits."""
        order = self._one(public_id)
        return self._shown(order, operations.challenge_order(order=order, by=signed_in(request), at=now()), status=201)

    @extend_schema(tags=TAGS, request=Confirm, responses=OrderShown)
    def confirm(self, request: Request, public_id: str) -> Response:
        """Prove it once. One that was confirmed before is answered as it is."""
        order, asked, user = self._one(public_id), read(Confirm, request), signed_in(request)
        if order.confirmed_at is None:
            prove(asked, user, now())
            order = operations.confirm_order(order=order, challenge_id=asked["challenge"], by=user, at=now())
        return self._shown(order)

    @extend_schema(tags=TAGS, request=Which, responses=OrderShown)
    @idempotent
    def skip(self, request: Request, public_id: str) -> Response:
        """Leave the next date out. Named by `due_on` it is left out once, however often this is sent."""
        order, asked = self._one(public_id), read(Which, request)
        due_on = asked.get("due_on") or order.next_due_on or order.starts_on
        return self._shown(operations.skip_next(order=order, due_on=due_on, by=signed_in(request), at=now()))

    @extend_schema(tags=TAGS, request=None, responses=OrderShown)
    def pause(self, request: Request, public_id: str) -> Response:
        """Dates go by unpaid until it is resumed."""
        return self._shown(operations.pause_order(order=self._one(public_id), by=signed_in(request), at=now()))

    @extend_schema(tags=TAGS, request=None, responses=OrderShown)
    def resume(self, request: Request, public_id: str) -> Response:
        """Go on with the next date; what went by is not made up for."""
        return self._shown(operations.resume_order(order=self._one(public_id), by=signed_in(request), at=now()))

    @extend_schema(tags=TAGS, request=Note, responses=OrderShown)
    def update(self, request: Request, public_id: str) -> Response:
        """Its note alone: amount, payee and dates were proven, so for others cancel it and set up a new one."""
        note = read(Note, request)["note"]
        order = operations.note_order(order=self._one(public_id), note=note, by=signed_in(request), at=now())
        return self._shown(order)

    @extend_schema(tags=TAGS, request=Note, responses=OrderShown)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """As PUT."""
        return self.update(request, public_id)

    @extend_schema(tags=TAGS, responses={204: None})
    def destroy(self, request: Request, public_id: str) -> Response:
        """End it for good."""
        operations.cancel_order(order=self._one(public_id), by=signed_in(request), at=now())
        return Response(status=204)

    def _one(self, public_id: str) -> StandingOrder:
        row: StandingOrder = get_object_or_404(self.get_queryset(), public_id=public_id)
        return row

    def _shown(self, order: StandingOrder, challenge: Any = None, status: int = 200) -> Response:
        runs = order.runs.select_related("payment").order_by("-due_on")[:RUNS_SHOWN]
        calendar = queries.calendar_ahead(local_date(now()))
        shown = OrderShown(order, context={"calendar": calendar, "runs": runs, "challenge": challenge})
        return Response(shown.data, status=status)
