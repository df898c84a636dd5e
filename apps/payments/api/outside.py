"""Payments by API that leave the bank by a rail, and codes that may lead out of it."""

import uuid
from typing import Any

from django.db import transaction
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import TransactionType
from apps.kernel.clock import now
from apps.kernel.idempotency import idempotent_after, key_of
from apps.kernel.money import Money
from apps.payments import operations
from apps.payments.api import serializers as shapes
from apps.payments.api.places import account_of
from apps.payments.api.views import Begin
from apps.payments.rails import Destination
from apps.users.api.auth import read
from apps.users.doors import signed_in


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
            from_account=account_of(user, asked.get("from_account")),
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
            from_account=account_of(user, asked.get("from_account")),
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
