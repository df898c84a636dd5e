"""Loans by API, for the borrower: what can be had, asking, signing, paying back."""

import uuid
from types import SimpleNamespace
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import Account
from apps.accounts.queries import main_account
from apps.credit_scoring import operations as scoring
from apps.kernel.clock import local_date, now
from apps.kernel.errors import NotFound
from apps.kernel.idempotency import idempotent, key_of
from apps.lending import limits, matching, offers, operations, owed
from apps.lending.api import life_shapes, shapes
from apps.lending.errors import SeveralLoans
from apps.lending.models import Instalment, Loan, LoanQuerySet, LoanStatus, ProductTerms
from apps.lending.owed import payoff_days
from apps.payments.api.serializers import ChallengeShown, Confirm
from apps.users import operations as people
from apps.users.api.auth import read
from apps.users.doors import signed_in
from apps.users.models import User

_MONEY = {"amount": "5000.00", "currency": "KES"}


def terms_by_code(code: str) -> ProductTerms:
    """The terms in force of a product. Raises NotFound."""
    rows = ProductTerms.objects.in_force(local_date(now())).select_related("product").prefetch_related("fees")
    found = next((row for row in rows if row.product.code == code), None)
    if found is None:
        raise NotFound(_("There is no such loan on offer."))
    return found


def _account(user: User, pk: int | None) -> Account:
    account = main_account(user) if pk is None else Account.objects.owned_by(user).filter(pk=pk).first()
    if account is None:
        raise NotFound(_("There is no such account, or it is not yours. Nothing was asked for."))
    return account


@extend_schema(tags=["loans"])
class Products(APIView):
    """The loans on offer."""

    @extend_schema(responses=shapes.ProductShown(many=True))
    def get(self, request: Request) -> Response:
        """The terms in force, the smallest loans first."""
        return Response(shapes.ProductShown(matching.on_offer(now()), many=True).data)


@extend_schema(tags=["loans"])
class Limit(APIView):
    """What one can borrow."""

    @extend_schema(responses=shapes.LimitShown(many=True))
    def get(self, request: Request) -> Response:
        """By each product, with reasons. A score is made when none holds."""
        user, at = signed_in(request), now()
        score = scoring.score(user=user, at=at, by=user)
        found = limits.limits_of_all(user=user, terms=matching.on_offer(at), by=user, at=at, score=score)
        return Response(shapes.LimitShown(found, many=True).data)


