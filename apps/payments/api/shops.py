"""Shops by API: the merchant and its counters, what it asks for, what it took, gives back and was paid out."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import Account
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.idempotency import idempotent, key_of
from apps.kernel.pagination import Cursors
from apps.kernel.serializers import MoneyField
from apps.payments import operations, queries, shop_files
from apps.payments.models import Merchant, Payment, PosSale, PosTerminal, Refund, SaleAlerts, Settlement, Trade
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.doors import signed_in
from apps.users.models import BusinessProfile, User

TAGS = ["shops"]
_SALE = {"merchant": "6f1c2c8e-8a8c-4b8e-9d55-0f6f3f6a1b2c", "amount": {"amount": "350.00", "currency": "KES"}}
_SHOP = {"trading_name": "Duka la Achieng", "trade": "5411", "town": "Kisumu", "settlement_account": 1}


class NewMerchant(Strict):
    """A shop of one's own, or of a business one signs for."""

    trading_name = serializers.CharField(max_length=25)
    trade = serializers.ChoiceField(choices=Trade.choices, help_text="Merchant category code (ISO 18245)")
    town = serializers.CharField(max_length=15)
    settlement_account = serializers.IntegerField(min_value=1, max_value=2**62)
    business = serializers.IntegerField(required=False, min_value=1, max_value=2**62)


class MerchantShown(serializers.ModelSerializer[Merchant]):
    """A shop; `code` is the text of its open code."""

    id = serializers.UUIDField(source="public_id")
    settlement_account = serializers.IntegerField(source="settlement_account_id")
    business = serializers.IntegerField(source="business_id", allow_null=True)
    code = serializers.SerializerMethodField()

    class Meta:
        model = Merchant
        fields = ["id", "trading_name", "mcc", "town", "till", "status", "currency", "settlement_account", "business",
                  "alerts", "code", "created_at", "closed_at"]  # fmt: skip

    def get_code(self, merchant: Merchant) -> str:
        """The text to draw."""
        return operations.code_of_merchant(merchant)


class ChooseAlerts(Strict):
    """Of which sales the shop hears by SMS."""

    alerts = serializers.ChoiceField(choices=SaleAlerts.choices)


class NewTerminal(Strict):
    """A counter."""

    label: Any = serializers.CharField(max_length=40)
    code = serializers.RegexField(r"^[A-Za-z0-9]{1,8}$", help_text="Stands in the codes it shows")


class TerminalShown(serializers.ModelSerializer[PosTerminal]):
    """A counter."""

    class Meta:
        model = PosTerminal
        fields = ["id", "label", "code", "created_at"]


class NewSale(Strict):
    """An amount to be paid once."""

    merchant = serializers.UUIDField()
    terminal = serializers.IntegerField(required=False, min_value=1, max_value=2**62)
    amount = MoneyField(positive=True)
    note = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")


class SaleShown(serializers.ModelSerializer[PosSale]):
    """A sale; `code` is the text to draw while it is OPEN, `payment` what paid it."""

    id = serializers.UUIDField(source="public_id")
    merchant = serializers.UUIDField(source="merchant.public_id")
    terminal = serializers.IntegerField(source="terminal_id", allow_null=True)
    amount = MoneyField()
    payment = serializers.SerializerMethodField(help_text="Once it is PAID: what a refund names")
    code = serializers.SerializerMethodField()

    class Meta:
        model = PosSale
        fields = ["id", "merchant", "terminal", "amount", "note", "reference", "status", "payment", "code",
                  "created_at", "expires_at", "over_at"]  # fmt: skip

    @extend_schema_field(OpenApiTypes.UUID)
    def get_payment(self, sale: PosSale) -> Any:
        """Not before it is paid."""
        return sale.payment.public_id if sale.status == "PAID" and sale.payment else None

    def get_code(self, sale: PosSale) -> str:
        """The text to draw."""
        return operations.code_of_sale(sale)


class TakingShown(serializers.Serializer[Any]):
    """A payment to the shop, with what went back of it."""

    payment = serializers.UUIDField(source="public_id")
    reference = serializers.CharField()
    payer = serializers.SerializerMethodField(help_text="Half of their name")
    amount = MoneyField()
    refunded = serializers.SerializerMethodField(help_text="Major units")
    is_settled = serializers.SerializerMethodField()
    paid_at = serializers.DateTimeField(source="completed_at")

    def get_payer(self, row: Payment) -> str:
        """As the shop sees it."""
        return queries.as_takings([row])[0].payer

    def get_refunded(self, row: Payment) -> str:
        """What went back, or waits to."""
        return f"{queries.as_takings([row])[0].refunded.amount:f}"

    def get_is_settled(self, row: Payment) -> bool:
        """Whether it was paid out."""
        return row.settlement_id is not None


class NewRefund(Strict):
    """All of a payment, or a part."""

    payment = serializers.UUIDField()
    amount = MoneyField(positive=True)
    reason = serializers.CharField(max_length=200)


class GivenBackShown(serializers.ModelSerializer[Refund]):
    """What was given back."""

    payment = serializers.UUIDField(source="payment.public_id")
    amount = MoneyField()

    class Meta:
        model = Refund
        fields = ["reference", "payment", "status", "amount", "reason", "from_takings", "created_at", "done_at"]


class SettlementShown(serializers.ModelSerializer[Settlement]):
    """What a shop was paid out for a day: sales less refunds, fee and duty."""

    sales = MoneyField()
    refunds = MoneyField()
    fee = MoneyField()
    excise_duty = MoneyField(source="duty")
    net = MoneyField()

    class Meta:
        model = Settlement
        fields = ["reference", "day", "sales_count", "sales", "refunds", "fee", "excise_duty", "net", "created_at"]


