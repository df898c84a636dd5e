"""A person's accounts and lines by API."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import line_files, operations, queries, statements, topups
from apps.accounts.api import serializers as shapes
from apps.accounts.api.filters import TransactionFilter
from apps.accounts.models import Account, Product, Transaction
from apps.fx.errors import RatesStale
from apps.kernel.clock import local_date, month_bounds, now
from apps.kernel.errors import NotFound
from apps.kernel.idempotency import idempotent, key_of
from apps.kernel.money import Money
from apps.kernel.pagination import Cursors
from apps.users.api.auth import read
from apps.users.doors import signed_in

PERIOD = [
    OpenApiParameter("from_date", OpenApiTypes.DATE, description="First day; the month's first when left out"),
    OpenApiParameter("to_date", OpenApiTypes.DATE, description="Last day; today when left out"),
]


class Accounts(mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Account]):
    """One's own accounts."""

    serializer_class = shapes.AccountShown
    lookup_value_converter = "int"
    filter_backends = ()
    queryset = Account.objects.all()

    def get_queryset(self) -> Any:
        """Only one's own: another's is not there."""
        return Account.objects.held_by(self.request.user).select_related("product", "owner__business").in_order()

    @extend_schema(tags=["accounts"], responses=shapes.AccountShown(many=True))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """With balances; two queries whatever their number."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(shapes.AccountShown(queries.holdings(page or []), many=True).data)

    @extend_schema(tags=["accounts"], responses=shapes.AccountShown)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One, with its balance."""
        return self._shown(self.get_object())

    @extend_schema(tags=["accounts"], request=shapes.OpenAccount, responses={201: shapes.AccountShown})
    @idempotent
    def create(self, request: Request) -> Response:
        """Open an account of a product."""
        asked, user = read(shapes.OpenAccount, request), signed_in(request)
        product = Product.objects.filter(code=asked["product"], is_active=True).first()
        if product is None:
            raise NotFound(_("There is no such product."))
        account = operations.open_account(owner=user, product=product, by=user, at=now(), nickname=asked["nickname"])
        return self._shown(account, status=201)

    @extend_schema(tags=["accounts"], request=shapes.ChangeAccount, responses=shapes.AccountShown)
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Name it; nothing else can be written."""
        nickname = read(shapes.ChangeAccount, request)["nickname"]
        account = operations.rename(account=self.get_object(), nickname=nickname, by=signed_in(request), at=now())
        return self._shown(account)

    @extend_schema(tags=["accounts"], request=None, responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Close it, when it is empty."""
        operations.close(account=self.get_object(), by=signed_in(request), at=now())
        return Response(status=204)

    @extend_schema(tags=["accounts"], responses=shapes.AccountShown)
    @action(detail=False, methods=["get"])
    def me(self, request: Request) -> Response:
        """The main account."""
        account = queries.main_account(signed_in(request))
        if account is None:
            raise NotFound(_("Your accounts are being opened. Look again in a moment."))
        return self._shown(account)

    @extend_schema(tags=["accounts"], request=shapes.FreezeReason, responses=shapes.AccountShown)
    @action(detail=True, methods=["post"])
    def freeze(self, request: Request, pk: str) -> Response:
        """Stop money leaving."""
        reason = read(shapes.FreezeReason, request)["reason"]
        return self._shown(operations.freeze(account=self.get_object(), by=signed_in(request), at=now(), reason=reason))

    @extend_schema(tags=["accounts"], request=shapes.FreezeReason, responses=shapes.AccountShown)
    @action(detail=True, methods=["post"])
    def unfreeze(self, request: Request, pk: str) -> Response:
        """Let money leave again. Of a business: still `FROZEN` while others of its mandate must agree."""
        reason = read(shapes.FreezeReason, request)["reason"]
        return self._shown(
            operations.unfreeze(account=self.get_object(), by=signed_in(request), at=now(), reason=reason)
        )

    @extend_schema(tags=["accounts"], parameters=PERIOD, responses=shapes.StatementShown)
    @action(detail=True, methods=["get"])
    def statement(self, request: Request, pk: str) -> Response:
        """Opening balance, lines, closing balance; both days included."""
        asked = request.query_params
        today = local_date(now())
        period = {
            "account": int(pk),
            "from_date": asked.get("from_date", month_bounds(today)[0].isoformat()),
            "to_date": asked.get("to_date", today.isoformat()),
        }
        checked = shapes.ExportPeriod(data=period)
        checked.is_valid(raise_exception=True)
        days = checked.validated_data
        view = queries.statement(self.get_object(), days["from_date"], days["to_date"])
        context = {"money": lambda minor: Money(minor, view.account.currency).amount}
        return Response(shapes.StatementShown(view, context=context).data)

    def _shown(self, account: Account, status: int = 200) -> Response:
        return Response(shapes.AccountShown(queries.holding(account)).data, status=status)


