"""Accounting periods by API: who views the books sees them, who closes periods declares, closes and takes back one, and
asks a second person to reopen one.
"""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.api.approvals import ApprovalAsked
from apps.kernel.clock import now
from apps.ledger import operations, queries
from apps.ledger.models import Period
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.api.staff import holds
from apps.users.doors import signed_in

CLOSES = "ledger.close_periods"
MAY_CLOSE = holds(CLOSES)


class NewPeriod(Strict):
    """A name, and the first and last day."""

    name = serializers.CharField(max_length=40)
    first_on = serializers.DateField()
    last_on = serializers.DateField()


class PeriodWhy(Strict):
    """Why; the second person reads it, and whoever reads the periods later."""

    reason = serializers.CharField(max_length=200)


class DaysBetween(serializers.Serializer[Any]):
    """Days that no period has."""

    first_on = serializers.DateField()
    last_on = serializers.DateField()


class PeriodJson(serializers.Serializer[Any]):
    """One period. `is_over`: all its days are over and their ends of day have run, so it may be closed. `asked` is the
    request to reopen it that waits for a second person. `gap` are the days after it that no period has.
    """

    id = serializers.IntegerField()
    name = serializers.CharField()
    first_on = serializers.DateField()
    last_on = serializers.DateField()
    is_closed = serializers.BooleanField()
    is_over = serializers.BooleanField()
    asked = serializers.IntegerField(allow_null=True)
    gap = DaysBetween(allow_null=True)


class PeriodNow(serializers.Serializer[Any]):
    """Where a period stands after what was done."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    first_on = serializers.DateField()
    last_on = serializers.DateField()
    status = serializers.CharField()


class Periods(APIView):
    """The periods of the books."""

    permission_classes = (holds("ledger.view_books", writing=CLOSES),)

    @extend_schema(tags=["ledger"], responses=PeriodJson(many=True))
    def get(self, request: Request) -> Response:
        """The newest first; not paged: a year has some twelve."""
        return Response(PeriodJson(queries.periods(now()), many=True).data)

    @extend_schema(
        tags=["ledger"],
        request=NewPeriod,
        responses={201: PeriodNow},
        examples=[
            OpenApiExample(
                "A month",
                {"name": "March 2026", "first_on": "2026-03-01", "last_on": "2026-03-31"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Declare one; it takes entries until it is closed."""
        period = operations.open_period(**read(NewPeriod, request), by=signed_in(request), at=now())
        return Response(PeriodNow(period).data, status=201)


class Close(APIView):
    """Closing."""

    permission_classes = (MAY_CLOSE,)

    @extend_schema(tags=["ledger"], request=None, responses=PeriodNow)
    def post(self, request: Request, pk: int) -> Response:
        """No more entries for its days; only once they are over and their ends of day have run."""
        period = get_object_or_404(Period, pk=pk)
        return Response(PeriodNow(operations.close_period(period=period, by=signed_in(request), at=now())).data)


class Withdraw(APIView):
    """Taking back."""

    permission_classes = (MAY_CLOSE,)

    @extend_schema(tags=["ledger"], request=PeriodWhy, responses=PeriodNow)
    def post(self, request: Request, pk: int) -> Response:
        """One that was declared by mistake and never closed; its days and its name are free again."""
        period, reason = get_object_or_404(Period, pk=pk), read(PeriodWhy, request)["reason"]
        done = operations.withdraw_period(period=period, reason=reason, by=signed_in(request), at=now())
        return Response(PeriodNow(done).data)


class Reopen(APIView):
    """Reopening."""

    permission_classes = (MAY_CLOSE,)

    @extend_schema(tags=["ledger"], request=PeriodWhy, responses={202: ApprovalAsked})
    def post(self, request: Request, pk: int) -> Response:
        """Asked for here; nothing is reopened until another person allows it."""
        period, reason = get_object_or_404(Period, pk=pk), read(PeriodWhy, request)["reason"]
        row = operations.ask_reopening(period=period, reason=reason, by=signed_in(request), at=now())
        return Response({"approval": row.pk, "status": row.status}, status=202)
