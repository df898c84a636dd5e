"""Loans of a group by API: asked for, guaranteed, paid back."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.chamas import operations
from apps.chamas.api.door import TAGS, Named, Room, in_currency
from apps.chamas.api.paying import by_rail, destination
from apps.chamas.models import ChamaGroup, GroupLoan, GroupLoanRow, GroupLoanStatus, Membership
from apps.kernel.clock import now
from apps.kernel.idempotency import idempotent, idempotent_after, key_of
from apps.kernel.money import Money
from apps.kernel.serializers import MoneyField
from apps.payments.api.serializers import PaymentShown
from apps.payments.rails import Destination
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.doors import signed_in

_MONEY = {"amount": "3000.00", "currency": "KES"}


class AskLoan(Strict):
    """How much, for how long, and who stands for it."""

    amount = MoneyField(positive=True)
    months = serializers.IntegerField(min_value=1, max_value=60)
    guarantors = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**31 - 1), max_length=10, help_text="Their numbers"
    )
    purpose = serializers.CharField(max_length=140, required=False, allow_blank=True, default="")


class RepayGroupLoan(Strict):
    """How much, and from which account of one's own."""

    amount = MoneyField(positive=True)
    from_account = serializers.IntegerField(
        required=False, min_value=1, max_value=2**62, help_text="The main account when left out"
    )
    note = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")


class GuarantorShown(serializers.Serializer[Any]):
    """Who stands for a loan."""

    member = Named()
    agreed_at = serializers.DateTimeField(allow_null=True)
    declined_at = serializers.DateTimeField(allow_null=True)


class GroupInstalmentShown(serializers.Serializer[Any]):
    """One instalment."""

    number = serializers.IntegerField()
    due_on = serializers.DateField()
    principal = serializers.SerializerMethodField()
    interest = serializers.SerializerMethodField()
    left = serializers.SerializerMethodField()

    def _money(self, minor: int) -> Any:
        return MoneyField().to_representation(Money(minor, self.context["currency"]))

    @extend_schema_field(MoneyField())
    def get_principal(self, row: GroupLoanRow) -> Any:
        """Of it."""
        return self._money(row.principal_minor)

    @extend_schema_field(MoneyField())
    def get_interest(self, row: GroupLoanRow) -> Any:
        """Of it."""
        return self._money(row.interest_minor)

    @extend_schema_field(MoneyField())
    def get_left(self, row: GroupLoanRow) -> Any:
        """Still to be paid; nothing once the loan was written off, for then it is not owed by instalments."""
        return self._money(row.open_minor if self.context["runs"] else 0)


class GroupLoanShown(serializers.Serializer[Any]):
    """A loan of the group to a member. `reference` is what is quoted when paying back."""

    reference = serializers.CharField()
    member = Named()
    purpose = serializers.CharField()
    principal = MoneyField()
    left = MoneyField(help_text="Principal not paid back")
    written_off = MoneyField(help_text="Principal that the group lost by it")
    recovered = MoneyField(help_text="Of that, what came back afterwards")
    rate = serializers.SerializerMethodField(help_text="Per cent a month, on what is left")
    months = serializers.IntegerField()
    status = serializers.ChoiceField(choices=GroupLoanStatus.choices)
    guarantors: Any = GuarantorShown(source="guarantees.all", many=True)
    asked_at = serializers.DateTimeField()
    paid_out_at = serializers.DateTimeField(allow_null=True)
    over_at = serializers.DateTimeField(allow_null=True)

    def get_rate(self, row: GroupLoan) -> str:
        """`10.00`"""
        return f"{row.rate_bps // 100}.{row.rate_bps % 100:02d}"


class OneGroupLoanShown(GroupLoanShown):
    """A loan with its instalments."""

    instalments = serializers.SerializerMethodField()

    @extend_schema_field(GroupInstalmentShown(many=True))
    def get_instalments(self, row: GroupLoan) -> Any:
        """None before it is paid out."""
        rows = sorted(row.rows.all(), key=lambda one: one.number)
        context = {"currency": row.currency, "runs": row.status == GroupLoanStatus.ACTIVE}
        return GroupInstalmentShown(rows, many=True, context=context).data


def _rows(group: ChamaGroup) -> Any:
    rows = GroupLoan.objects.filter(group=group).select_related("member__user", "member__account__owner", "group")
    return rows.prefetch_related("guarantees__member__user")


def _one(room: Room, reference: str) -> GroupLoan:
    found: GroupLoan = get_object_or_404(_rows(room.group()).prefetch_related("rows"), reference=reference)
    return found


