"""Tier and limits by API."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import local_date, now
from apps.kernel.serializers import MoneyField
from apps.kyc import operations, queries
from apps.kyc.models import LimitKind
from apps.users.api.serializers import Strict
from apps.users.api.staff import holds
from apps.users.api.staff_shapes import ApprovalAsked
from apps.users.doors import signed_in
from apps.users.models import Tier, User


class LimitsShown(serializers.Serializer[Any]):
    """Limits of a tier; null where there is none."""

    single = MoneyField(allow_null=True)
    daily = MoneyField(allow_null=True)
    balance = MoneyField(allow_null=True)
    loan = MoneyField(allow_null=True)


class KycStatus(serializers.Serializer[Any]):
    """Where the person stands."""

    kyc_tier = serializers.CharField()
    kyc_status = serializers.CharField()
    limits = LimitsShown()
    missing = serializers.ListField(child=serializers.CharField())


class TierLimits(serializers.Serializer[Any]):
    """A tier with its limits."""

    tier = serializers.CharField()
    limits = LimitsShown()


class ChangeLimit(Strict):
    """Another limit from a day on."""

    tier = serializers.ChoiceField(choices=Tier.choices)
    kind = serializers.ChoiceField(choices=LimitKind.choices)
    amount = MoneyField(positive=True, allow_null=True)
    valid_from = serializers.DateField()
    reason = serializers.CharField(max_length=200)


class Status(APIView):
    """Tier, limits, what is missing."""

    @extend_schema(responses=KycStatus, tags=["kyc"])
    def get(self, request: Request) -> Response:
        """What one may do today, and what the next tier needs."""
        user = signed_in(request)
        missing = [] if user.kyc_tier != Tier.TIER_1 else ["identity_document_checked_in_person"]
        if not user.email_confirmed_at:
            missing.append("confirmed_email")
        limits = queries.limits_of(user.kyc_tier, on=local_date(now()))
        shown = {"kyc_tier": user.kyc_tier, "kyc_status": user.kyc_status, "limits": limits, "missing": missing}
        return Response(KycStatus(shown).data)


class AdminTierLimits(APIView):
    """Limits of every tier."""

    permission_classes = (holds("kyc.manage_limits"),)

    @extend_schema(responses=TierLimits(many=True), tags=["staff"])
    def get(self, request: Request) -> Response:
        """In force today."""
        found = queries.limits_of_all(list(Tier.values), on=local_date(now()))
        return Response(
            TierLimits([{"tier": tier, "limits": limits} for tier, limits in found.items()], many=True).data
        )

    @extend_schema(request=ChangeLimit, responses={202: ApprovalAsked}, tags=["staff"])
    def put(self, request: Request) -> Response:
        """Ask for a change; a second person must allow it."""
        asked = ChangeLimit(data=request.data)
        asked.is_valid(raise_exception=True)
        approval = operations.change_limit(by=signed_in(request), at=now(), **asked.validated_data)
        return Response({"approval": approval.pk, "status": approval.status}, status=202)


class ChangeTier(Strict):
    """Another tier, and which papers were checked."""

    tier = serializers.ChoiceField(choices=Tier.choices)
    reason = serializers.CharField(max_length=200)


class CustomerTier(APIView):
    """The tier of a customer."""

    permission_classes = (holds("kyc.approve_kyc"),)

    @extend_schema(request=ChangeTier, responses={200: KycStatus, 202: ApprovalAsked}, tags=["staff"])
    def post(self, request: Request, pk: int) -> Response:
        """Set it, after papers were checked in person. A higher one waits for a second officer: 202."""
        asked = ChangeTier(data=request.data)
        asked.is_valid(raise_exception=True)
        person = get_object_or_404(User.objects.customers(), pk=pk)
        waits = operations.ask_tier(person=person, by=signed_in(request), at=now(), **asked.validated_data)
        if waits:
            return Response({"approval": waits.pk, "status": waits.status}, status=202)
        person.refresh_from_db()
        limits = queries.limits_of(person.kyc_tier, on=local_date(now()))
        shown = {"kyc_tier": person.kyc_tier, "kyc_status": person.kyc_status, "limits": limits, "missing": []}
        return Response(KycStatus(shown).data)
