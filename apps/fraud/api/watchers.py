"""What stands beside the rules, by API: back-tests that run by themselves, the model, devices, SIMs, quality."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.fraud import operations, queries
from apps.fraud.api import serializers as shapes
from apps.fraud.api import watchers_shapes as told
from apps.fraud.models import AnomalyModel, BackTestJob, FlaggedTransaction, SimAge
from apps.fraud.queries import Proposed
from apps.kernel.clock import now
from apps.kernel.pagination import Cursors
from apps.users.api.auth import read
from apps.users.api.staff import holds
from apps.users.doors import signed_in

TAGS = ["staff"]
_TRIED = {"code": "ODD", "expression": "anomaly >= 625", "weight": "0.200"}
_USER = [OpenApiParameter("user", int, description="The customer's number")]


class BackTests(ListAPIView[BackTestJob]):
    """Back-tests that run by themselves."""

    serializer_class = told.BackTestJobShown
    pagination_class = Cursors
    permission_classes = (holds("fraud.manage_rules"),)
    filterset_fields = ("status", "code")
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()
    queryset = BackTestJob.objects.select_related("back_test").order_by("-pk")

    @extend_schema(tags=TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first, with how far each is."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=TAGS,
        request=shapes.TryRule,
        responses={202: told.BackTestJobShown},
        examples=[OpenApiExample("From 625", _TRIED, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """202: it runs by itself; the same question within a day is the same back-test."""
        asked = read(shapes.TryRule, request)
        proposed = Proposed(asked["code"], asked["expression"], asked["weight"], asked["is_active"])
        job = operations.ask_back_test(proposed=proposed, by=signed_in(request), at=now())
        return Response(told.BackTestJobShown(job).data, status=202)


class OneBackTest(APIView):
    """One of them."""

    permission_classes = (holds("fraud.manage_rules"),)

    @extend_schema(tags=TAGS, responses=told.BackTestJobShown)
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """How far it is; with its figures once it is done."""
        rows = BackTestJob.objects.select_related("back_test")
        return Response(told.BackTestJobShown(get_object_or_404(rows, public_id=public_id)).data)


class Models(ListAPIView[AnomalyModel]):
    """The models beside the rules."""

    serializer_class = told.AnomalyModelShown
    pagination_class = Cursors
    permission_classes = (holds("fraud.manage_rules"),)
    filterset_fields = ("status",)
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()
    queryset = AnomalyModel.objects.defer("artefact").prefetch_related("readings").order_by("-pk")

    @extend_schema(tags=TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first, with card and drift. `manage.py train_fraud` makes them."""
        return super().get(request, *args, **kwargs)


class Promote(APIView):
    """Putting a model to use."""

    permission_classes = (holds("fraud.manage_rules"),)

    @extend_schema(
        tags=TAGS,
        request=told.WhyModel,
        responses={202: shapes.RuleAskedShown},
        examples=[OpenApiExample("Better", {"why": "Finds two of last month's takeovers"}, request_only=True)],
    )
    def post(self, request: Request, pk: int) -> Response:
        """202: a second person is asked."""
        row = get_object_or_404(AnomalyModel, pk=pk)
        why = read(told.WhyModel, request)["why"]
        asked = operations.ask_promotion(model=row, reason=why, by=signed_in(request), at=now())
        return Response({"approval": asked.pk, "status": asked.status, "warnings": []}, status=202)


class SwitchOff(APIView):
    """The kill switch."""

    permission_classes = (holds("fraud.manage_rules"),)

    @extend_schema(
        tags=TAGS,
        request=told.WhyModel,
        responses=told.AnomalyModelShown,
        examples=[OpenApiExample("Off", {"why": "It finds market days odd"}, request_only=True)],
    )
    def post(self, request: Request, pk: int) -> Response:
        """At once, by one person: the rules speak alone from now on."""
        row = get_object_or_404(AnomalyModel, pk=pk)
        operations.switch_off(model=row, why=read(told.WhyModel, request)["why"], by=signed_in(request), at=now())
        return Response(told.AnomalyModelShown(row).data)


class JudgePayee(APIView):
    """The payee of a payment whose payer said that it was not them."""

    permission_classes = (holds("fraud.review_fraud"),)

    @extend_schema(
        tags=TAGS,
        request=told.JudgePayee,
        responses=shapes.FlaggedShown,
        examples=[OpenApiExample("A mule", {"is_fraud": True, "note": "Gathers and passes on"}, request_only=True)],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Once. Until then the customer's no is a doubt about the payee, not a finding."""
        asked = read(told.JudgePayee, request)
        flag = get_object_or_404(FlaggedTransaction.objects.select_related("check_made", "user"), pk=pk)
        operations.judge_payee(
            flag=flag, is_fraud=asked["is_fraud"], note=asked["note"], by=signed_in(request), at=now()
        )
        return Response(shapes.FlaggedShown(flag).data)


class Devices(APIView):
    """The devices a customer paid from."""

    permission_classes = (holds("fraud.review_fraud"),)

    @extend_schema(tags=TAGS, parameters=_USER, responses=told.PayingDeviceShown(many=True))
    def get(self, request: Request) -> Response:
        """By print, the latest first, each with how many other customers paid from it."""
        return Response(told.PayingDeviceShown(queries.devices_of(_user(request)), many=True).data)


class SimAges(APIView):
    """What is known of a customer's SIM."""

    permission_classes = (holds("fraud.review_fraud"),)

    @extend_schema(tags=TAGS, parameters=_USER, responses=told.SimAgeShown)
    def get(self, request: Request) -> Response:
        """What the operator said, and when; 404 when it was never asked."""
        return Response(told.SimAgeShown(get_object_or_404(SimAge, pk=_user(request))).data)


class Quality(APIView):
    """How the rules do."""

    permission_classes = (holds("fraud.manage_rules"),)

    @extend_schema(tags=TAGS, responses=told.RuleQualityShown(many=True))
    def get(self, request: Request) -> Response:
        """Of what each rule helped to hold in ninety days: how much was decided, and how much of that was nothing."""
        return Response(told.RuleQualityShown(queries.quality(now()), many=True).data)


def _user(request: Request) -> int:
    asked = told.OfUser(data=request.query_params.dict())
    asked.is_valid(raise_exception=True)
    found: int = asked.validated_data["user"]
    return found
