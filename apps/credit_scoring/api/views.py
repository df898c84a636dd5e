"""Scores, eligibility and payment history by API: one's own, and for staff who work with credit everyone's."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from apps.credit_scoring import operations, policies
from apps.credit_scoring.api import serializers as shapes
from apps.credit_scoring.models import CreditScore, LoanEligibility, PaymentHistoryAnalysis
from apps.kernel.clock import now
from apps.users.api.auth import read
from apps.users.doors import signed_in
from apps.users.models import User
from apps.users.policies import require_right

TAGS = ["credit scoring"]
_SCORED = {
    "id": 812,
    "user": 4711,
    "probability_of_default": "0.052300",
    "score": 675,
    "decision_score": 682,
    "risk_level": "MEDIUM",
    "max_loan_amount": {"amount": "4000.00", "currency": "KES"},
    "recommended_interest_rate": "0.1850",
    "factors": [
        {"code": "SAVINGS", "direction": "UP", "points": 41, "sentence": "You keep money in your account."},
        {"code": "MINIMUM_BALANCE", "direction": "DOWN", "points": -22, "sentence": "Your balance often runs out."},
    ],
    "notes": [{"code": "BUREAU_NOT_ASKED", "sentence": "The credit bureau was not asked."}],
    "model_version": "scorecard/synthetic-2026/b644eb98",
    "is_thin_file": False,
    "computed_at": "2026-11-21T09:00:00Z",
    "valid_until": "2026-11-22T09:00:00Z",
}  # fmt: skip
_EXAMPLES = [
    OpenApiExample("Nothing to add", {}, request_only=True),
    OpenApiExample(
        "What a customer tells",
        {
            "age": 34,
            "employment_status": "SELF_EMPLOYED",
            "monthly_income": {"amount": "42000.00", "currency": "KES"},
            "ask_bureau": True,
        },
        request_only=True,
    ),
    OpenApiExample("A score", _SCORED, response_only=True),
]


def whom(asked: dict[str, Any], who: User) -> User:
    """Oneself, or the customer a member of staff named. Raises NotAllowed, Http404."""
    named = asked.get("user")
    if named is None or named == who.pk:
        return who
    require_right(who, policies.REVIEWS)
    customer: User = get_object_or_404(User.objects.customers(), pk=named)
    return customer


class Own(viewsets.GenericViewSet[Any]):
    """Rows of one's own; everyone's for staff who see credit decisions."""

    lookup_value_converter = "int"
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()

    def get_queryset(self) -> Any:
        """Another's is not there."""
        user, rows = signed_in(self.request), super().get_queryset().order_by("-pk")
        return rows if policies.sees_decisions(user) else rows.filter(user_id=user.pk)


class Scores(mixins.ListModelMixin, mixins.RetrieveModelMixin, Own):
    """Credit scores, the newest first."""

    serializer_class = shapes.ScoreShown
    queryset = CreditScore.objects.all()
    filterset_fields = ("user", "risk_level", "is_thin_file")

    @extend_schema(tags=TAGS)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Each as it was told then."""
        return super().list(request, *args, **kwargs)

    @extend_schema(tags=TAGS)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(tags=TAGS, request=shapes.CreditScoreInput, responses={200: shapes.ScoreShown}, examples=_EXAMPLES)
    def create(self, request: Request) -> Response:
        """Score oneself, or (staff) a customer. A score younger than a day is answered again unless something moved.

        With `ask_bureau` the credit bureau is asked first; when it is silent the score says so and is made all the
        same. An age under 18, a negative income or a rate outside 0 to 1 is 400.
        """
        asked, user, at = read(shapes.CreditScoreInput, request), signed_in(request), now()
        customer = whom(asked, user)
        if asked.get("ask_bureau"):
            operations.ask_bureau(user=customer, consented_at=at, by=user, at=at)
        row = operations.score(
            user=customer, at=at, by=user, inputs=shapes.inputs_of(asked), fresh=bool(asked.get("fresh"))
        )
        return Response(self.get_serializer(row).data)


class Eligibilities(mixins.ListModelMixin, mixins.RetrieveModelMixin, Own):
    """Whether one could borrow."""

    serializer_class = shapes.EligibilityShown
    queryset = LoanEligibility.objects.all()
    filterset_fields = ("user", "product", "is_eligible")

    @extend_schema(tags=TAGS)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(tags=TAGS)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(
        tags=TAGS,
        request=shapes.AskEligibility,
        responses={201: shapes.EligibilityShown},
        examples=[
            OpenApiExample(
                "An instant loan",
                {"product": "INSTANT", "amount": {"amount": "3000.00", "currency": "KES"}},
                request_only=True,
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """Ask; the answer holds for a week and promises nothing: the decision is made when one applies."""
        asked, user = read(shapes.AskEligibility, request), signed_in(request)
        row = operations.check_eligibility(
            user=whom(asked, user), product=asked["product"], amount=asked.get("amount"), by=user, at=now()
        )
        return Response(self.get_serializer(row).data, status=201)


class Histories(mixins.ListModelMixin, mixins.RetrieveModelMixin, Own):
    """How one repaid, each time a score looked at it."""

    serializer_class = shapes.HistoryShown
    queryset = PaymentHistoryAnalysis.objects.all()
    filterset_fields = ("user",)

    @extend_schema(tags=TAGS)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(tags=TAGS)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One."""
        return super().retrieve(request, *args, **kwargs)
