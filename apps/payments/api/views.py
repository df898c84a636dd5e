"""Payments by API: begin, prove, move."""

import uuid
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.filters import SearchFilter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import Account, TransactionType
from apps.accounts.queries import main_account
from apps.fx.models import Quote
from apps.kernel.clock import now
from apps.kernel.errors import DomainError, NotFound
from apps.kernel.idempotency import idempotent, idempotent_after, key_of
from apps.kernel.money import Money
from apps.kernel.pagination import Cursors
from apps.payments import operations
from apps.payments.api import serializers as shapes
from apps.payments.models import Payment
from apps.payments.operations.confirm import CONFIRMED, note_refusal
from apps.payments.rails import Destination
from apps.users import operations as people
from apps.users.api.auth import read
from apps.users.doors import signed_in
from apps.users.models import User


def _account(user: User, pk: int | None) -> Account:
    """One's own account, the main one when none is named. Raises NotFound."""
    account = main_account(user) if pk is None else Account.objects.owned_by(user).filter(pk=pk).first()
    if account is None:
        raise NotFound(_("There is no such account, or it is not yours. No money moved."))
    return account


_PAYMENT = shapes.PaymentShown()  # for what every payment waits for: to make one disturbs Python's cache of all fields


class Begin(APIView):
    """Begins a payment and asks for its proof; where its account could not pay it, nothing is begun and none asked."""

    throttle_scope = "money"
    shape: type[Any] = shapes.SendMoney

    @idempotent
    def post(self, request: Request) -> Response:
        """201 with the payee's name and a challenge; `/payments/{id}/confirm/` moves the money."""
        return self._begun(request)

    @transaction.atomic
    def _begun(self, request: Request) -> Response:
        asked, user, at = read(self.shape, request), signed_in(request), now()
        payment = operations.start(
            payer=user,
            from_account=_account(user, asked.get("from_account")),
            to=asked.get("qr") or asked["to"],
            amount=asked["amount"],
            note=asked["note"],
            key=key_of(request) or uuid.uuid4().hex,
            at=at,
        )
        challenge = operations.challenge(payment=payment, by=user, at=at)
        return Response(shapes.PaymentShown(payment, context={"challenge": challenge}).data, status=201)


@extend_schema(
    tags=["payments"],
    request=shapes.SendMoney,
    responses={201: shapes.PaymentShown},
    examples=[
        OpenApiExample(
            "Lunch",
            {"to": "0722 000 114", "amount": {"amount": "350.00", "currency": "KES"}, "note": "Lunch"},
            request_only=True,
        )
    ],
)
class P2P(Begin):
    """Pay a person by phone or account number."""


class QrPayment(Begin):
    """Pay what a QR code asks for: a person or a shop here, or by its rail an M-Pesa till, paybill or phone."""

    shape = shapes.PayByQr

    def _found(self, request: Request) -> tuple[operations.WayOut, Money, Destination] | None:
        """Where a code of somebody else's leads; None for ours. Its rail may be asked, so outside any transaction."""
        asked = read(self.shape, request)
        way = operations.way_out(asked["qr"])
        if way is None:
            return None
        amount = operations.require_amount(way, asked["amount"])
        there = operations.find_destination(rail=way.rail, kind=way.kind, asked=way.asked, amount=amount, at=now())
        return way, amount, there

    @extend_schema(
        tags=["payments"],
        request=shapes.PayByQr,
        responses={201: shapes.PaymentShown},
        examples=[OpenApiExample("A sale", {"qr": "00020101021229280008ke.go.qr0112800042..."}, request_only=True)],
    )
    @idempotent_after(_found)
    @transaction.atomic
    def post(self, request: Request, prepared: tuple[operations.WayOut, Money, Destination] | None = None) -> Response:
        """201 with the payee's name and a challenge; `/payments/{id}/confirm/` moves the money."""
        if prepared is None:
            return self._begun(request)
        way, amount, there = prepared
        asked, user, at = read(self.shape, request), signed_in(request), now()
        payment = operations.start_by_rail(
            payer=user,
            from_account=_account(user, asked.get("from_account")),
            rail=way.rail,
            kind=way.kind,
            destination=there,
            amount=amount,
            note=asked["note"],
            key=key_of(request) or uuid.uuid4().hex,
            at=at,
        )
        challenge = operations.challenge(payment=payment, by=user, at=at)
        return Response(shapes.PaymentShown(payment, context={"challenge": challenge}).data, status=201)


