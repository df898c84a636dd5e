"""Statements by API: as JSON, or as a file."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.chamas import documents, operations, policies, statement_files, statements
from apps.chamas.api.door import TAGS, Room, member_of
from apps.chamas.api.investment_shapes import InvestmentPartShown
from apps.chamas.models import ChamaGroup, EntryKind, FundKind, Membership
from apps.kernel.clock import local_date, month_bounds, now
from apps.kernel.serializers import MoneyField
from apps.users.api.serializers import Strict
from apps.users.doors import signed_in


class Period(Strict):
    """Which days, whose, and in which form."""

    from_date = serializers.DateField()
    to_date = serializers.DateField()
    member = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    kind = serializers.ChoiceField(choices=["json", *statement_files.KINDS])


class FundOver(serializers.Serializer[Any]):
    """One fund over the period: opening and what came, less what went, is the closing."""

    fund = serializers.ChoiceField(choices=FundKind.choices)
    opening = MoneyField()
    came = MoneyField()
    went = MoneyField()
    closing = MoneyField()


class GroupLineShown(serializers.Serializer[Any]):
    """One movement; `after` is what the fund held then."""

    booked_on = serializers.DateField(source="on")
    fund = serializers.ChoiceField(choices=FundKind.choices)
    kind = serializers.ChoiceField(choices=EntryKind.choices)
    member = serializers.IntegerField(source="number", allow_null=True)
    who = serializers.CharField()
    amount = MoneyField()
    after = MoneyField()
    reference = serializers.CharField()
    note = serializers.CharField()


class GroupStatementShown(serializers.Serializer[Any]):
    """A statement."""

    group = serializers.CharField(source="group.slug")
    of = serializers.CharField(source="title", help_text="The group's name, or the member's")
    from_date = serializers.DateField(source="first")
    to_date = serializers.DateField(source="last")
    opening = MoneyField()
    came = MoneyField()
    went = MoneyField()
    closing = MoneyField()
    funds = FundOver(many=True)
    lines = GroupLineShown(many=True)
    investments = InvestmentPartShown(many=True, help_text="As they stood on the last day: whole, or the member's part")


_KINDS = {
    (200, "application/json"): GroupStatementShown,
    (200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY),
    (200, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"): OpenApiResponse(OpenApiTypes.BINARY),
    (200, "text/plain"): OpenApiResponse(OpenApiTypes.STR),
}


class StatementOf(Room):
    """A statement of the group, or of one member."""

    @extend_schema(
        tags=TAGS,
        operation_id="chamas_statement",
        parameters=[
            OpenApiParameter("from_date", OpenApiTypes.DATE, description="The month's first when left out"),
            OpenApiParameter("to_date", OpenApiTypes.DATE, description="Today when left out"),
            OpenApiParameter("member", int, description="Their number; the whole group when left out"),
            OpenApiParameter("kind", str, enum=["json", *statement_files.KINDS], description="json when left out"),
        ],
        responses=_KINDS,
    )
    def get(self, request: Request, slug: str) -> HttpResponse | Response:
        """Both days included. `text` is short, and ready to be shared in a chat. PDF and workbook carry a seal and an
        address where whoever holds them can have them checked. A member's: their own, or an officer's or auditor's to
        look at.
        """
        today = local_date(now())
        asked = {"from_date": month_bounds(today)[0].isoformat(), "to_date": today.isoformat(), "kind": "json"}
        names = ("from_date", "to_date", "member", "kind")
        asked |= {name: request.query_params[name] for name in names if name in request.query_params}
        checked = Period(data=asked)
        checked.is_valid(raise_exception=True)
        wanted, group = checked.validated_data, self.group()
        of = self._member(group, wanted["member"]) if "member" in wanted else None
        period = {"first": wanted["from_date"], "last": wanted["to_date"], "member": of}
        if wanted["kind"] in ("pdf", "xlsx"):
            made = operations.make_statement(group=group, **period, by=signed_in(request), at=now())
            return documents.statement_of(*made) if wanted["kind"] == "pdf" else statement_files.workbook_of(*made)
        view = statements.statement(group, **period)
        if wanted["kind"] == "text":
            return HttpResponse(statement_files.text_of(view), content_type="text/plain; charset=utf-8")
        return Response(GroupStatementShown(view).data)

    def _member(self, group: ChamaGroup, number: int) -> Membership:
        policies.require_may_read(self.own(group), number)
        return member_of(group, number)
