"""The rest of a loan's life by API, for staff: parts, new loans for late ones, payments of earlier days, taken back."""

import uuid

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.idempotency import idempotent, key_of
from apps.lending import operations
from apps.lending.api import life_shapes, staff_shapes
from apps.lending.api.views import one_loan, terms_by_code
from apps.lending.models import Loan, Repayment, Tranche
from apps.users.api.auth import read
from apps.users.api.staff import holds
from apps.users.doors import signed_in


@extend_schema(tags=["staff"])
class DisbursePart(APIView):
    """Paying out the next part of a loan."""

    permission_classes = (holds("lending.disburse_loan"),)

    @extend_schema(request=None, responses=life_shapes.PartShown)
    def post(self, request: Request, public_id: uuid.UUID, number: int) -> Response:
        """Once, however often it is asked."""
        part = get_object_or_404(Tranche, loan__public_id=public_id, number=number)
        part = operations.pay_out_part(tranche=part, by=signed_in(request), at=now())
        return Response(life_shapes.PartShown(part).data)


@extend_schema(tags=["staff"])
class RefinanceLoan(APIView):
    """A new loan in place of a late one."""

    permission_classes = (holds("lending.approve_loan"),)

    @extend_schema(
        request=staff_shapes.Refinance,
        responses={202: staff_shapes.AskedShown},
        examples=[
            OpenApiExample(
                "Weekly parts", {"product": "EMERGENCY", "periods": 4, "reason": "Lost her stall"}, request_only=True
            )
        ],
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Ask; another officer decides, then the borrower signs."""
        asked = read(staff_shapes.Refinance, request)
        made = operations.ask_refinance(
            loan=one_loan(public_id),
            terms=terms_by_code(asked["product"]),
            periods=asked["periods"],
            reason=asked["reason"],
            by=signed_in(request),
            at=now(),
        )
        return Response(staff_shapes.AskedShown({"approval": made.pk}).data, status=202)


@extend_schema(tags=["staff"])
class BackDatedPayment(APIView):
    """A payment that had come earlier."""

    permission_classes = (holds("lending.approve_loan"),)

    @extend_schema(
        request=staff_shapes.BackDated,
        responses={202: staff_shapes.AskedShown},
        examples=[
            OpenApiExample(
                "Cash",
                {
                    "amount": {"amount": "1000.00", "currency": "KES"},
                    "paid_on": "2026-11-02",
                    "came": "CASH",
                    "document": "R-1182",
                    "reason": "The receipt lay in the wrong file",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Ask; another officer decides. Interest and penalties since are worked out anew."""
        asked = read(staff_shapes.BackDated, request)
        made = operations.ask_back_dated(loan=one_loan(public_id), **asked, by=signed_in(request), at=now())
        return Response(staff_shapes.AskedShown({"approval": made.pk}).data, status=202)


@extend_schema(tags=["staff"])
class ReverseRepayment(APIView):
    """A repayment that does not count."""

    permission_classes = (holds("lending.approve_loan"),)

    @extend_schema(
        request=staff_shapes.TakeBack,
        responses={202: staff_shapes.AskedShown},
        examples=[
            OpenApiExample(
                "M-Pesa",
                {"repayment": "RK4T9ZB2M1", "because": "PAYER", "reason": "M-Pesa took QJK1 back"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        """Ask; another officer decides. The loan owes it again, its schedule is as it was before; the newest first."""
        asked = read(staff_shapes.TakeBack, request)
        row = get_object_or_404(Repayment, loan__public_id=public_id, reference=asked.pop("repayment"))
        made = operations.ask_reverse_repayment(repayment=row, **asked, by=signed_in(request), at=now())
        return Response(staff_shapes.AskedShown({"approval": made.pk}).data, status=202)


@extend_schema(tags=["staff"])
class LoanCash(APIView):
    """Cash for a loan."""

    permission_classes = (holds("accounts.take_cash"),)

    @extend_schema(
        request=staff_shapes.TakeLoanCash,
        responses={201: staff_shapes.LoanCashShown},
        examples=[
            OpenApiExample(
                "Some",
                {"loan": "LK4T9ZB2M1", "amount": {"amount": "500.00", "currency": "KES"}, "by_name": "Atieno Odhiambo"},
                request_only=True,
            )
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Into the till and on to the loan, by its reference. More than is owed stays on the borrower's account."""
        asked = read(staff_shapes.TakeLoanCash, request)
        loan = Loan.objects.filter(reference=asked["loan"].strip().upper()).first()
        if loan is None:
            raise NotFound(_("There is no loan with that reference. No money moved."))
        cash, row = operations.take_cash(
            loan=loan,
            amount=asked["amount"],
            by_name=asked["by_name"],
            key=key_of(request) or uuid.uuid4().hex,
            by=signed_in(request),
            at=now(),
        )
        shown = {"receipt": cash.receipt, "status": cash.status, "approval": cash.approval_id, "repayment": row}
        return Response(staff_shapes.LoanCashShown(shown).data, status=201)
