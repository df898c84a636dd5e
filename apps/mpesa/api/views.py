"""M-Pesa by API: top-ups and withdrawals of one's own, and suspense for staff."""

import uuid
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import Account, TransactionType
from apps.accounts.queries import main_account
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.idempotency import idempotent, idempotent_after, key_of
from apps.kernel.pagination import Cursors
from apps.mpesa import operations
from apps.mpesa.api import serializers as shapes
from apps.mpesa.models import MpesaTransaction
from apps.payments import operations as payments
from apps.payments.api.serializers import PaymentShown
from apps.payments.rails import Destination
from apps.users.api.auth import read
from apps.users.api.staff import holds
from apps.users.doors import signed_in
from apps.users.models import User


def _account(user: User, pk: int | None) -> Account:
    account = main_account(user) if pk is None else Account.objects.owned_by(user).filter(pk=pk).first()
    if account is None:
        raise NotFound(_("There is no such account, or it is not yours. No money moved."))
    return account


def _into(user: User, pk: int | None) -> Account:
    """Where money may be added: also an account of a business that one signs for."""
    if pk is None:
        return _account(user, None)
    account = Account.objects.acted_for_by(user).select_related("owner").filter(pk=pk).first()
    if account is None:
        raise NotFound(_("There is no such account, or it is not yours. No money moved."))
    return account


def _own_phone(_view: Any, request: Request) -> Destination:
    """One's own phone as a destination; M-Pesa is asked for its name outside the transaction."""
    amount, phone = read(shapes.Withdraw, request)["amount"], str(signed_in(request).phone or "")
    kind = TransactionType.MOBILE_MONEY
    return payments.find_destination(rail="mpesa", kind=kind, asked={"phone": phone}, amount=amount, at=now())


class MpesaTransactions(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[MpesaTransaction]):
    """One's own."""

    serializer_class = shapes.MpesaShown
    pagination_class = Cursors
    filter_backends = (DjangoFilterBackend,)  # a cursor has its own order
    filterset_fields = ("status", "kind")
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    queryset = MpesaTransaction.objects.all()
    throttle_scope = "money"

    def get_queryset(self) -> Any:
        """Only one's own, and of businesses one signs for."""
        return MpesaTransaction.objects.owned_by(self.request.user)

    @extend_schema(tags=["mpesa"])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(tags=["mpesa"])
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(tags=["mpesa"], request=shapes.AskPush, responses={201: shapes.MpesaShown})
    @idempotent
    def create(self, request: Request) -> Response:
        """The same as `stk-push/`."""
        return self._push(request)

    @extend_schema(
        tags=["mpesa"],
        request=shapes.AskPush,
        responses={201: shapes.MpesaShown},
        examples=[OpenApiExample("Top up", {"amount": {"amount": "1500.00", "currency": "KES"}}, request_only=True)],
    )
    @action(detail=False, methods=["post"], url_path="stk-push")
    @idempotent
    def stk_push(self, request: Request) -> Response:
        """Sends a prompt to the phone; the money is there when `status` says COMPLETED."""
        return self._push(request)

    def _push(self, request: Request) -> Response:
        asked, user = read(shapes.AskPush, request), signed_in(request)
        push = operations.start_top_up(
            account=_into(user, asked.get("account")),
            phone=asked.get("phone") or str(user.phone or ""),
            amount=asked["amount"],
            key=key_of(request) or uuid.uuid4().hex,
            by=user,
            at=now(),
        )
        return Response(shapes.MpesaShown(push).data, status=201)

    @extend_schema(
        tags=["mpesa"],
        request=shapes.AskTill,
        responses={201: shapes.MpesaShown},
        examples=[
            OpenApiExample(
                "From the shop's till",
                {"till": "300584", "amount": {"amount": "1500.00", "currency": "KES"}},
                request_only=True,
            )
        ],
    )
    @action(detail=False, methods=["post"], url_path="till-push")
    @idempotent
    def till_push(self, request: Request) -> Response:
        """Sends a prompt to the operator of a till; the money is there when `status` says COMPLETED."""
        asked, user = read(shapes.AskTill, request), signed_in(request)
        push = operations.start_top_up(
            account=_into(user, asked.get("account")),
            till=asked["till"],
            amount=asked["amount"],
            key=key_of(request) or uuid.uuid4().hex,
            by=user,
            at=now(),
        )
        return Response(shapes.MpesaShown(push).data, status=201)

    @extend_schema(tags=["mpesa"], responses=shapes.MpesaShown)
    @action(detail=True, methods=["get"])
    def status(self, request: Request, public_id: uuid.UUID) -> Response:
        """Where it stands."""
        return Response(shapes.MpesaShown(self.get_object()).data)

    @extend_schema(
        tags=["mpesa"],
        request=shapes.Withdraw,
        responses={201: PaymentShown},
        examples=[OpenApiExample("Withdraw", {"amount": {"amount": "500.00", "currency": "KES"}}, request_only=True)],
    )
    @action(detail=False, methods=["post"])
    @idempotent_after(_own_phone)
    @transaction.atomic
    def withdraw(self, request: Request, prepared: Destination) -> Response:
        """Begins a payment to one's own M-Pesa; `/payments/{id}/confirm/` sends it."""
        asked, user, at = read(shapes.Withdraw, request), signed_in(request), now()
        payment = payments.start_by_rail(
            payer=user,
            from_account=_account(user, asked.get("from_account")),
            rail="mpesa",
            kind=TransactionType.MOBILE_MONEY,
            destination=prepared,
            amount=asked["amount"],
            key=key_of(request) or uuid.uuid4().hex,
            at=at,
        )
        challenge = payments.challenge(payment=payment, by=user, at=at)
        return Response(PaymentShown(payment, context={"challenge": challenge}).data, status=201)


