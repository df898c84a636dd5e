"""What a group owns, by API: the register of a day, and one investment with its history. Proposals change it."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.chamas import investment_parts
from apps.chamas.api.door import TAGS, Room
from apps.chamas.api.investment_shapes import OneInvestmentShown, RegisterShown
from apps.chamas.models import Investment
from apps.chamas.queries.investments import holdings
from apps.kernel.clock import local_date, now
from apps.kernel.money import Money
from apps.users.api.serializers import Strict


class OnDay(Strict):
    """As it stood at the end of which day."""

    on = serializers.DateField(required=False)


@extend_schema(tags=TAGS)
class Investments(Room):
    """The register."""

    @extend_schema(
        operation_id="chamas_investments_list",
        parameters=[OpenApiParameter("on", OpenApiTypes.DATE, description="Today when left out")],
        responses=RegisterShown,
    )
    def get(self, request: Request, slug: str) -> Response:
        """What the group had at the end of a day, and the caller's part. Bought, valued and sold by proposals:
        `POST …/approvals/` with BUY_INVESTMENT, VALUE_INVESTMENT or SELL_INVESTMENT.
        """
        asked = OnDay(data={"on": request.query_params["on"]} if "on" in request.query_params else {})
        asked.is_valid(raise_exception=True)
        group, on = self.group(), asked.validated_data.get("on", local_date(now()))
        held = holdings(group, on=on)
        shown: dict[str, Any] = {
            "on": on,
            "cost": Money(sum(one.cost.minor for one in held), group.currency),
            "value": Money(sum(one.value.minor for one in held if one.value is not None), group.currency),
            "investments": held,
            "mine": investment_parts.parts(group, on=on, member=self.own(group)),
        }
        return Response(RegisterShown(shown).data)


@extend_schema(tags=TAGS)
class OneInvestment(Room):
    """One investment."""

    @extend_schema(operation_id="chamas_investments_retrieve", responses=OneInvestmentShown)
    def get(self, request: Request, slug: str, public_id: str) -> Response:
        """With what it was worth, what it brought, and its sales."""
        group = self.group()
        row = get_object_or_404(Investment, group=group, public_id=public_id)
        held = holdings(group, on=local_date(now()), sold_too=True)
        shown = {
            "investment": next(one for one in held if one.pk == row.pk),
            "valuations": row.valuations.select_related("paper").order_by("-valued_on", "-pk"),
            "sales": row.sales.order_by("-pk"),
            "receipts": row.receipts.select_related("sale").order_by("-pk"),
        }
        return Response(OneInvestmentShown(shown).data)
