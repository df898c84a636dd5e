"""The directory of billers by API."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.clock import local_date, now
from apps.payments.api import serializers as shapes
from apps.payments.models import Biller, BillerCategory


class Billers(ListAPIView[Biller]):
    """Whom bills can be paid to by name."""

    serializer_class = shapes.BillerShown
    filter_backends = ()
    queryset = Biller.objects.all()

    def get_queryset(self) -> Any:
        """As they stand today, by name; `search` and `category` narrow it down."""
        rows = Biller.objects.on(local_date(now())).in_order()
        category = self.request.query_params.get("category", "")
        rows = rows.filter(category=category) if category else rows
        return rows.found_by(self.request.query_params.get("search", "").replace("\0", ""))

    @extend_schema(
        tags=["payments"],
        parameters=[
            OpenApiParameter("search", str, description="A part of the name, the code, or the paybill"),
            OpenApiParameter("category", str, enum=BillerCategory.values),
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """By name."""
        return super().get(request, *args, **kwargs)