class Outside(APIView):
    """Begins a payment that leaves the bank by a rail, and asks for its proof."""

    throttle_scope = "money"
    rail = "mpesa"
    kind: TransactionType
    shape: type[Any]
    where: tuple[str, ...] = ()

    def _found(self, request: Request) -> Destination:
        asked = read(self.shape, request)
        where = {name: asked[name] for name in self.where}
        return operations.find_destination(
            rail=self.rail, kind=self.kind, asked=where, amount=asked["amount"], at=now()
        )

    @idempotent_after(lambda view, request: view._found(request))
    @transaction.atomic
    def post(self, request: Request, prepared: Destination) -> Response:
        """201 with the payee's name, what it costs and a challenge; `/payments/{id}/confirm/` sends it."""
        asked, user, at = read(self.shape, request), signed_in(request), now()
        payment = operations.start_by_rail(
            payer=user,
            from_account=_account(user, asked.get("from_account")),
            rail=self.rail,
            kind=self.kind,
            destination=prepared,
            amount=asked["amount"],
            note=asked["note"],
            key=key_of(request) or uuid.uuid4().hex,
            at=at,
        )
        challenge = operations.challenge(payment=payment, by=user, at=at)
        return Response(shapes.PaymentShown(payment, context={"challenge": challenge}).data, status=201)


def _example(title: str, **body: Any) -> OpenApiExample:
    return OpenApiExample(title, {**body, "amount": {"amount": "350.00", "currency": "KES"}}, request_only=True)


@extend_schema(
    tags=["payments"],
    request=shapes.ToMobile,
    responses={201: shapes.PaymentShown},
    examples=[_example("To a phone", phone="0722 000 114")],
)
class MobileMoney(Outside):
    """Pay a phone's M-Pesa."""

    kind, shape, where = TransactionType.MOBILE_MONEY, shapes.ToMobile, ("phone",)


@extend_schema(
    tags=["payments"],
    request=shapes.PayBill,
    responses={201: shapes.PaymentShown},
    examples=[
        _example("Electricity", biller="kplc-prepaid", account="14253647586"),
        _example("Water", paybill="888880", account="W-1201"),
    ],
)
class BillPay(Outside):
    """Pay a bill: to a biller of the directory, whose accounts are checked, or by any paybill."""

    kind, shape, where = TransactionType.BILL_PAYMENT, shapes.PayBill, ("paybill", "account")

    def _found(self, request: Request) -> Destination:
        asked, at = read(self.shape, request), now()
        if "biller" not in asked:
            return super()._found(request)
        biller = operations.biller_called(asked["biller"], at=at)
        return operations.find_bill(biller=biller, account=asked["account"], amount=asked["amount"], at=at)


@extend_schema(
    tags=["payments"],
    request=shapes.BuyAirtime,
    responses={201: shapes.PaymentShown},
    examples=[_example("For somebody else", phone="0733 000 114")],
)
class Airtime(Outside):
    """Load airtime onto one's own phone, or another one."""

    rail, kind, shape = "airtime", TransactionType.AIRTIME, shapes.BuyAirtime

    def _found(self, request: Request) -> Destination:
        asked = read(self.shape, request)
        where = {"phone": asked.get("phone") or str(signed_in(request).phone or "")}
        return operations.find_destination(
            rail=self.rail, kind=self.kind, asked=where, amount=asked["amount"], at=now()
        )


@extend_schema(
    tags=["payments"],
    request=shapes.PayTill,
    responses={201: shapes.PaymentShown},
    examples=[_example("Shop", till="300584")],
)
class MerchantPayment(Outside):
    """Pay a shop's till."""

    kind, shape, where = TransactionType.MERCHANT_PAYMENT, shapes.PayTill, ("till",)


class Internal(APIView):
    """Between one's own accounts."""

    throttle_scope = "money"

    @extend_schema(tags=["payments"], request=shapes.MoveMoney, responses={201: shapes.PaymentShown})
    @idempotent
    def post(self, request: Request) -> Response:
        """Moves at once: the money stays with the same person, so no proof is asked."""
        asked, user = read(shapes.MoveMoney, request), signed_in(request)
        payment = operations.move_between_own(
            owner=user,
            from_account=_account(user, asked["from_account"]),
            to_account=_account(user, asked["to_account"]),
            amount=asked["amount"],
            key=key_of(request) or uuid.uuid4().hex,
            at=now(),
        )
        return Response(shapes.PaymentShown(payment).data, status=201)


