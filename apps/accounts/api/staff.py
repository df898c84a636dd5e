"""Accounts by API for staff: lines of customers, cash over the counter."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import operations
from apps.accounts.api import serializers as shapes
from apps.accounts.api.filters import TransactionFilter
from apps.accounts.models import Account, CashMovement, Transaction
from apps.kernel.api.approvals import ApprovalAsked
from apps.kernel.clock import now
from apps.kernel.errors import DomainError, NotAllowed, NotFound
from apps.kernel.idempotency import key_of
from apps.kernel.openapi import IDEMPOTENCY_HEADER
from apps.kernel.pagination import Cursors
from apps.kernel.serializers import MoneyField
from apps.users import operations as people
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.api.staff import holds
from apps.users.doors import signed_in
from apps.users.models import User


class KeyNeeded(DomainError):
    """Cash counts once by its key, so it must have one."""

    code, status = "idempotency_key_needed", 400


class AdminTransactions(ListAPIView[Transaction]):
    """Lines of all customers."""

    serializer_class = shapes.TransactionShown
    pagination_class = Cursors
    permission_classes = (holds("accounts.view_transactions"),)
    filterset_class = TransactionFilter
    search_fields = ("reference",)
    ordering_fields: tuple[str, ...] = ()
    queryset = Transaction.objects.select_related("account")

    @extend_schema(tags=["staff"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().get(request, *args, **kwargs)


class InterestBack(Strict):
    """How much of it was earned all the same, and why the rest was not."""

    owed = MoneyField()
    reason = serializers.CharField(max_length=200)


class TakeInterestBack(APIView):
    """Interest that was paid wrongly."""

    permission_classes = (holds("ledger.reverse_transfer"),)

    @extend_schema(tags=["staff"], request=InterestBack, responses={202: ApprovalAsked})
    def post(self, request: Request, pk: int) -> Response:
        """Asked for here, by the number of its transfer; it leaves the account with its tax once another allows it."""
        payment = operations.interest_payment_of(pk)
        if payment is None:
            raise NotFound(_("No interest was paid by that transfer."))
        row = operations.ask_interest_back(
            payment=payment, **read(InterestBack, request), by=signed_in(request), at=now()
        )
        return Response({"approval": row.pk, "status": row.status}, status=202)


class LastTen(Cursors):
    """Ten unless more are asked for."""

    page_size = 10


class CustomerStatement(ListAPIView[Transaction]):
    """The last lines of a customer."""

    serializer_class = shapes.TransactionShown
    pagination_class = LastTen
    permission_classes = (holds("accounts.view_transactions", "users.break_glass"),)
    filter_backends = ()

    def get_queryset(self) -> Any:
        """Of all their accounts, to who holds the right or broke the glass; the look is recorded."""
        staff = signed_in(self.request)
        glass = people.sees_whole(staff, User(pk=self.kwargs["pk"]), now())
        if not glass and not staff.has_perm("accounts.view_transactions"):
            raise NotAllowed(_("You do not hold the right to do this."))
        customer = get_object_or_404(User.objects.customers(), pk=self.kwargs["pk"])
        people.look_at(customer=customer, by=signed_in(self.request), reason="API: statement", at=now())
        return Transaction.objects.owned_by(customer).select_related("account")

    @extend_schema(tags=["staff"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ten by default."""
        return super().get(request, *args, **kwargs)


class Cash(APIView):
    """Cash over the counter."""

    permission_classes = (holds("accounts.take_cash"),)
    throttle_scope = "money"
    take = staticmethod(operations.deposit_cash)

    @extend_schema(
        tags=["staff"],
        request=shapes.TakeCash,
        responses={201: shapes.CashShown, 202: shapes.CashShown},
        parameters=[IDEMPOTENCY_HEADER],
    )
    def post(self, request: Request) -> Response:
        """201 when it is done, 202 when it waits for a second person. Needs an Idempotency-Key."""
        key = key_of(request)
        if key is None:
            raise KeyNeeded(_("Send an Idempotency-Key, so that a form sent twice counts once. No money moved."))
        asked = read(shapes.TakeCash, request)
        number = asked.pop("account").replace(" ", "")
        account = Account.objects.select_related("owner").filter(number=number).first()
        if account is None:
            raise NotFound(_("There is no account with that number. No money moved."))
        cash: CashMovement = self.take(account=account, key=key[:80], by=signed_in(request), at=now(), **asked)
        return Response(shapes.CashShown(cash).data, status=201 if cash.transfer_id else 202)
