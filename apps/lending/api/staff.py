"""Loans by API, for staff: reviewing, deciding, paying out, the portfolio, the switch."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import now
from apps.kernel.models import Approval, ApprovalStatus
from apps.lending import operations, queries
from apps.lending.api import staff_shapes as shapes
from apps.lending.api.views import one_loan
from apps.lending.models import Loan
from apps.lending.operations.switch import SWITCH_LENDING, is_on
from apps.lending.operations.write_off import ask_write_off
from apps.users.api.auth import read
from apps.users.api.staff import holds
from apps.users.doors import signed_in


class StaffLoans(ListAPIView[Loan]):
    """Loans of all customers."""

    serializer_class = shapes.StaffLoanShown
    permission_classes = (holds("lending.view_loans"),)
    filterset_fields = ("status", "loss_class", "stage", "product__code")
    search_fields = ("reference", "borrower__full_name")
    ordering_fields = ("applied_at", "days_past_due", "principal_left_minor")
    queryset = Loan.objects.shown().order_by("-pk")

    @extend_schema(tags=["staff"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().get(request, *args, **kwargs)


class _Act(APIView):
    """One act on one loan; PUT and POST are the same."""

    act: Callable[[Request, Loan], Loan]

    def put(self, request: Request, public_id: str) -> Response:
        """Do it."""
        return Response(shapes.StaffLoanShown(self.act(request, one_loan(public_id))).data)

    post = put


@extend_schema(tags=["staff"], request=shapes.Review, responses=shapes.StaffLoanShown)
class ReviewLoan(_Act):
    """A first look."""

    permission_classes = (holds("lending.approve_loan"),)

    def act(self, request: Request, loan: Loan) -> Loan:
        """Recommend it or advise against it."""
        asked = read(shapes.Review, request)
        return operations.review(
            loan=loan, recommends=asked["recommends"], note=asked["note"], by=signed_in(request), at=now()
        )


@extend_schema(tags=["staff"], request=shapes.ApproveNote, responses=shapes.StaffLoanShown)
class ApproveLoan(_Act):
    """Offering a loan."""

    permission_classes = (holds("lending.approve_loan"),)

    def act(self, request: Request, loan: Loan) -> Loan:
        """Approve within one's own limit."""
        note = read(shapes.ApproveNote, request)["note"]
        return operations.approve(loan=loan, by=signed_in(request), at=now(), note=note)


@extend_schema(tags=["staff"], request=shapes.DeclineLoan, responses=shapes.StaffLoanShown)
class RejectLoan(_Act):
    """Declining one."""

    permission_classes = (holds("lending.approve_loan"),)

    def act(self, request: Request, loan: Loan) -> Loan:
        """With the reason the borrower reads."""
        return operations.reject(
            loan=loan, because=read(shapes.DeclineLoan, request)["reason"], by=signed_in(request), at=now()
        )


@extend_schema(tags=["staff"], request=None, responses=shapes.StaffLoanShown)
class DisburseLoan(_Act):
    """Paying one out."""

    permission_classes = (holds("lending.disburse_loan"),)

    def act(self, request: Request, loan: Loan) -> Loan:
        """Once, however often it is asked."""
        return operations.disburse(loan=loan, by=signed_in(request), at=now())


@extend_schema(tags=["staff"], request=shapes.DeclineLoan, responses=shapes.StaffLoanShown)
class WriteOffLoan(_Act):
    """Giving one up in the books."""

    permission_classes = (holds("lending.write_off_loan"),)

    def act(self, request: Request, loan: Loan) -> Loan:
        """Ask; another person decides."""
        ask_write_off(loan=loan, reason=read(shapes.DeclineLoan, request)["reason"], by=signed_in(request), at=now())
        return loan


@extend_schema(tags=["staff"], request=shapes.OtherTerms, responses=shapes.StaffLoanShown)
class RestructureLoan(_Act):
    """Giving one other terms."""

    permission_classes = (holds("lending.approve_loan"),)

    def act(self, request: Request, loan: Loan) -> Loan:
        """Ask; another officer decides."""
        asked = read(shapes.OtherTerms, request)
        operations.ask_restructure(loan=loan, **asked, by=signed_in(request), at=now())
        return loan


class PortfolioView(APIView):
    """The loan book."""

    permission_classes = (holds("lending.view_portfolio"),)

    @extend_schema(tags=["staff"], responses=shapes.PortfolioShown)
    def get(self, request: Request) -> Response:
        """With portfolio at risk in both forms."""
        return Response(shapes.PortfolioShown(queries.portfolio()).data)


class LendingSwitch(APIView):
    """Whether the bank lends."""

    permission_classes = (holds("lending.stop_lending"),)

    @extend_schema(tags=["staff"], responses=shapes.SwitchShown)
    def get(self, request: Request) -> Response:
        """Whether it does now, and what waits."""
        return Response(shapes.SwitchShown(_switch()).data)

    @extend_schema(tags=["staff"], request=shapes.SwitchLending, responses={202: shapes.SwitchShown})
    def post(self, request: Request) -> Response:
        """Ask to stop it, or to start it again; another person decides."""
        asked = read(shapes.SwitchLending, request)
        operations.ask_switch(on=asked["on"], reason=asked["reason"], by=signed_in(request), at=now())
        return Response(shapes.SwitchShown(_switch()).data, status=202)


def _switch() -> dict[str, Any]:
    waiting = Approval.objects.filter(kind=SWITCH_LENDING, status=ApprovalStatus.PENDING).order_by("-pk").first()
    return {"is_on": is_on(), "approval": waiting.pk if waiting else None}
