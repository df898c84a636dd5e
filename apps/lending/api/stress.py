"""Stress tests by API, for staff who see the portfolio: running one, and reading those that were run."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import local_date, now
from apps.lending import operations, stress
from apps.lending.models import LoanProduct, StressRun
from apps.lending.rules.stress import Shock
from apps.lending.stress_words import lines_in_words, shock_in_words
from apps.users.api.auth import read
from apps.users.api.staff import holds
from apps.users.api.strict import Strict
from apps.users.doors import signed_in

RIGHT = "lending.view_portfolio"


def _share(text: str, least: int = 0, *, places: int = 4, most: int = 1) -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=6,
        decimal_places=places,
        min_value=Decimal(least),
        max_value=Decimal(most),
        required=False,
        help_text=text,
    )


class TestAsked(Strict):
    """A scenario by name; the four figures are those of `OWN` and mean nothing to others."""

    scenario = serializers.CharField(max_length=20, help_text="MILD, SEVERE, OWN")
    product = serializers.CharField(max_length=20, required=False, allow_null=True, default=None)
    pd_factor = _share("Times as many loans fail.", places=3, most=100)
    loss_points = _share("More is lost of each: 0.1 is ten points.")
    rate_points = _share("Rates a year rise: 0.02 is two points.", -1)
    failing_share = _share("Of those who pay: lose their income and stop.")


class StressShown(serializers.ModelSerializer[StressRun]):
    """A run as it was made. Amounts in `results` are minor units of `currency`."""

    id = serializers.UUIDField(source="public_id")
    scenario = serializers.CharField(source="scenario.code")
    product = serializers.CharField(source="product.code", allow_null=True, default=None)
    says = serializers.SerializerMethodField()
    lines = serializers.SerializerMethodField()
    inputs = serializers.DictField()
    model = serializers.DictField(help_text="The version of the arithmetic and every figure it assumed, with source.")
    results = serializers.DictField()
    made_by = serializers.CharField(source="made_by.full_name")

    class Meta:
        model = StressRun
        fields = ("id", "scenario", "product", "currency", "book_on", "says", "lines", "inputs", "model", "results",
                  "made_by", "made_at")  # fmt: skip

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_says(self, row: StressRun) -> list[str]:
        """What happens in it."""
        return shock_in_words(row.inputs)

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_lines(self, row: StressRun) -> list[str]:
        """Why each line changes, in the order of `results.lines`."""
        return [one.says for one in lines_in_words(row)]


class StressListed(serializers.ModelSerializer[StressRun]):
    """A run in the list."""

    id = serializers.UUIDField(source="public_id")
    scenario = serializers.CharField(source="scenario.code")
    ratio_before = serializers.CharField(source="results.capital.ratio_before", allow_null=True)
    ratio_after = serializers.CharField(source="results.capital.ratio_after", allow_null=True)

    class Meta:
        model = StressRun
        fields = ("id", "scenario", "currency", "book_on", "ratio_before", "ratio_after", "made_at")


class StressTests(ListAPIView[StressRun]):
    """Bad times, tried out."""

    serializer_class = StressListed
    permission_classes = (holds(RIGHT),)
    filterset_fields = ("scenario__code",)
    search_fields: tuple[str, ...] = ()
    ordering_fields = ("made_at",)
    queryset = StressRun.objects.select_related("scenario").order_by("-pk")

    @extend_schema(tags=["staff"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["staff"],
        operation_id="analytics_stress_tests_run",
        request=TestAsked,
        responses={201: StressShown},
        examples=[OpenApiExample("A severe shock", {"scenario": "SEVERE"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Work a scenario out on today's loans and books, and keep the run. Nothing moves in the books."""
        asked, at = read(TestAsked, request), now()
        scenario = get_object_or_404(stress.scenarios(local_date(at)), code=asked["scenario"])
        product = get_object_or_404(LoanProduct, code=asked["product"]) if asked["product"] else None
        figures = {name: asked[name] for name in ("pd_factor", "loss_points", "rate_points", "failing_share")
                   if name in asked}  # fmt: skip
        row = operations.run_stress_test(
            scenario=scenario, shock=Shock(**figures), product=product, by=signed_in(request), at=at
        )
        return Response(StressShown(row).data, status=201)


class OneStressTest(APIView):
    """One run."""

    permission_classes = (holds(RIGHT),)

    @extend_schema(tags=["staff"], operation_id="analytics_stress_tests_one", responses=StressShown)
    def get(self, request: Request, public_id: UUID) -> Response:
        """As it was made."""
        rows = StressRun.objects.select_related("scenario", "product", "made_by")
        return Response(StressShown(get_object_or_404(rows, public_id=public_id)).data)
