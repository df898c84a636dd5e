"""Rates, figures and quotes by API."""

from typing import Any

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.fx import operations, queries, rules
from apps.fx.api import serializers as shapes
from apps.fx.models import Quote
from apps.kernel.clock import local_date, now
from apps.kernel.idempotency import idempotent
from apps.users.api.auth import read
from apps.users.doors import signed_in

BASE = [OpenApiParameter("base", OpenApiTypes.STR, description="ISO 4217; the home currency when left out")]
HUNDRED = {"amount": "100.00", "currency": "USD"}


def _age(found: queries.Rates) -> dict[str, Any]:
    return {
        "fetched_at": found.fetched_at,
        "age_seconds": int(found.age.total_seconds()),
        "is_stale": found.is_stale,
    }


class Rates(APIView):
    """Mid-market rates."""

    @extend_schema(tags=["currency"], parameters=BASE, responses=shapes.RatesShown)
    def get(self, request: Request) -> Response:
        """What one unit of `base` comes to. Told up to a day after they were fetched, with their age; then 503."""
        found = queries.rates(now())
        base = request.query_params.get("base", settings.HOME_CURRENCY).upper()
        found.require(base)
        rows = [
            {"currency": one.code, "name": one.name, "rate": rules.written(rules.significant(found.of(base, one.code)))}
            for one in queries.currencies()
            if one.code != base and one.code in found.table
        ]
        shown = {"base": base, "rates": rows, "source": found.source, "valid_until": found.valid_until, **_age(found)}
        return Response(shapes.RatesShown(shown).data)


class Convert(APIView):
    """A figure."""

    @extend_schema(
        tags=["currency"],
        request=shapes.Convert,
        responses=shapes.Converted,
        examples=[OpenApiExample("Dollars", {"amount": HUNDRED, "to": "KES"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """No money moves and nothing is promised: for a price that holds, ask for a quote."""
        asked, at = read(shapes.Convert, request), now()
        amount, to = asked["amount"], asked["to"].upper()
        found = queries.rates(at)
        converted, mid = found.converted(amount, to), found.of(amount.currency, to)
        spread_rate = queries.spread_on(local_date(at))
        try:
            deal = rules.deal_giving(amount, to, table=found.table, spread_rate=spread_rate, home=found.home)
        except rules.TooSmall:
            deal = None
        shown = {
            "amount": amount,
            "converted": converted,
            "rate": rules.written(rules.significant(mid)),
            "for_you": deal and deal.get,
            "customer_rate": rules.written(rules.significant(rules.customer_rate(mid, spread_rate))),
            "spread_rate": str(spread_rate),
            **_age(found),
        }
        if to == amount.currency:
            shown |= {"for_you": amount, "customer_rate": "1", "spread_rate": "0"}
        return Response(shapes.Converted(shown).data)


class Quotes(mixins.RetrieveModelMixin, viewsets.GenericViewSet[Quote]):
    """Prices that hold for a minute."""

    serializer_class = shapes.QuoteShown
    lookup_field = "public_id"
    filter_backends = ()
    queryset = Quote.objects.all()
    throttle_scope = "money"

    def get_queryset(self) -> Any:
        """Only one's own."""
        return Quote.objects.owned_by(self.request.user)

    @extend_schema(
        tags=["currency"],
        request=shapes.AskPrice,
        responses={201: shapes.QuoteShown},
        examples=[
            OpenApiExample("I give 100 dollars", {"give": HUNDRED, "to": "KES"}, request_only=True),
            OpenApiExample("I need 100 dollars", {"get": HUNDRED, "give_in": "KES"}, request_only=True),
        ],
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """For one's own exchange, once: `POST /api/v1/transactions/exchange` uses it."""
        asked = read(shapes.AskPrice, request)
        quote = operations.give_quote(
            user=signed_in(request),
            amount=asked["amount"],
            other=asked["other"].upper(),
            fixed=asked["fixed"],
            at=now(),
        )
        return Response(shapes.QuoteShown(quote).data, status=201)

    @extend_schema(tags=["currency"], responses=shapes.QuoteShown)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One's own."""
        return super().retrieve(request, *args, **kwargs)
