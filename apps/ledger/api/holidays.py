"""The bank's calendar by API: everyone reads it, staff write gazetted days down."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import local_date, now
from apps.ledger import operations, queries
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.api.staff import holds
from apps.users.doors import signed_in

FIRST_YEAR, LAST_YEAR = 2024, 2100  # the holidays of the law are those that hold since 2024
MAY_MANAGE = holds("ledger.manage_holidays")


class AskYear(serializers.Serializer[Any]):
    """Which year; this one when left out."""

    year = serializers.IntegerField(required=False, min_value=FIRST_YEAR, max_value=LAST_YEAR)


class NewHoliday(Strict):
    """A day off, and the notice that declares it."""

    on = serializers.DateField()
    name = serializers.CharField(max_length=80)
    notice = serializers.CharField(max_length=80, help_text="Gazette notice: number and year")


class Mistake(Strict):
    """Why it is taken back."""

    reason = serializers.CharField(max_length=200)


class HolidayShown(serializers.Serializer[Any]):
    """A public holiday; `id` and `notice` when it was gazetted, else the law fixes it."""

    id = serializers.IntegerField(allow_null=True)
    on = serializers.DateField()
    name = serializers.CharField()
    notice = serializers.CharField()


class Holidays(APIView):
    """The holidays of a year."""

    def get_permissions(self) -> Any:
        """Whoever is signed in reads; staff with the right write."""
        return [MAY_MANAGE()] if self.request.method == "POST" else super().get_permissions()

    @extend_schema(
        tags=["ledger"],
        parameters=[OpenApiParameter("year", int, description="This year when left out")],
        responses=HolidayShown(many=True),
    )
    def get(self, request: Request) -> Response:
        """In order; not paged: a year has some twenty."""
        asked = AskYear(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = queries.holidays(asked.validated_data.get("year", local_date(now()).year))
        return Response(HolidayShown(found, many=True).data)

    @extend_schema(
        tags=["staff"],
        request=NewHoliday,
        responses={201: HolidayShown},
        examples=[
            OpenApiExample(
                "Idd-ul-Fitr",
                {"on": "2027-03-10", "name": "Idd-ul-Fitr", "notice": "Gazette Notice 3206 of 2027"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Standing orders that keep to working days move past it."""
        row = operations.add_holiday(**read(NewHoliday, request), by=signed_in(request), at=now())
        return Response(HolidayShown(row).data, status=201)


class Withdraw(APIView):
    """A gazetted day that was written down by mistake."""

    permission_classes = (MAY_MANAGE,)

    @extend_schema(tags=["staff"], request=Mistake, responses=HolidayShown)
    def post(self, request: Request, pk: int) -> Response:
        """Only before the day comes."""
        reason = read(Mistake, request)["reason"]
        row = operations.withdraw_holiday(holiday_id=pk, reason=reason, by=signed_in(request), at=now())
        return Response(HolidayShown(row).data)