class Exchange(APIView):
    """Between one's own accounts of two currencies."""

    throttle_scope = "money"

    @extend_schema(
        tags=["payments"],
        request=shapes.Exchange,
        responses={201: shapes.PaymentShown},
        examples=[
            OpenApiExample(
                "From dollars to shillings",
                {"quote": "6f1c2c8e-8a8c-4b8e-9d55-0f6f3f6a1b2c", "from_account": 3, "to_account": 1},
                request_only=True,
            )
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Exchanges at once at the quote's price, once: the money stays with the same person, so no proof is asked."""
        asked, user = read(shapes.Exchange, request), signed_in(request)
        quote = Quote.objects.owned_by(user).filter(public_id=asked["quote"]).first()
        if quote is None:
            raise NotFound(_("There is no such quote, or it is not yours. No money moved."))
        payment = operations.exchange(
            owner=user,
            from_account=_account(user, asked["from_account"]),
            to_account=_account(user, asked["to_account"]),
            quote=quote,
            key=key_of(request) or f"quote/{quote.public_id}",
            at=now(),
        )
        return Response(shapes.PaymentShown(payment).data, status=201)


class AskQuote(APIView):
    """Who would be paid."""

    throttle_scope = "money"

    @extend_schema(tags=["payments"], request=shapes.AskQuote, responses=shapes.Quote)
    def post(self, request: Request) -> Response:
        """Name and fee; nothing is begun."""
        asked, user = read(shapes.AskQuote, request), signed_in(request)
        payee = operations.find_payee(to=asked["to"], payer=user, at=now())
        amount = payee.amount or asked["amount"]
        account = _account(user, None)
        charge = operations.quote_for(payee, account=account, amount=amount, at=now()) if amount else None
        shown = {
            "payee_name": payee.name,
            "payee_address": payee.address,
            "amount": amount,
            "fee": charge and charge.fee,
            "excise_duty": charge and charge.duty,
            "total": charge and amount + charge.total,
            "arrives": _("At once"),
        }
        return Response(shapes.Quote(shown).data)


class Payments(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Payment]):
    """One's own payments."""

    serializer_class = shapes.PaymentShown
    pagination_class = Cursors
    filter_backends = (DjangoFilterBackend, SearchFilter)  # a cursor has its own order
    filterset_fields = ("status", "kind", "rail")
    search_fields = ("payee_name", "note", "reference")
    lookup_field = "public_id"
    queryset = Payment.objects.all()
    throttle_scope = "money"

    def get_queryset(self) -> Any:
        """Only one's own."""
        return Payment.objects.owned_by(self.request.user).select_related("quote")

    @extend_schema(tags=["payments"])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(tags=["payments"])
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(tags=["payments"], request=None, responses={201: shapes.PaymentShown})
    @action(detail=True, methods=["post"])
    def challenge(self, request: Request, public_id: str) -> Response:
        """A new proof for a payment that still waits."""
        payment = self.get_object()
        row = operations.challenge(payment=payment, by=signed_in(request), at=now())
        return Response(shapes.PaymentShown(payment, context={"challenge": row}).data, status=201)

    @extend_schema(tags=["payments"], request=shapes.Confirm, responses=shapes.PaymentShown)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, public_id: uuid.UUID) -> Response:
        """Prove and move. A payment that was confirmed before is answered as it is: nothing moves twice.

        `HELD` and `PENDING` are on their way with the money set aside; read the payment again to see what became of it.
        """
        asked, user = read(shapes.Confirm, request), signed_in(request)
        answer = asked["credential"] or asked["code"]
        if answer:
            payment = self.get_object()
            if payment.status in CONFIRMED:
                return Response(shapes.PaymentShown(payment).data)
            people.answer(challenge_id=asked["challenge"], user=user, answer=answer, at=now())
        try:
            payment = operations.confirm(payment=public_id, challenge_id=asked["challenge"], by=user, at=now())
        except DomainError as refusal:
            note_refusal(payment=self.get_object(), refusal=refusal, by=user, at=now())
            raise
        return Response(_PAYMENT.to_representation(payment))

    @extend_schema(tags=["payments"], request=None, responses=shapes.PaymentShown)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: str) -> Response:
        """Before it is confirmed."""
        payment = operations.cancel(payment=self.get_object(), by=signed_in(request), at=now())
        return Response(shapes.PaymentShown(payment).data)