class AddMoney(APIView):
    """Add money from a phone."""

    throttle_scope = "money"

    @extend_schema(tags=["accounts"], request=shapes.Deposit, responses={202: shapes.TopUpShown})
    @idempotent
    def post(self, request: Request) -> Response:
        """202: a prompt goes to the phone; `status_address` says when the money is there."""
        asked, user = read(shapes.Deposit, request), signed_in(request)
        account = queries.main_account(user)
        if asked.get("account"):
            account = get_object_or_404(Account.objects.acted_for_by(user).select_related("owner"), pk=asked["account"])
        if account is None:
            raise NotFound(_("There is no such account, or it is not yours. No money moved."))
        begun = topups.provider().start(
            account=account,
            phone=asked.get("phone") or str(user.phone or ""),
            amount=asked["amount"],
            key=key_of(request) or uuid.uuid4().hex,
            by=user,
            at=now(),
        )
        shown = {"id": begun.id, "status": begun.status, "status_address": begun.address}
        return Response(shapes.TopUpShown(shown).data, status=202)


class Transactions(ListAPIView[Transaction]):
    """One's own lines."""

    serializer_class = shapes.TransactionShown
    pagination_class = Cursors
    filterset_class = TransactionFilter
    search_fields = ("description", "counterparty", "merchant", "reference")
    ordering_fields: tuple[str, ...] = ()

    def get_queryset(self) -> Any:
        """Of all one's accounts, the newest first."""
        return Transaction.objects.held_by(self.request.user).select_related("account")

    @extend_schema(tags=["transactions"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """By date, amount, merchant, category, type; by cursor."""
        return super().get(request, *args, **kwargs)


class ExportTransactions(GenericAPIView[Transaction]):
    """One's own lines as a file."""

    throttle_scope = "money"
    serializer_class = shapes.TransactionShown
    pagination_class = None
    filterset_class = TransactionFilter
    search_fields = Transactions.search_fields
    ordering_fields: tuple[str, ...] = ()

    def get_queryset(self) -> Any:
        """Of all one's accounts."""
        return Transaction.objects.held_by(self.request.user)

    @extend_schema(
        tags=["transactions"],
        parameters=[OpenApiParameter("kind", str, enum=list(line_files.KINDS), description="csv when left out")],
        responses={(200, "text/csv"): OpenApiTypes.BINARY, (200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> HttpResponse:
        """What `GET /api/v1/transactions` finds by the same filters, all of it, as CSV or PDF.

        The CSV is for programs: its heads and kinds are the same in every language. The PDF is for people, in theirs.
        """
        kind = request.query_params.get("kind", "csv")
        if kind not in line_files.KINDS:
            raise ValidationError({"kind": [_("Choose PDF or CSV.")]})
        narrowed = [f"{name} {value}" for name, value in request.query_params.items() if name != "kind" and value]
        lines = self.filter_queryset(self.get_queryset())
        return line_files.file_of(lines, kind=kind, owner=signed_in(request), asked=narrowed, at=now())


class OneTransaction(RetrieveAPIView[Transaction]):
    """One line."""

    serializer_class = shapes.TransactionShown
    filter_backends = ()

    def get_queryset(self) -> Any:
        """Only one's own."""
        return Transaction.objects.held_by(self.request.user).select_related("account")

    @extend_schema(tags=["transactions"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """With the balance after it."""
        return super().get(request, *args, **kwargs)


class CurrencySummary(APIView):
    """All balances together."""

    @extend_schema(tags=["accounts"], responses=shapes.Summary)
    def get(self, request: Request) -> Response:
        """In the home currency, other currencies at mid with the rates' age; 503 when those are over a day old."""
        held = queries.holdings(Account.objects.owned_by(request.user).open().in_order())
        found = queries.together(held, now())
        if any(worth is None and row.posted for row, worth in found.worths):
            raise RatesStale(
                _("Some of your accounts are in other currencies, and our exchange rates are too old to add them up.")
            )
        shown = {
            "currency": found.total.currency,
            "total": found.total,
            "accounts": held,
            "worths": [{"account": row.account.pk, "worth": worth or Money.zero("KES")} for row, worth in found.worths],
            "rates_at": found.rates and found.rates.fetched_at,
            "is_stale": bool(found.rates and found.rates.is_stale),
        }
        return Response(shapes.Summary(shown).data)


class Export(APIView):
    """A statement as a file."""

    throttle_scope = "money"
    kind = "csv"

    @extend_schema(tags=["accounts"], request=shapes.ExportPeriod, responses={(200, "*/*"): OpenApiTypes.BINARY})
    def post(self, request: Request) -> HttpResponse:
        """CSV or PDF; its seal is kept, so that anyone holding it can have it checked.

        The CSV is for programs: its words are the same in every language. The PDF is for people, in theirs.
        """
        asked, user = read(shapes.ExportPeriod, request), signed_in(request)
        account = get_object_or_404(Account.objects.held_by(user).select_related("owner"), pk=asked.pop("account"))
        row, view = operations.make_statement(account=account, by=user, at=now(), **asked)
        return statements.file_of(row, view, self.kind)
