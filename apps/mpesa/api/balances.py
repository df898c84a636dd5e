"""What our accounts at M-Pesa hold, by API: for staff."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.clock import now
from apps.kernel.serializers import MoneyField
from apps.mpesa import operations
from apps.mpesa.models import BalanceQuestion, MpesaBalance
from apps.mpesa.operations.send_back import RIGHT
from apps.users.api.staff import holds
from apps.users.doors import signed_in


class HeldShown(serializers.ModelSerializer[MpesaBalance]):
    """One account there."""

    current, available = MoneyField(), MoneyField()

    class Meta:
        model = MpesaBalance
        fields = ["name", "current", "available"]


class BalancesShown(serializers.ModelSerializer[BalanceQuestion]):
    """One question and its answer, with what our books held when it was asked."""

    id = serializers.UUIDField(source="public_id")
    status = serializers.CharField(help_text="ASKED, ANSWERED or REFUSED")
    ours = MoneyField()
    theirs = MoneyField(allow_null=True)
    accounts = HeldShown(many=True)

    class Meta:
        model = BalanceQuestion
        fields = ["id", "shortcode", "status", "error", "asked_at", "answered_at", "ours", "theirs", "accounts"]


class Balances(ListAPIView[BalanceQuestion]):
    """Questions and answers."""

    permission_classes = (holds(RIGHT),)
    serializer_class = BalancesShown
    filter_backends = ()
    throttle_scope = "money"
    queryset = BalanceQuestion.objects.prefetch_related("accounts").order_by("-asked_at")

    @extend_schema(tags=["staff"])
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """The newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(tags=["staff"], request=None, responses={202: BalancesShown})
    def post(self, request: Request) -> Response:
        """202: M-Pesa was asked; its answer comes by itself, mostly within seconds."""
        question = operations.ask_balance(by=signed_in(request), at=now())
        return Response(BalancesShown(question).data, status=202)