class Suspense(ListAPIView[MpesaTransaction]):
    """Money of people nobody found yet."""

    serializer_class = shapes.MpesaForStaff
    pagination_class = Cursors
    permission_classes = (holds("mpesa.reconcile_mpesa"),)
    filter_backends = ()
    queryset = MpesaTransaction.objects.filter(in_suspense=True)

    @extend_schema(tags=["staff"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().get(request, *args, **kwargs)


class PlaceMoney(APIView):
    """Giving it to its owner."""

    permission_classes = (holds("mpesa.reconcile_mpesa"),)
    throttle_scope = "money"

    @extend_schema(
        tags=["staff"],
        request=shapes.Place,
        responses={200: shapes.MpesaForStaff, 202: shapes.Asked},
        examples=[
            OpenApiExample(
                "Placed", {"account": "001000000422", "reason": "She sent the SMS; the names agree"}, request_only=True
            )
        ],
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Once; asked again it is refused. Over 10,000 it asks a second person instead (202)."""
        asked = read(shapes.Place, request)
        row = get_object_or_404(MpesaTransaction, public_id=public_id)
        account = Account.objects.select_related("owner").filter(number=asked["account"].replace(" ", "")).first()
        if account is None:
            raise NotFound(_("There is no account with that number. Nothing was changed."))
        waits = operations.place(row=row, account=account, reason=asked["reason"], by=signed_in(request), at=now())
        if waits:
            return Response({"approval": waits.pk}, status=202)
        row.refresh_from_db()
        return Response(shapes.MpesaForStaff(row).data)


class SendBack(APIView):
    """Sending a customer's payment back to the phone it came from."""

    permission_classes = (holds("mpesa.reconcile_mpesa"),)
    throttle_scope = "money"

    @extend_schema(
        tags=["staff"],
        request=shapes.Why,
        responses={202: shapes.Asked},
        examples=[OpenApiExample("Wrong bank", {"reason": "She meant another bank"}, request_only=True)],
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Asks a second person; the money is set aside when they approve."""
        row = get_object_or_404(MpesaTransaction, public_id=public_id)
        asked = read(shapes.Why, request)
        approval = operations.ask_to_send_back(row=row, reason=asked["reason"], by=signed_in(request), at=now())
        return Response({"approval": approval.pk}, status=202)


class Decide(APIView):
    """Saying what became of money on its way out, of which nobody knows."""

    permission_classes = (holds("mpesa.reconcile_mpesa"),)
    throttle_scope = "money"

    @extend_schema(
        tags=["staff"],
        request=shapes.WhatBecame,
        responses={202: shapes.Asked},
        examples=[
            OpenApiExample(
                "It went", {"went": True, "receipt": "SKL7H2M0QX", "reason": "The portal shows it"}, request_only=True
            )
        ],
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Asks a second person to agree; then it is booked as if M-Pesa had said it."""
        row = get_object_or_404(MpesaTransaction, public_id=public_id)
        asked = read(shapes.WhatBecame, request)
        approval = operations.ask_to_decide(row=row, by=signed_in(request), at=now(), **asked)
        return Response({"approval": approval.pk}, status=202)
