"""Fixed and growing deposits by API."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import certificates, deposits, operations
from apps.accounts.api.rules import own_account
from apps.accounts.models import FixedDeposit, OnMaturity
from apps.kernel.clock import local_date, now
from apps.kernel.idempotency import idempotent, key_of
from apps.kernel.money import Money
from apps.kernel.serializers import MoneyField
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.doors import signed_in

TAGS = ["deposits"]
EXAMPLE = OpenApiExample(
    "A year",
    {"from_account": 11, "amount": {"amount": "100000.00", "currency": "KES"}, "months": 12, "on_maturity": "ROLL_ALL"},
    request_only=True,
)


class NewDeposit(Strict):
    """How much, from where, for how long."""

    from_account = serializers.IntegerField(min_value=1, max_value=2**62)
    amount = MoneyField(positive=True, help_text="For a growing deposit: each month")
    months = serializers.IntegerField(min_value=1, max_value=120)
    on_maturity = serializers.ChoiceField(choices=OnMaturity.choices, required=False, default=OnMaturity.PAY_OUT)
    recurring = serializers.BooleanField(default=False, help_text="The same amount again each month")


class AtMaturity(Strict):
    """What becomes of it at the end of its term."""

    on_maturity = serializers.ChoiceField(choices=OnMaturity.choices)


class DepositShown(serializers.ModelSerializer[FixedDeposit]):
    """A term of a deposit."""

    id = serializers.UUIDField(source="public_id")
    account = serializers.IntegerField(source="account_id")
    from_account = serializers.IntegerField(source="from_account_id")
    principal = MoneyField()
    instalment: Any = MoneyField(allow_null=True)

    class Meta:
        model = FixedDeposit
        fields = [
            "id",
            "account",
            "from_account",
            "principal",
            "months",
            "rate",
            "premature_rate",
            "starts_on",
            "matures_on",
            "on_maturity",
            "status",
            "instalment",
            "next_instalment_on",
            "missed",
            "opened_at",
            "ended_at",
        ]


class CellShown(serializers.Serializer[Any]):
    """One figure of the chart."""

    months = serializers.IntegerField()
    from_amount = MoneyField()
    rate = serializers.DecimalField(max_digits=6, decimal_places=5)


class ChartShown(serializers.Serializer[Any]):
    """What deposits get today, and what is left of it when one is broken early."""

    currency = serializers.CharField()
    valid_from = serializers.DateField()
    premature_rate = serializers.DecimalField(max_digits=6, decimal_places=5)
    rates = CellShown(many=True)


class Deposits(viewsets.GenericViewSet[FixedDeposit]):
    """Money laid aside for a term."""

    serializer_class = DepositShown
    queryset = FixedDeposit.objects.none()
    lookup_field = "public_id"
    filterset_fields = ("status",)
    search_fields: tuple[str, ...] = ()
    ordering_fields = ("matures_on", "opened_at")
    ordering = ("-pk",)
    throttle_scope = "money"

    def get_queryset(self) -> Any:
        """Only one's own."""
        return FixedDeposit.objects.owned_by(self.request.user).select_related("account", "from_account", "owner")

    @extend_schema(tags=TAGS, responses=DepositShown(many=True))
    def list(self, request: Request) -> Response:
        """The newest first, ended ones too."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(DepositShown(page, many=True).data)

    @extend_schema(tags=TAGS, responses=DepositShown)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One."""
        return Response(DepositShown(self._one(public_id)).data)

    @extend_schema(tags=TAGS, request=NewDeposit, responses={201: DepositShown}, examples=[EXAMPLE])
    @idempotent
    def create(self, request: Request) -> Response:
        """At the rate of today's chart."""
        asked, user = read(NewDeposit, request), signed_in(request)
        asked["from_account"] = own_account(user, asked["from_account"])
        deposit = operations.open_deposit(owner=user, key=key_of(request) or uuid.uuid4().hex, at=now(), **asked)
        return Response(DepositShown(deposit).data, status=201)

    @extend_schema(tags=TAGS, request=AtMaturity, responses=DepositShown)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """What becomes of it at the end."""
        deposit = self._one(public_id)
        then = read(AtMaturity, request)["on_maturity"]
        deposit = operations.choose_at_maturity(deposit=deposit, on_maturity=then, by=signed_in(request), at=now())
        return Response(DepositShown(deposit).data)

    @extend_schema(tags=TAGS, request=None, responses=DepositShown)
    @idempotent
    def take_out(self, request: Request, public_id: str) -> Response:
        """Before its term, at the rate for that."""
        operations.break_deposit(deposit=self._one(public_id), by=signed_in(request), at=now())
        return Response(DepositShown(self._one(public_id)).data)

    @extend_schema(tags=TAGS, responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def certificate(self, request: Request, public_id: str) -> HttpResponse:
        """As PDF."""
        return certificates.file_of(self._one(public_id), at=now())

    @extend_schema(tags=TAGS, responses=ChartShown)
    def rates(self, request: Request) -> Response:
        """Of shillings, today."""
        found = deposits.chart("KES", local_date(now()))
        cells = [
            {"months": cell.months, "from_amount": Money(cell.from_minor, "KES"), "rate": cell.rate}
            for cell in sorted(found.cells if found else (), key=lambda cell: (cell.months, cell.from_minor))
        ]
        chart = found.row if found else None
        said = {
            "currency": "KES",
            "valid_from": chart.valid_from if chart else None,
            "premature_rate": chart.premature_rate if chart else 0,
            "rates": cells,
        }
        return Response(ChartShown(said).data)

    def _one(self, public_id: str) -> FixedDeposit:
        row: FixedDeposit = get_object_or_404(self.get_queryset(), public_id=public_id)
        return row