@extend_schema(tags=["loans"])
class Quote(APIView):
    """What a loan would cost."""

    @extend_schema(
        request=shapes.AskOffer,
        responses=shapes.OfferShown,
        examples=[OpenApiExample("Instant", {"product": "INSTANT", "amount": _MONEY}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Its schedule, its charges and its yearly rate. Nothing is asked for."""
        asked = read(shapes.AskOffer, request)
        terms, at = terms_by_code(asked["product"]), now()
        periods = asked["periods"] or terms.usual_periods
        found = offers.offer(terms=terms, principal=asked["amount"], periods=periods, on=local_date(at))
        return Response(shapes.OfferShown(found).data)


@extend_schema(tags=["loans"])
class Matches(APIView):
    """Which loan fits a need."""

    @extend_schema(
        request=shapes.AskMatch,
        responses=shapes.MatchShown(many=True),
        examples=[OpenApiExample("Stock", {"amount": _MONEY, "purpose": "STOCK"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Every product, the best fit first, with why."""
        asked, user = read(shapes.AskMatch, request), signed_in(request)
        found = matching.match(
            user=user, amount=asked["amount"], purpose=asked["purpose"], periods=asked["periods"], by=user, at=now()
        )
        return Response(shapes.MatchShown(found, many=True).data)


@extend_schema(tags=["loans"])
class Apply(APIView):
    """Asking for a loan."""

    throttle_scope = "money"

    @extend_schema(
        request=shapes.Apply,
        responses={201: shapes.LoanShown},
        examples=[
            OpenApiExample("Instant", {"product": "INSTANT", "amount": _MONEY, "purpose": "STOCK"}, request_only=True)
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """201: ACTIVE with the money there, APPROVED as an offer, APPLIED while a person looks, or REJECTED."""
        asked, user = read(shapes.Apply, request), signed_in(request)
        terms = terms_by_code(asked["product"])
        loan = operations.apply(
            borrower=user,
            terms=terms,
            account=_account(user, asked["account"]),
            amount=asked["amount"],
            periods=asked["periods"] or terms.usual_periods,
            purpose=asked["purpose"],
            note=asked["note"],
            accepts=asked["accepts"],
            key=key_of(request) or uuid.uuid4().hex,
            by=user,
            at=now(),
        )
        return Response(shapes.LoanShown(loan).data, status=201)


@extend_schema(tags=["loans"])
class Loans(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Loan]):
    """One's own loans."""

    serializer_class = shapes.LoanShown
    lookup_field = "public_id"
    filterset_fields = ("status",)
    search_fields: tuple[str, ...] = ()
    ordering_fields = ("applied_at",)
    throttle_scope = "money"
    queryset = Loan.objects.none()

    def get_queryset(self) -> LoanQuerySet:
        """Of the person who asks, the newest first."""
        return Loan.objects.owned_by(signed_in(self.request)).shown().order_by("-pk")

    @extend_schema(responses=shapes.LoanShown(many=True), filters=False)
    @action(detail=False, pagination_class=None)
    def active(self, request: Request) -> Response:
        """Those that run."""
        return Response(shapes.LoanShown(self.get_queryset().active(), many=True).data)

    @extend_schema(responses=shapes.LoanStatusShown)
    @action(detail=True)
    def status(self, request: Request, public_id: str) -> Response:
        """Where it stands."""
        return Response(shapes.LoanStatusShown(self.get_object()).data)

    @extend_schema(responses=shapes.InstalmentShown(many=True))
    @action(detail=True, pagination_class=None)
    def schedule(self, request: Request, public_id: str) -> Response:
        """What is due when, and what was paid; before it is paid out nothing."""
        rows = Instalment.objects.current().filter(loan=self.get_object()).order_by("number")
        return Response(shapes.InstalmentShown(rows, many=True).data)

    @extend_schema(responses=shapes.PayoffShown)
    @action(detail=True)
    def payoff(self, request: Request, public_id: str) -> Response:
        """What would end it now, tomorrow and at the end of the month."""
        loan, at = self.get_object(), now()
        rows = list(Instalment.objects.current().filter(loan=loan).order_by("number"))
        what = owed.payoff(loan, rows, at)
        shown = {name: getattr(what, name) for name in ("total", "principal", "interest", "charges", "currency")}
        later = owed.on_days(loan, rows, at, payoff_days(at)) if loan.status == LoanStatus.ACTIVE else []
        return Response(shapes.PayoffShown(SimpleNamespace(**shown, is_free=what.is_free, later=later)).data)

    @extend_schema(request=None, responses={201: ChallengeShown})
    @action(detail=True, methods=["post"])
    def challenge(self, request: Request, public_id: str) -> Response:
        """Ask for the proof that signs an offer."""
        row = operations.challenge(loan=self.get_object(), by=signed_in(request), at=now())
        return Response(ChallengeShown.of(row), status=201)

    @extend_schema(request=Confirm, responses=shapes.LoanShown)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, public_id: str) -> Response:
        """Sign an offer: its challenge, with the code or the passkey's answer. A signed one is answered as it is."""
        loan, asked, user = self.get_object(), read(Confirm, request), signed_in(request)
        answer = asked["credential"] or asked["code"]
        if answer and loan.accepted_at is None:
            people.answer(challenge_id=asked["challenge"], user=user, answer=answer, at=now())
        loan = operations.accept(loan=loan, challenge_id=asked["challenge"], by=user, at=now())
        return Response(shapes.LoanShown(loan).data)

    @extend_schema(request=None, responses=shapes.LoanShown)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: str) -> Response:
        """Take an application back, or decline an offer."""
        return Response(
            shapes.LoanShown(operations.cancel(loan=self.get_object(), by=signed_in(request), at=now())).data
        )

    @extend_schema(
        request=shapes.Repay,
        responses={201: shapes.RepaymentShown},
        examples=[OpenApiExample("Some", {"amount": _MONEY}, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    @idempotent
    def repay(self, request: Request, public_id: str) -> Response:
        """Pay some or all of it back from its account."""
        return _repaid(request, self.get_object())

    @extend_schema(request=life_shapes.Switches, responses=shapes.LoanShown)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Whether what is due is taken from the account by itself. Off: it is late unless it is paid by hand."""
        on = read(life_shapes.Switches, request)["auto_debit"]
        loan = operations.set_auto_debit(loan=self.get_object(), on=on, by=signed_in(request), at=now())
        return Response(shapes.LoanShown(loan).data)


@extend_schema(tags=["loans"])
class RepayOnly(APIView):
    """Paying back the one loan that runs."""

    throttle_scope = "money"

    @extend_schema(operation_id="loans_repay_the_one", request=shapes.Repay, responses={201: shapes.RepaymentShown})
    @idempotent
    def post(self, request: Request) -> Response:
        """As `/loans/{id}/repay/`; 409 when several run."""
        found = list(Loan.objects.owned_by(signed_in(request)).active().shown()[:2])
        if not found:
            raise NotFound(_("You have no loan that runs. No money moved."))
        if len(found) > 1:
            raise SeveralLoans(_("You have several loans. No money moved. Say which one you pay back."))
        return _repaid(request, found[0])


def _repaid(request: Request, loan: Loan) -> Response:
    asked: dict[str, Any] = read(shapes.Repay, request)
    row = operations.repay(
        loan=loan,
        amount=asked["amount"],
        key=f"api/{key_of(request) or uuid.uuid4().hex}",  # never a key of the bank's own, such as `guarantee/7`
        by=signed_in(request),
        at=now(),
    )
    return Response(shapes.RepaymentShown(row).data, status=201)


def one_loan(public_id: Any, **filters: Any) -> Loan:
    """A loan for staff. Raises Http404."""
    return get_object_or_404(Loan.objects.shown(), public_id=public_id, **filters)
