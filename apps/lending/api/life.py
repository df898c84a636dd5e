"""The rest of a loan's life by API, for the borrower: more on top, parts, what was paid, M-Pesa, papers."""

import uuid
from collections.abc import Callable
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import topups
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.idempotency import idempotent, key_of
from apps.lending import documents, operations
from apps.lending.api import life_shapes, shapes
from apps.lending.models import OPEN, Loan, Repayment, Tranche
from apps.lending.operations.disburse import PAID_OUT
from apps.lending.operations.incoming import WORD
from apps.lending.purposes import OWED
from apps.users.api.auth import read
from apps.users.doors import signed_in

_MORE = {"more": {"amount": "3000.00", "currency": "KES"}}


def own(request: Request, public_id: uuid.UUID) -> Loan:
    """One's own. Raises Http404."""
    return get_object_or_404(Loan.objects.owned_by(signed_in(request)).shown(), public_id=public_id)


@extend_schema(tags=["loans"])
class TopUpQuote(APIView):
    """What more on top would cost."""

    @extend_schema(
        request=life_shapes.AskTopUp,
        responses=life_shapes.RenewedShown,
        examples=[OpenApiExample("More", _MORE, request_only=True)],
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """The new loan, what it pays off, what is new, and keeping the old one beside it. Nothing is asked for."""
        asked, user = read(life_shapes.AskTopUp, request), signed_in(request)
        found = operations.quote_top_up(
            loan=own(request, public_id), more=asked["more"], periods=asked["periods"], by=user, at=now()
        )
        return Response(life_shapes.RenewedShown(found).data)


@extend_schema(tags=["loans"])
class TopUps(APIView):
    """Asking for more on top."""

    throttle_scope = "money"

    @extend_schema(
        request=life_shapes.TopUp,
        responses={201: shapes.LoanShown},
        examples=[OpenApiExample("More", _MORE, request_only=True)],
    )
    @idempotent
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """The new loan: APPROVED to be signed (`/challenge/`, `/accept/`), APPLIED while a person looks, or REJECTED.

        The old one is paid off when the new one is paid out.
        """
        asked = read(life_shapes.TopUp, request)
        made = operations.top_up(
            loan=own(request, public_id),
            **asked,
            key=key_of(request) or uuid.uuid4().hex,
            by=signed_in(request),
            at=now(),
        )
        return Response(shapes.LoanShown(made).data, status=201)


@extend_schema(tags=["loans"])
class Parts(APIView):
    """The parts of a loan that is paid out in parts."""

    @extend_schema(responses=life_shapes.PartShown(many=True))
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """All of them."""
        return Response(life_shapes.PartShown(_parts(own(request, public_id)), many=True).data)

    @extend_schema(request=life_shapes.AskParts, responses=life_shapes.PartShown(many=True))
    def put(self, request: Request, public_id: uuid.UUID) -> Response:
        """Say in which parts an application is to be paid out, before it is decided."""
        loan, asked = own(request, public_id), read(life_shapes.AskParts, request)["parts"]
        parts = [operations.Part(one["amount"], one["on"], one["milestone"]) for one in asked]
        operations.plan_parts(loan=loan, parts=parts, by=signed_in(request), at=now())
        return Response(life_shapes.PartShown(_parts(loan), many=True).data)

    @extend_schema(request=None, responses=life_shapes.PartShown(many=True))
    def delete(self, request: Request, public_id: uuid.UUID) -> Response:
        """Give up the parts that were not paid out yet; nothing of them is owed."""
        loan = own(request, public_id)
        operations.cancel_parts(loan=loan, by=signed_in(request), at=now())
        return Response(life_shapes.PartShown(_parts(loan), many=True).data)


def _parts(loan: Loan) -> list[Tranche]:
    return list(Tranche.objects.filter(loan=loan).order_by("number"))


@extend_schema(tags=["loans"])
class Repayments(APIView):
    """What was paid back."""

    @extend_schema(responses=shapes.RepaymentShown(many=True))
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """All of it, the newest first; what was taken back since says so."""
        rows = Repayment.objects.filter(loan=own(request, public_id)).select_related("loan", "reversal")
        return Response(shapes.RepaymentShown(rows.order_by("-pk"), many=True).data)


@extend_schema(tags=["loans"])
class PayByMpesa(APIView):
    """Paying a loan from a phone."""

    throttle_scope = "money"

    @extend_schema(
        request=life_shapes.PayByPhone,
        responses={201: life_shapes.PromptShown},
        examples=[
            OpenApiExample("Some", {"amount": {"amount": "1500.00", "currency": "KES"}}, request_only=True),
        ],
    )
    @idempotent
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Sends a prompt. When the money has come it pays this loan, once; what is more stays on the account."""
        asked, user, loan = read(life_shapes.PayByPhone, request), signed_in(request), own(request, public_id)
        if loan.status not in OWED:
            raise NotFound(_("Nothing is owed on this loan. No money moved."))
        begun = topups.provider().start(
            account=loan.account,
            phone=asked["phone"] or str(user.phone or ""),
            amount=asked["amount"],
            key=key_of(request) or uuid.uuid4().hex,
            by=user,
            at=now(),
            purpose=f"{WORD}{loan.reference}",
        )
        return Response(life_shapes.PromptShown(begun).data, status=201)


class Papers(APIView):
    """A loan on paper."""

    throttle_scope = "money"
    papers: dict[str, tuple[Callable[..., HttpResponse], tuple[str, ...]]] = {
        "contract": (documents.contract_of_loan, (*PAID_OUT, *OPEN)),
        "schedule": (documents.schedule_of_loan, PAID_OUT),
        "statement": (documents.statement_of_loan, PAID_OUT),
        "clearance": (documents.clearance_of_loan, PAID_OUT),
    }

    @extend_schema(
        tags=["loans"],
        parameters=[OpenApiParameter("paper", str, OpenApiParameter.PATH, enum=list(papers))],
        responses={(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, public_id: uuid.UUID, paper: str) -> HttpResponse:
        """The contract, the schedule, the statement, or the letter that all was paid, as a PDF."""
        loan = own(request, public_id)
        make, statuses = self.papers[paper]
        if loan.status not in statuses:
            raise NotFound(_("There is no such paper of this loan."))
        at: datetime = now()
        return make(loan, at=at)
