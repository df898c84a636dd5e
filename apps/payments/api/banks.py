"""Payments to other banks and abroad by API: the directory, the corridors, quotes, and beginning a payment."""

import uuid
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import TransactionType
from apps.kernel.clock import local_date, now
from apps.kernel.errors import NotFound
from apps.kernel.idempotency import idempotent, idempotent_after, key_of
from apps.kernel.serializers import MoneyField
from apps.payments import operations, rails
from apps.payments.api import serializers as shapes
from apps.payments.api.places import account_of
from apps.payments.banks import places
from apps.payments.models import Corridor, Method, OtherBank, Purpose, RemittanceQuote
from apps.payments.operations import banks
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.doors import signed_in

ACCOUNT: dict[str, Any] = {"required": False, "min_value": 1, "max_value": 2**62}
ACCOUNT |= {"help_text": "The main account when left out"}


class BankShown(serializers.ModelSerializer[OtherBank]):
    """A bank that can be paid."""

    class Meta:
        model = OtherBank
        fields = ["code", "name", "bic", "is_pesalink"]


class CorridorShown(serializers.ModelSerializer[Corridor]):
    """A way abroad; limits are of what arrives."""

    least, most = MoneyField(), MoneyField()

    class Meta:
        model = Corridor
        fields = ["country", "currency", "method", "least", "most", "working_days"]


class ToBank(Strict):
    """An account at another bank of Kenya."""

    from_account = serializers.IntegerField(**ACCOUNT)
    bank = serializers.RegexField(r"^[0-9]{2}$", help_text="From `GET /api/v1/banks`")
    account = serializers.CharField(max_length=24, help_text="Account number; by PesaLink also a phone")
    name = serializers.CharField(max_length=140, required=False, default="", allow_blank=True)
    amount = MoneyField(positive=True)
    note = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")


class AskRemittance(Strict):
    """What shall be sent abroad: `amount` in shillings is given, in the corridor's currency it is what arrives."""

    from_account = serializers.IntegerField(**ACCOUNT)
    country = serializers.RegexField(r"^[A-Z]{2}$")
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    method = serializers.ChoiceField(choices=Method.choices)
    amount = MoneyField(positive=True)


class RemittanceShown(serializers.Serializer[RemittanceQuote]):
    """What it costs and brings."""

    id = serializers.UUIDField(source="public_id")
    give, get = MoneyField(source="quote.give"), MoneyField(source="quote.get")
    rate = serializers.CharField(source="quote.rate_words")
    fee, excise_duty, total = MoneyField(), MoneyField(source="duty"), MoneyField()
    arrives_on = serializers.DateField()
    expires_at = serializers.DateTimeField(source="quote.expires_at")


class SendAbroad(Strict):
    """By a quote of one's own that has not run out."""

    quote = serializers.UUIDField(help_text="From `POST /api/v1/transactions/international/quote`")
    name = serializers.CharField(max_length=140)
    account = serializers.CharField(max_length=40, help_text="IBAN, account or wallet, by the corridor")
    bic = serializers.CharField(max_length=11, required=False, default="", allow_blank=True)
    town = serializers.CharField(max_length=35, required=False, default="", allow_blank=True)
    purpose = serializers.ChoiceField(choices=Purpose.choices, help_text="ISO 20022 purpose code")
    note = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")


