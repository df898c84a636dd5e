"""Guarantees by API: a borrower asks people to stand for them, and those people answer."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import Account
from apps.kernel.clock import now
from apps.kernel.serializers import MoneyField
from apps.lending import guarantors, operations
from apps.lending.models import Guarantee, GuaranteeStatus, Loan
from apps.payments.api.serializers import ChallengeShown, Confirm
from apps.users import operations as people
from apps.users.api.auth import read
from apps.users.api.strict import Strict
from apps.users.doors import signed_in
from apps.users.rules import half_name

TAGS = ["guarantees"]
_ASK = OpenApiExample(
    "A friend", {"phone": "0722 000 114", "amount": {"amount": "7500.00", "currency": "KES"}}, request_only=True
)


class AskGuarantee(Strict):
    """Whom one asks, and for how much of the loan."""

    phone = serializers.CharField(max_length=24)
    amount = MoneyField(positive=True)


class AcceptGuarantee(Confirm):
    """The proof, and which savings account stands for the loan."""

    account = serializers.IntegerField(min_value=1, max_value=2**62)


class GuaranteeShown(serializers.ModelSerializer[Guarantee]):
    """A guarantee. Both sides see each other's first name and initials alone."""

    id = serializers.UUIDField(source="public_id")
    loan = serializers.UUIDField(source="loan.public_id")
    reference = serializers.CharField(source="loan.reference")
    borrower = serializers.SerializerMethodField()
    guarantor = serializers.SerializerMethodField()
    amount = MoneyField()
    held = MoneyField(help_text="Held now: it falls with the principal.")
    status = serializers.ChoiceField(GuaranteeStatus.choices)

    class Meta:
        model = Guarantee
        fields = (
            "id",
            "loan",
            "reference",
            "borrower",
            "guarantor",
            "amount",
            "held",
            "status",
            "asked_at",
            "answered_at",
            "over_at",
        )

    def get_borrower(self, row: Guarantee) -> str:
        """`Wanjiku K.`"""
        return half_name(row.loan.borrower.full_name)

    def get_guarantor(self, row: Guarantee) -> str:
        """`Baraka M.`"""
        return half_name(row.guarantor.full_name)


@extend_schema(tags=TAGS)
class LoanGuarantees(APIView):
    """Who stands for one's own loan."""

    throttle_scope = "money"

    def _loan(self, request: Request, public_id: str) -> Loan:
        loan: Loan = get_object_or_404(Loan.objects.owned_by(signed_in(request)).shown(), public_id=public_id)
        return loan

    @extend_schema(operation_id="loans_guarantees_list", responses=GuaranteeShown(many=True))
    def get(self, request: Request, public_id: str) -> Response:
        """Everyone who was asked, and what they answered."""
        rows = Guarantee.objects.filter(loan=self._loan(request, public_id))
        return Response(
            GuaranteeShown(rows.select_related("loan__borrower", "guarantor").order_by("pk"), many=True).data
        )

    @extend_schema(
        operation_id="loans_guarantees_ask", request=AskGuarantee, responses={201: GuaranteeShown}, examples=[_ASK]
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Ask one person, by phone, before the loan is paid out. Asked again while it waits, the same guarantee."""
        loan, asked = self._loan(request, public_id), read(AskGuarantee, request)
        row = operations.ask_guarantee(
            loan=loan,
            guarantor=guarantors.by_phone(asked["phone"]),
            amount=asked["amount"],
            by=signed_in(request),
            at=now(),
        )
        return Response(GuaranteeShown(row).data, status=201)


@extend_schema(tags=TAGS)
class Guarantees(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Guarantee]):
    """What others ask one to stand for."""

    serializer_class = GuaranteeShown
    lookup_field = "public_id"
    filterset_fields = ("status",)
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()
    throttle_scope = "money"
    queryset = Guarantee.objects.none()

    def get_queryset(self) -> Any:
        """Asked of the person who asks, the newest first."""
        rows = Guarantee.objects.asked_of(signed_in(self.request))
        return rows.select_related("loan__borrower", "loan__terms", "guarantor").order_by("-pk")

    @extend_schema(request=None, responses={201: ChallengeShown})
    @action(detail=True, methods=["post"])
    def challenge(self, request: Request, public_id: str) -> Response:
        """Ask for the proof that gives a guarantee."""
        row = operations.challenge_guarantor(guarantee=self.get_object(), by=signed_in(request), at=now())
        return Response(ChallengeShown.of(row), status=201)

    @extend_schema(request=AcceptGuarantee, responses=GuaranteeShown)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, public_id: str) -> Response:
        """Stand for the loan with savings that are held from now on. A given one is answered as it is."""
        row, asked, user = self.get_object(), read(AcceptGuarantee, request), signed_in(request)
        account = get_object_or_404(Account.objects.owned_by(user), pk=asked["account"])
        answer = asked["credential"] or asked["code"]
        if answer and row.status == GuaranteeStatus.ASKED:
            people.answer(challenge_id=asked["challenge"], user=user, answer=answer, at=now())
        operations.guarantee(guarantee=row, account=account, challenge_id=asked["challenge"], by=user, at=now())
        return Response(GuaranteeShown(self.get_object()).data)

    @extend_schema(request=None, responses=GuaranteeShown)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, public_id: str) -> Response:
        """Say no. Nothing is held."""
        row = operations.decline_guarantee(guarantee=self.get_object(), by=signed_in(request), at=now())
        return Response(GuaranteeShown(row).data)