class Merchants(viewsets.GenericViewSet[Merchant]):
    """One's own shops, and those of businesses one belongs to."""

    serializer_class = MerchantShown
    queryset = Merchant.objects.all()
    pagination_class = Cursors
    filter_backends = ()
    throttle_scope = "money"
    lookup_field = "public_id"

    def get_queryset(self) -> Any:
        """Nobody else's."""
        return Merchant.objects.visible_to(signed_in(self.request)).order_by("-pk")

    @extend_schema(tags=TAGS, responses=MerchantShown(many=True))
    def list(self, request: Request) -> Response:
        """The newest first."""
        return self._page(self.get_queryset(), MerchantShown)

    @extend_schema(
        tags=TAGS,
        request=NewMerchant,
        responses={201: MerchantShown},
        examples=[OpenApiExample("Groceries", _SHOP, request_only=True)],
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """A shop with its number and its open code; what it takes is paid into `settlement_account` the next day."""
        asked, user = read(NewMerchant, request), signed_in(request)
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
        return Response(MerchantShown(merchant).data, status=201)

    @extend_schema(tags=TAGS, responses=MerchantShown)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One, with its code."""
        return Response(MerchantShown(self.get_object()).data)

    @extend_schema(tags=TAGS, request=None, responses=MerchantShown)
    def close(self, request: Request, public_id: str) -> Response:
        """It takes no more payments; what it took is still paid out."""
        merchant = operations.close_merchant(merchant=self.get_object(), by=signed_in(request), at=now())
        return Response(MerchantShown(merchant).data)

    @extend_schema(tags=TAGS, request=ChooseAlerts, responses=MerchantShown)
    def alerts(self, request: Request, public_id: str) -> Response:
        """Hear of LARGE sales, of EVERY one, or of NONE."""
        alerts = read(ChooseAlerts, request)["alerts"]
        merchant = operations.choose_sale_alerts(
            merchant=self.get_object(), alerts=alerts, by=signed_in(request), at=now()
        )
        return Response(MerchantShown(merchant).data)

    @extend_schema(tags=TAGS, responses=TerminalShown(many=True))
    def terminals(self, request: Request, public_id: str) -> Response:
        """Its counters."""
        return self._page(PosTerminal.objects.filter(merchant=self.get_object()).order_by("-pk"), TerminalShown)

    @extend_schema(tags=TAGS, responses=TerminalShown)
    def terminal(self, request: Request, public_id: str, code: str) -> Response:
        """One of them."""
        row = get_object_or_404(PosTerminal, merchant=self.get_object(), code=code.upper())
        return Response(TerminalShown(row).data)

    @extend_schema(tags=TAGS, request=NewTerminal, responses={201: TerminalShown})
    @idempotent
    def add_terminal(self, request: Request, public_id: str) -> Response:
        """A counter; the same code with the same label is the same counter."""
        asked = read(NewTerminal, request)
        row = operations.add_terminal(merchant=self.get_object(), by=signed_in(request), at=now(), **asked)
        return Response(TerminalShown(row).data, status=201)

    @extend_schema(tags=TAGS, responses=TakingShown(many=True))
    def takings(self, request: Request, public_id: str) -> Response:
        """What it was paid, the newest first."""
        rows = queries.with_refunds(Payment.objects.filter(merchant=self.get_object())).order_by("-pk")
        return self._page(rows, TakingShown)

    @extend_schema(tags=TAGS, responses=GivenBackShown(many=True))
    def refunds(self, request: Request, public_id: str) -> Response:
        """What it gave back, the newest first."""
        rows = Refund.objects.filter(payment__merchant=self.get_object()).select_related("payment").order_by("-pk")
        return self._page(rows, GivenBackShown)

    @extend_schema(tags=TAGS, request=NewRefund, responses={201: GivenBackShown})
    @idempotent
    def give_back(self, request: Request, public_id: str) -> Response:
        """At once: out of what it was not paid out yet, later from its settlement account."""
        asked, merchant = read(NewRefund, request), self.get_object()
        row = operations.refund_by_merchant(
            payment=get_object_or_404(Payment.objects.filter(merchant=merchant), public_id=asked["payment"]),
            amount=asked["amount"],
            reason=asked["reason"],
            key=key_of(request) or uuid.uuid4().hex,
            by=signed_in(request),
            at=now(),
        )
        return Response(GivenBackShown(row).data, status=201)

    @extend_schema(tags=TAGS, responses=SettlementShown(many=True))
    def settlements(self, request: Request, public_id: str) -> Response:
        """What it was paid out, the newest day first."""
        return self._page(Settlement.objects.filter(merchant=self.get_object()).order_by("-pk"), SettlementShown)

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
        request=NewSale,
        responses={201: SaleShown},
        examples=[OpenApiExample("At the counter", _SALE, request_only=True)],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """A code that is paid once, within fifteen minutes."""
        asked, user = read(NewSale, request), signed_in(request)
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
        return Response(SaleShown(sale).data, status=201)


class OneSale(APIView):
    """Whether it is paid."""

    @extend_schema(tags=TAGS, responses=SaleShown)
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """As it stands now."""
        return Response(SaleShown(get_object_or_404(_sales(signed_in(request)), public_id=public_id)).data)


class VoidSale(APIView):
    """Taking back what was asked."""

    throttle_scope = "money"

    @extend_schema(tags=TAGS, request=None, responses=SaleShown)
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Before it is paid; sent again, it changes nothing."""
        user = signed_in(request)
        sale = get_object_or_404(_sales(user), public_id=public_id)
        return Response(SaleShown(operations.void_sale(sale=sale, by=user, at=now())).data)