@extend_schema(tags=TAGS)
class Loans(Room):
    """Loans of a group."""

    serializer_class = GroupLoanShown

    @extend_schema(operation_id="chamas_loans_list", responses=GroupLoanShown(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The newest first; every member sees whom the group's money is with."""
        page = self.paginate_queryset(_rows(self.group()).order_by("-pk")) or []
        return self.get_paginated_response(GroupLoanShown(page, many=True).data)

    @extend_schema(
        operation_id="chamas_loans_ask",
        request=AskLoan,
        responses={201: OneGroupLoanShown},
        examples=[
            OpenApiExample(
                "For a sewing machine",
                {"amount": _MONEY, "months": 3, "guarantors": [2, 3], "purpose": "Sewing machine"},
                request_only=True,
            )
        ],
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """Ask. When all guarantors have agreed, propose the act LEND_TO_MEMBER: the group votes and officers sign."""
        asked, group = read(AskLoan, request), self.group()
        by_number = dict(Membership.objects.filter(group=group).values_list("number", "pk"))
        loan = operations.ask_loan(
            group=group,
            amount=in_currency(group, asked["amount"]),
            months=asked["months"],
            guarantors=[by_number.get(number, 0) for number in asked["guarantors"]],
            purpose=asked["purpose"],
            key=f"api/{key_of(request) or uuid.uuid4().hex}",
            by=signed_in(request),
            at=now(),
        )
        return Response(OneGroupLoanShown(_one(self, loan.reference)).data, status=201)


@extend_schema(tags=TAGS)
class OneLoan(Room):
    """One loan."""

    @extend_schema(operation_id="chamas_loans_retrieve", responses=OneGroupLoanShown)
    def get(self, request: Request, slug: str, reference: str) -> Response:
        """With its instalments."""
        return Response(OneGroupLoanShown(_one(self, reference)).data)


@extend_schema(tags=TAGS)
class Guarantee(Room):
    """A guarantor's word."""

    @extend_schema(operation_id="chamas_loans_guarantee", request=None, responses=OneGroupLoanShown)
    def post(self, request: Request, slug: str, reference: str) -> Response:
        """Stand for it with one's own savings, by one's own word. Who says nothing stands for nothing."""
        operations.agree_to_guarantee(loan=_one(self, reference), by=signed_in(request), at=now())
        return Response(OneGroupLoanShown(_one(self, reference)).data)


@extend_schema(tags=TAGS)
class DeclineGuarantee(Room):
    """A guarantor's no."""

    @extend_schema(operation_id="chamas_loans_decline", request=None, responses=OneGroupLoanShown)
    def post(self, request: Request, slug: str, reference: str) -> Response:
        """Say no while the loan waits; the borrower is told. It is not paid out then."""
        operations.decline_guarantee(loan=_one(self, reference), by=signed_in(request), at=now())
        return Response(OneGroupLoanShown(_one(self, reference)).data)


@extend_schema(tags=TAGS)
class CancelLoan(Room):
    """A loan not wanted any more."""

    @extend_schema(operation_id="chamas_loans_cancel", request=None, responses=OneGroupLoanShown)
    def post(self, request: Request, slug: str, reference: str) -> Response:
        """By who asked, before it is paid out."""
        operations.cancel_loan(loan=_one(self, reference), by=signed_in(request), at=now())
        return Response(OneGroupLoanShown(_one(self, reference)).data)


@extend_schema(tags=TAGS)
class RepayLoan(Room):
    """A loan paid back."""

    def _found(self, request: Request) -> Destination:
        asked, loan = read(RepayGroupLoan, request), _one(self, self.kwargs["reference"])
        return destination(loan.reference, in_currency(loan.group, asked["amount"]))

    @extend_schema(
        operation_id="chamas_loans_repay",
        request=RepayGroupLoan,
        responses={201: PaymentShown},
        examples=[OpenApiExample("An instalment", {"amount": _MONEY}, request_only=True)],
    )
    @idempotent_after(lambda view, request: view._found(request))
    def post(self, request: Request, slug: str, reference: str, prepared: Destination) -> Response:
        """201 with a challenge: `POST /api/v1/payments/{id}/confirm/` pays it. More than an instalment lowers the rest.

        What comes back of a loan that was written off is earned together.

        By M-Pesa: our paybill with the loan's reference as the account.
        """
        asked = read(RepayGroupLoan, request)
        return by_rail(self, request, prepared=prepared, amount=asked["amount"], asked=asked)
