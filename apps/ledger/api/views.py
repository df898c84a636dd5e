"""The books by API: staff look, and ask for reversals; nothing is posted here."""

from typing import Any

from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import local_date, now
from apps.kernel.idempotency import idempotent
from apps.kernel.money import decimals
from apps.kernel.pagination import Cursors
from apps.ledger import operations, policies, queries
from apps.ledger.api.filters import AccountFilter, EntryFilter
from apps.ledger.api.serializers import (
    AccountSerializer,
    EntrySerializer,
    ReversalAsked,
    ReversalRequest,
    TrialBalanceQuery,
    TrialBalanceSerializer,
)
from apps.ledger.models import Entry, LedgerAccount
from apps.users.doors import signed_in


class MayViewBooks(BasePermission):
    """Staff with `ledger.view_books`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether they hold it."""
        return bool(request.user and request.user.is_authenticated and request.user.has_perm("ledger.view_books"))


@extend_schema_view(list=extend_schema(tags=["ledger"]), retrieve=extend_schema(tags=["ledger"]))
class Accounts(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[LedgerAccount]):
    """The accounts of the books."""

    permission_classes = [MayViewBooks]
    serializer_class = AccountSerializer
    filterset_class = AccountFilter
    search_fields = ["code", "name", "owner_reference"]
    ordering_fields = ["code", "id", "opened_at"]
    ordering = ["code"]
    lookup_value_converter = "int"
    queryset = LedgerAccount.objects.select_related("parent")

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A page of accounts with their balances."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self._shown(page or [], many=True))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One account with its balance."""
        return Response(self._shown(self.get_object(), many=False))

    def _shown(self, accounts: Any, *, many: bool) -> Any:
        balances = queries.balances([account.pk for account in (accounts if many else [accounts])])
        context = {**self.get_serializer_context(), "balances": balances}
        return AccountSerializer(accounts, many=many, context=context).data


@extend_schema_view(list=extend_schema(tags=["ledger"]), retrieve=extend_schema(tags=["ledger"]))
class Entries(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Entry]):
    """The entries of the books, newest first."""

    permission_classes = [MayViewBooks]
    serializer_class = EntrySerializer
    pagination_class = Cursors
    filter_backends = [DjangoFilterBackend]  # the cursor orders, and a search over all entries is not offered
    filterset_class = EntryFilter
    lookup_value_converter = "int"
    queryset = Entry.objects.select_related("transfer", "account")

    @extend_schema(tags=["ledger"], request=ReversalRequest, responses={202: ReversalAsked})
    @action(detail=True, methods=["post"], pagination_class=None)
    @idempotent
    def reverse(self, request: Request, pk: int) -> Response:
        """Ask for the entry's whole transfer to be reversed; another member of staff must approve it."""
        policies.require_may_ask_for_reversal(request.user)
        asked = ReversalRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        approval = operations.ask_reversal(
            transfer_id=self.get_object().transfer_id,
            reason=asked.validated_data["reason"],
            by=signed_in(request),
            at=now(),
        )
        return Response(ReversalAsked(approval).data, status=status.HTTP_202_ACCEPTED)


class TrialBalance(APIView):
    """The trial balance of a currency at the end of a day."""

    permission_classes = [MayViewBooks]

    @extend_schema(
        tags=["ledger"],
        parameters=[
            OpenApiParameter("on", {"type": "string", "format": "date"}, description="Today unless given"),
            OpenApiParameter("currency", {"type": "string", "default": "KES", "maxLength": 8}),
        ],
        responses=TrialBalanceSerializer,
    )
    def get(self, request: Request) -> Response:
        """Every account that has moved, with both totals."""
        asked = TrialBalanceQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        currency = asked.validated_data["currency"]
        decimals(currency)  # raises UnknownCurrency
        found = queries.trial_balance(on=asked.validated_data.get("on") or local_date(now()), currency=currency)
        return Response(TrialBalanceSerializer(found).data)
