"""Shops by API: the merchant and its counters, what it asks for, what it took, gives back and was paid out."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import Account
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.idempotency import idempotent, key_of
from apps.kernel.pagination import Cursors
from apps.payments import operations, queries, shop_files
from apps.payments.api import shop_shapes as shapes
from apps.payments.models import Merchant, Payment, PosSale, PosTerminal, Refund, Settlement
from apps.users.api.auth import read
from apps.users.doors import signed_in
from apps.users.models import BusinessProfile, User

TAGS = ["shops"]
_SALE = {"merchant": "6f1c2c8e-8a8c-4b8e-9d55-0f6f3f6a1b2c", "amount": {"amount": "350.00", "currency": "KES"}}
_SHOP = {"trading_name": "Duka la Achieng", "trade": "5411", "town": "Kisumu", "settlement_account": 1}


class Merchants(viewsets.GenericViewSet[Merchant]):
    """One's own shops, and those of businesses one belongs to."""

    serializer_class = shapes.MerchantShown
    queryset = Merchant.objects.all()
    pagination_class = Cursors
    filter_backends = ()
    throttle_scope = "money"
    lookup_field = "public_id"

    def get_queryset(self) -> Any:
        """Nobody else's."""
        return Merchant.objects.visible_to(signed_in(self.request)).order_by("-pk")

    @extend_schema(tags=TAGS, responses=shapes.MerchantShown(many=True))
    def list(self, request: Request) -> Response:
        """The newest first."""
        return self._page(self.get_queryset(), shapes.MerchantShown)

    @extend_schema(
        tags=TAGS,
        request=shapes.NewMerchant,
        responses={201: shapes.MerchantShown},
        examples=[OpenApiExample("Groceries", _SHOP, request_only=True)],
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """A shop with its number and its open code; what it takes is paid into `settlement_account` the next day."""
        asked, user = read(shapes.NewMerchant, request), signed_in(request)
        merchant = operations.become_merchant(
            trading_name=asked["trading_name"],
            trade=asked["trade"],
            town=asked["town"],
            account=_account(asked["settlement_account"]),
            business=_business(user, asked.get("business")),
            key=key_of(request) or uuid.uuid4().hex,
            by=user,
            at=now(),
        )
        return Response(shapes.MerchantShown(merchant).data, status=201)

    @extend_schema(tags=TAGS, responses=shapes.MerchantShown)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One, with its code."""
        return Response(shapes.MerchantShown(self.get_object()).data)

    @extend_schema(tags=TAGS, request=None, responses=shapes.MerchantShown)
    def close(self, request: Request, public_id: str) -> Response:
        """It takes no more payments; what it took is still paid out."""
        merchant = operations.close_merchant(merchant=self.get_object(), by=signed_in(request), at=now())
        return Response(shapes.MerchantShown(merchant).data)

    @extend_schema(tags=TAGS, request=shapes.ChooseAlerts, responses=shapes.MerchantShown)
    def alerts(self, request: Request, public_id: str) -> Response:
        """Hear of LARGE sales, of EVERY one, or of NONE."""
        alerts = read(shapes.ChooseAlerts, request)["alerts"]
        merchant = operations.choose_sale_alerts(
            merchant=self.get_object(), alerts=alerts, by=signed_in(request), at=now()
        )
        return Response(shapes.MerchantShown(merchant).data)

    @extend_schema(tags=TAGS, responses=shapes.TerminalShown(many=True))
    def terminals(self, request: Request, public_id: str) -> Response:
        """Its counters."""
        return self._page(PosTerminal.objects.filter(merchant=self.get_object()).order_by("-pk"), shapes.TerminalShown)

    @extend_schema(tags=TAGS, responses=shapes.TerminalShown)
    def terminal(self, request: Request, public_id: str, code: str) -> Response:
        """One of them, by its `id` or its `code`; where digits are both, the `id` counts."""
        rows = PosTerminal.objects.filter(merchant=self.get_object())
        is_id = code.isascii() and code.isdigit() and len(code) < 19
        row = rows.filter(pk=int(code)).first() if is_id else None
        return Response(shapes.TerminalShown(row or get_object_or_404(rows, code=code.upper())).data)

    @extend_schema(tags=TAGS, request=shapes.NewTerminal, responses={201: shapes.TerminalShown})
    @idempotent
    def add_terminal(self, request: Request, public_id: str) -> Response:
        """A counter; the same code with the same label is the same counter."""
        asked = read(shapes.NewTerminal, request)
        row = operations.add_terminal(merchant=self.get_object(), by=signed_in(request), at=now(), **asked)
        return Response(shapes.TerminalShown(row).data, status=201)

    @extend_schema(tags=TAGS, responses=shapes.TakingShown(many=True))
    def takings(self, request: Request, public_id: str) -> Response:
        """What it was paid, the newest first."""
        rows = queries.with_refunds(Payment.objects.filter(merchant=self.get_object())).order_by("-pk")
        return self._page(rows, shapes.TakingShown)

    @extend_schema(tags=TAGS, responses=shapes.GivenBackShown(many=True))
    def refunds(self, request: Request, public_id: str) -> Response:
        """What it gave back, the newest first."""
        rows = Refund.objects.filter(payment__merchant=self.get_object()).select_related("payment").order_by("-pk")
        return self._page(rows, shapes.GivenBackShown)

    @extend_schema(tags=TAGS, request=shapes.NewRefund, responses={201: shapes.GivenBackShown})
    @idempotent
    def give_back(self, request: Request, public_id: str) -> Response:
        """At once: out of what it was not paid out yet, later from its settlement account."""
        asked, merchant = read(shapes.NewRefund, request), self.get_object()
        row = operations.refund_by_merchant(
            payment=get_object_or_404(Payment.objects.filter(merchant=merchant), public_id=asked["payment"]),
            amount=asked["amount"],
            reason=asked["reason"],
            key=key_of(request) or uuid.uuid4().hex,
            by=signed_in(request),
            at=now(),
        )
        return Response(shapes.GivenBackShown(row).data, status=201)

    @extend_schema(tags=TAGS, responses=shapes.SettlementShown(many=True))
    def settlements(self, request: Request, public_id: str) -> Response:
        """What it was paid out, the newest day first."""
        return self._page(Settlement.objects.filter(merchant=self.get_object()).order_by("-pk"), shapes.SettlementShown)

    @extend_schema(
        tags=TAGS,
        parameters=[
            OpenApiParameter("reference", str, OpenApiParameter.PATH),
            OpenApiParameter("kind", str, OpenApiParameter.QUERY, enum=[*shop_files.KINDS], default="csv"),
        ],
        responses={(200, "text/csv"): OpenApiTypes.BINARY, (200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def settlement_report(self, request: Request, public_id: str, reference: str) -> Any:
        """Every sale of a day and what was paid out, as a file."""
        rows = Settlement.objects.filter(merchant=self.get_object()).select_related("merchant", "account")
        kind = "pdf" if request.query_params.get("kind") == "pdf" else "csv"
        return shop_files.report(get_object_or_404(rows, reference=reference), kind)

    def _page(self, rows: Any, shape: type[serializers.BaseSerializer[Any]]) -> Response:
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(shape(page, many=True).data)


def _account(pk: int) -> Account:
    row = Account.objects.select_related("owner").filter(pk=pk).first()
    if row is None:
        raise NotFound(_("There is no such account, or it is not yours."))
    return row


def _business(user: User, pk: int | None) -> BusinessProfile | None:
    if pk is None:
        return None
    row = BusinessProfile.objects.visible_to(user).filter(pk=pk).first()
    if row is None:
        raise NotFound(_("There is no such business, or you do not belong to it."))
    return row


def _sales(user: User) -> Any:
    visible = PosSale.objects.filter(merchant__in=Merchant.objects.visible_to(user))
    return visible.select_related("merchant__business", "terminal", "payment")


class Sales(APIView):
    """Amounts a shop asks for."""

    throttle_scope = "money"

    @extend_schema(
        tags=TAGS,
        request=shapes.NewSale,
        responses={201: shapes.SaleShown},
        examples=[OpenApiExample("At the counter", _SALE, request_only=True)],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """A code that is paid once, within fifteen minutes."""
        asked, user = read(shapes.NewSale, request), signed_in(request)
        merchant = get_object_or_404(Merchant.objects.visible_to(user), public_id=asked["merchant"])
        terminal = asked.get("terminal")
        sale = operations.ask_sale(
            merchant=merchant,
            amount=asked["amount"],
            terminal=get_object_or_404(PosTerminal, pk=terminal, merchant=merchant) if terminal else None,
            note=asked["note"],
            key=key_of(request) or uuid.uuid4().hex,
            by=user,
            at=now(),
        )
        return Response(shapes.SaleShown(sale).data, status=201)


class OneSale(APIView):
    """Whether it is paid."""

    @extend_schema(tags=TAGS, responses=shapes.SaleShown)
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """As it stands now."""
        return Response(shapes.SaleShown(get_object_or_404(_sales(signed_in(request)), public_id=public_id)).data)


class VoidSale(APIView):
    """Taking back what was asked."""

    throttle_scope = "money"

    @extend_schema(tags=TAGS, request=None, responses=shapes.SaleShown)
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Before it is paid; sent again, it changes nothing."""
        user = signed_in(request)
        sale = get_object_or_404(_sales(user), public_id=public_id)
        return Response(shapes.SaleShown(operations.void_sale(sale=sale, by=user, at=now())).data)
