"""Codes to be paid by."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListCreateAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Account
from apps.kernel.clock import now
from apps.payments import operations
from apps.payments.api import serializers as shapes
from apps.payments.models import QrCode
from apps.users.api.auth import read
from apps.users.doors import signed_in


def _codes(user: Any) -> Any:
    mine = Account.objects.acted_for_by(user)
    return QrCode.objects.filter(account__in=mine).select_related("account__owner")


class QrCodes(ListCreateAPIView[QrCode]):
    """Codes to be paid by."""

    serializer_class = shapes.QrShown
    filter_backends = ()

    def get_queryset(self) -> Any:
        """Of one's own accounts and those of businesses one signs for."""
        return _codes(self.request.user).order_by("-pk")

    @extend_schema(tags=["payments"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(tags=["payments"], request=shapes.AskByQr, responses={201: shapes.QrShown})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Without an amount always the same code; with one, good once for a day."""
        asked, user = read(shapes.AskByQr, request), signed_in(request)
        account = get_object_or_404(Account.objects.acted_for_by(user).select_related("owner"), pk=asked["account"])
        code = operations.ask_by_qr(account=account, amount=asked["amount"], by=user, at=now())
        return Response(shapes.QrShown(code).data, status=201)


class OneQrCode(RetrieveAPIView[QrCode]):
    """One code."""

    serializer_class = shapes.QrShown
    filter_backends = ()

    def get_queryset(self) -> Any:
        """Of one's own accounts and those of businesses one signs for."""
        return _codes(self.request.user)

    @extend_schema(tags=["payments"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """With the text to draw."""
        return super().get(request, *args, **kwargs)
