"""Showing the bank what a group is, by API: what is missing, what it may do until then, and handing in."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.chamas import operations
from apps.chamas.api.door import TAGS, Room
from apps.chamas.api.papers import GroupPaperShown
from apps.chamas.models import ChamaGroup, GroupCheck, GroupCheckStatus, GroupLimitKind
from apps.chamas.operations.verify import missing
from apps.chamas.operations.within import allowances
from apps.kernel.clock import local_date, now
from apps.kernel.serializers import MoneyField
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.doors import signed_in


class HandIn(Strict):
    """Whether the group is registered; a self-help group that is not brings no certificate."""

    is_registered = serializers.BooleanField()


class AllowanceShown(serializers.Serializer[Any]):
    """One limit until the group is verified."""

    kind = serializers.ChoiceField(choices=GroupLimitKind.choices)
    limit = MoneyField(allow_null=True)
    used = MoneyField()
    left = MoneyField(allow_null=True)


class GroupCheckShown(serializers.Serializer[Any]):
    """What was handed in, and what became of it."""

    id = serializers.UUIDField(source="public_id")
    status = serializers.ChoiceField(choices=GroupCheckStatus.choices)
    is_registered = serializers.BooleanField()
    handed_in_at = serializers.DateTimeField()
    answer_by = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(help_text="Why the papers would not do")
    refused = serializers.ListField(child=serializers.CharField(), help_text="Kinds of those that would not do")
    papers = GroupPaperShown(many=True)


class VerificationShown(serializers.Serializer[Any]):
    """Where the group stands with the bank."""

    is_verified = serializers.BooleanField()
    limits = AllowanceShown(many=True, help_text="None for a group that is verified")
    missing = serializers.ListField(
        child=serializers.CharField(),
        help_text="REGISTRATION (not of a group that is not registered), CONSTITUTION, OFFICIALS, officers,"
        " officers_papers",
    )
    last = GroupCheckShown(allow_null=True)


def _shown(group: ChamaGroup) -> dict[str, Any]:
    group.refresh_from_db(fields=["is_verified"])
    last = GroupCheck.objects.filter(group=group).prefetch_related("papers").order_by("-pk").first()
    shown = {
        "is_verified": group.is_verified,
        "limits": allowances(group, on=local_date(now())),
        "missing": [] if group.is_verified else missing(group, is_registered=True),
        "last": last,
    }
    return VerificationShown(shown).data


@extend_schema(tags=TAGS)
class Verification(Room):
    """A group and the bank."""

    @extend_schema(operation_id="chamas_verification_retrieve", responses=VerificationShown)
    def get(self, request: Request, slug: str) -> Response:
        """What the group may hold and pay out until it is verified, and what it must bring."""
        return Response(_shown(self.group()))

    @extend_schema(
        operation_id="chamas_verification_hand_in",
        request=HandIn,
        responses={201: VerificationShown},
        examples=[OpenApiExample("A self-help group", {"is_registered": False}, request_only=True)],
    )
    def post(self, request: Request, slug: str) -> Response:
        """An officer hands in the newest paper of each kind (`POST …/papers/`). What is missing: 409 `not_yet`. Twice
        is once.
        """
        asked, group = read(HandIn, request), self.group()
        operations.hand_in(group=group, is_registered=asked["is_registered"], by=signed_in(request), at=now())
        return Response(_shown(group), status=201)
