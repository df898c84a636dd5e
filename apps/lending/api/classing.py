"""How loans are classed and provided for, by API for staff: what holds, and asking for other days or rates."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import local_date, now
from apps.lending import operations
from apps.lending.api import factory_shapes as shapes
from apps.lending.api.factory import RIGHT
from apps.lending.models import AgeingRule, LossBand
from apps.lending.queries import ageing_rule, bands_in_force
from apps.users.api.auth import read
from apps.users.api.staff import holds
from apps.users.api.strict import Strict
from apps.users.doors import signed_in

_DAYS = ("stage_2_after", "non_performing_after", "cure_days")


class AgeingShown(serializers.ModelSerializer[AgeingRule]):
    """From how many days late on a loan is of stage 2, and non-performing; and how long a held class takes to cure."""

    published_in = serializers.CharField(source="source")

    class Meta:
        model = AgeingRule
        fields = (*_DAYS, "valid_from", "published_in")


class LossClassShown(serializers.ModelSerializer[LossBand]):
    """A class of a regulator's table, with the share of the balance that is provided for (0.03 is 3 %)."""

    table = serializers.CharField(source="table.code")
    published_in = serializers.CharField(source="source")

    class Meta:
        model = LossBand
        fields = ("id", "table", "code", "from_days", "rate", "valid_from", "published_in")


class ClassesShown(serializers.Serializer[dict[str, Any]]):
    """What holds at the end of today."""

    ageing = AgeingShown()
    classes = LossClassShown(many=True)


class _Dated(Strict):
    valid_from = serializers.DateField(help_text="Counts from the end of this day on; today or later.")
    published_in = serializers.CharField(max_length=200, source="source")
    reason = serializers.CharField(max_length=400)


class AgeingAsked(_Dated):
    """Other days from a day on."""

    stage_2_after = serializers.IntegerField(min_value=0, max_value=1000)
    non_performing_after = serializers.IntegerField(min_value=0, max_value=1000)
    cure_days = serializers.IntegerField(min_value=0, max_value=1000)


class LossRateAsked(_Dated):
    """Another share for a class from a day on."""

    rate = serializers.DecimalField(max_digits=6, decimal_places=5, min_value=0, max_value=1)


@extend_schema(tags=["staff"])
class LoanClasses(APIView):
    """The classes of loans."""

    permission_classes = (holds(RIGHT),)

    @extend_schema(operation_id="admin_loans_classes", responses=ClassesShown)
    def get(self, request: Request) -> Response:
        """The days and the regulators' tables in force, with what each class is provided for."""
        today = local_date(now())
        return Response(ClassesShown({"ageing": ageing_rule(today), "classes": bands_in_force(today)}).data)


@extend_schema(tags=["staff"])
class AskAgeing(APIView):
    """The days by which loans are classed."""

    permission_classes = (holds(RIGHT),)

    @extend_schema(operation_id="admin_loans_ageing", request=AgeingAsked, responses={202: shapes.FactoryRequestShown})
    def post(self, request: Request) -> Response:
        """Ask for other days from a day on; another person decides. Days that have ended stay as they are."""
        asked = read(AgeingAsked, request)
        days = {name: asked.pop(name) for name in _DAYS}
        approval = operations.ask_ageing(days=days, **asked, by=signed_in(request), at=now())
        return Response(shapes.FactoryRequestShown(approval).data, status=202)


@extend_schema(tags=["staff"])
class AskLossRate(APIView):
    """What a class is provided for."""

    permission_classes = (holds(RIGHT),)

    @extend_schema(
        operation_id="admin_loans_class_rate", request=LossRateAsked, responses={202: shapes.FactoryRequestShown}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Ask for another share from a day on; another person decides. Days that have ended stay as they are."""
        asked, band = read(LossRateAsked, request), get_object_or_404(LossBand.objects.select_related("table"), pk=pk)
        approval = operations.ask_loss_rate(band=band, **asked, by=signed_in(request), at=now())
        return Response(shapes.FactoryRequestShown(approval).data, status=202)