class Banks(ListAPIView[OtherBank]):
    """Banks of Kenya."""

    serializer_class = BankShown
    pagination_class = None
    filter_backends = ()
    queryset = OtherBank.objects.none()

    def get_queryset(self) -> Any:
        """Those of today."""
        return OtherBank.objects.on(local_date(now()))

    @extend_schema(tags=["payments"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """By name."""
        return super().get(request, *args, **kwargs)


class Corridors(ListAPIView[Corridor]):
    """Ways abroad."""

    serializer_class = CorridorShown
    pagination_class = None
    filter_backends = ()
    queryset = Corridor.objects.none()

    def get_queryset(self) -> Any:
        """Those of today."""
        return Corridor.objects.on(local_date(now()))

    @extend_schema(tags=["payments"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """By country."""
        return super().get(request, *args, **kwargs)


class External(APIView):
    """To another bank of Kenya: by PesaLink where it goes, else by file."""

    throttle_scope = "money"

    def _found(self, request: Request) -> tuple[str, rails.Destination]:
        asked, at = read(ToBank, request), now()
        rail = places.rail_for(code=asked["bank"], amount=asked["amount"], at=at)
        where = {name: asked[name] for name in ("bank", "account", "name")}
        kind = TransactionType.EXTERNAL_TRANSFER
        return rail, operations.find_destination(rail=rail, kind=kind, asked=where, amount=asked["amount"], at=at)

    @extend_schema(
        tags=["payments"],
        request=ToBank,
        responses={201: shapes.PaymentShown},
        examples=[
            OpenApiExample(
                "Rent",
                {"bank": "01", "account": "01109876543217", "amount": {"amount": "18000.00", "currency": "KES"}},
                request_only=True,
            )
        ],
    )
    @idempotent_after(_found)
    @transaction.atomic
    def post(self, request: Request, prepared: tuple[str, rails.Destination]) -> Response:
        """201 with the payee's name, what it costs and a challenge; `/payments/{id}/confirm/` sends it."""
        asked, user, at = read(ToBank, request), signed_in(request), now()
        rail, destination = prepared
        payment = operations.start_by_rail(
            payer=user,
            from_account=account_of(user, asked.get("from_account")),
            rail=rail,
            kind=TransactionType.EXTERNAL_TRANSFER,
            destination=destination,
            amount=asked["amount"],
            note=asked["note"],
            key=key_of(request) or uuid.uuid4().hex,
            at=at,
        )
        challenge = operations.challenge(payment=payment, by=user, at=at)
        return Response(shapes.PaymentShown(payment, context={"challenge": challenge}).data, status=201)


class QuoteAbroad(APIView):
    """What sending abroad costs and brings."""

    throttle_scope = "money"

    @extend_schema(
        tags=["payments"],
        request=AskRemittance,
        responses={201: RemittanceShown},
        examples=[
            OpenApiExample(
                "To Germany",
                {
                    "country": "DE",
                    "currency": "EUR",
                    "method": "IBAN",
                    "amount": {"amount": "20000.00", "currency": "KES"},
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """201 with rate, fee and the day it arrives; good for a minute and one payment. Nothing is taken."""
        asked, user = read(AskRemittance, request), signed_in(request)
        account = account_of(user, asked.pop("from_account", None))
        found = banks.quote_remittance(user=user, account=account, at=now(), **asked)
        return Response(RemittanceShown(found).data, status=201)


class International(APIView):
    """Abroad, by a quote."""

    throttle_scope = "money"

    @extend_schema(
        tags=["payments"],
        request=SendAbroad,
        responses={201: shapes.PaymentShown},
        examples=[
            OpenApiExample(
                "Maintenance",
                {
                    "quote": "6f1c2c8e-8a8c-4b8e-9d55-0f6f3f6a1b2c",
                    "name": "Zoe Mueller",
                    "account": "DE89370400440532013000",
                    "bic": "COBADEFFXXX",
                    "purpose": "FAMI",
                },
                request_only=True,
            )
        ],
    )
    @idempotent
    @transaction.atomic
    def post(self, request: Request) -> Response:
        """201 with what it costs and a challenge; rate and fee hold for five minutes. Needs checked papers (TIER_2)."""
        asked, user, at = read(SendAbroad, request), signed_in(request), now()
        rows = RemittanceQuote.objects.select_related("quote", "corridor", "account")
        remittance = rows.filter(public_id=asked["quote"], user=user).first()
        if remittance is None:
            raise NotFound(_("There is no such quote, or it is not yours. No money moved."))
        key = key_of(request) or f"remittance/{remittance.public_id}"
        payment = banks.send_abroad(payer=user, remittance=remittance, to=asked, key=key, note=asked["note"], at=at)
        challenge = operations.challenge(payment=payment, by=user, at=at)
        return Response(shapes.PaymentShown(payment, context={"challenge": challenge}).data, status=201)
