"""Payments by API within the bank: begin, prove, move. What leaves it begins in `outside`."""

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

from apps.fx.models import Quote
from apps.kernel.clock import now
from apps.kernel.errors import DomainError, NotFound
from apps.kernel.idempotency import idempotent, key_of
from apps.kernel.pagination import Cursors
from apps.payments import operations
from apps.payments.api import serializers as shapes
from apps.payments.api.places import account_of
from apps.payments.models import Payment
from apps.payments.operations.confirm import CONFIRMED, note_refusal
from apps.users import operations as people
from apps.users.api.auth import read
from apps.users.doors import signed_in

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
            from_account=account_of(user, asked.get("from_account")),
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
            from_account=account_of(user, asked["from_account"]),
            to_account=account_of(user, asked["to_account"]),
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
            from_account=account_of(user, asked["from_account"]),
            to_account=account_of(user, asked["to_account"]),
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
        account = account_of(user, None)
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
