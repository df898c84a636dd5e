"""Returns of tax by API; for who does not read them there are none (404)."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from apps.compliance.api import tax_shapes as shapes
from apps.compliance.models import TaxReturn
from apps.compliance.operations import taxes
from apps.compliance.policies import FILE_TAXES, may_see_taxes
from apps.kernel.clock import now
from apps.kernel.pagination import Cursors
from apps.users.api.auth import read
from apps.users.api.staff_shapes import ApprovalAsked
from apps.users.doors import signed_in
from apps.users.models import User
from apps.users.policies import require_right

TAGS = ["compliance"]


class SeesTaxes(BasePermission):
    """Staff who read tax returns; anybody else who is signed in finds nothing."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raises Http404, and NotAllowed for readers who would change something."""
        if not request.user or not request.user.is_authenticated:
            return False
        if not isinstance(request.user, User) or not may_see_taxes(request.user):
            raise Http404
        if request.method not in SAFE_METHODS:
            require_right(request.user, FILE_TAXES)
        return True


class TaxReturns(GenericViewSet[TaxReturn]):
    """Taxes by month."""

    serializer_class = shapes.TaxReturnShown
    permission_classes = (SeesTaxes,)
    pagination_class = Cursors
    queryset = TaxReturn.objects.none()
    filterset_fields = ("kind", "status", "currency", "first_on")
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()

    def get_queryset(self) -> QuerySet[TaxReturn]:
        """With their figures."""
        return TaxReturn.objects.select_related("computation")

    def _whole(self, pk: int, status: int = 200) -> Response:
        row = self.get_queryset().prefetch_related("computation__lines__computation__tax_return").get(pk=pk)
        return Response(shapes.TaxReturnWhole(row).data, status=status)

    @extend_schema(tags=TAGS, responses=shapes.TaxReturnShown(many=True))
    def list(self, request: Request) -> Response:
        """The newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        tags=TAGS,
        request=shapes.MakeTaxReturn,
        responses={201: shapes.TaxReturnWhole},
        examples=[OpenApiExample("October", {"kind": "EXCISE", "month": "2026-10-01"}, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        """Compute a month that is over; months are made one after the other (409)."""
        row = taxes.draft(by=signed_in(request), at=now(), **read(shapes.MakeTaxReturn, request))
        return self._whole(row.pk, 201)

    @extend_schema(tags=TAGS, responses=shapes.TaxReturnWhole)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One, with its figures and the rows behind them."""
        return self._whole(self.get_object().pk)

    @extend_schema(tags=TAGS, request=None, responses=shapes.TaxReturnWhole)
    def compute(self, request: Request, pk: int) -> Response:
        """Ask the books again; one that is filed is 409."""
        return self._whole(taxes.compute(tax_return=self.get_object(), by=signed_in(request), at=now()).pk)

    @extend_schema(
        tags=TAGS,
        request=shapes.FileTaxReturn,
        responses=shapes.TaxReturnWhole,
        examples=[OpenApiExample("Filed", {"acknowledgement": "KRA202611123456"}, request_only=True)],
    )
    def file(self, request: Request, pk: int) -> Response:
        """Write down that it was filed; another officer than who computed it. Its figures stay from now on."""
        asked = read(shapes.FileTaxReturn, request)
        return self._whole(taxes.file(tax_return=self.get_object(), by=signed_in(request), at=now(), **asked).pk)

    @extend_schema(
        tags=TAGS,
        request=shapes.PayTaxReturn,
        responses={202: ApprovalAsked},
        examples=[
            OpenApiExample(
                "By RTGS",
                {"prn": "2020260000012345", "bank_reference": "RTGS0119911", "paid_on": "2026-11-18",
                 "reason": "Paid from our account at the central bank"},
                request_only=True,
            )
        ],
    )  # fmt: skip
    def pay(self, request: Request, pk: int) -> Response:
        """Ask for it to be booked as paid; a second person decides."""
        asked = read(shapes.PayTaxReturn, request)
        reason = asked.pop("reason")
        row = taxes.ask_pay(
            tax_return=self.get_object(), payment=taxes.Payment(**asked), reason=reason, by=signed_in(request), at=now()
        )
        return Response({"approval": row.pk, "status": row.status}, status=202)

    @extend_schema(
        operation_id="admin_compliance_taxes_open", tags=TAGS, responses=shapes.TaxOpenShown(many=True), filters=False
    )
    def open(self, request: Request) -> Response:
        """What came up since the last returns and is not paid."""
        return Response(shapes.TaxOpenShown(taxes.all_open(), many=True).data)

    @extend_schema(
        operation_id="admin_compliance_taxes_pay_on_account",
        tags=TAGS,
        request=shapes.PayOnAccount,
        responses={202: ApprovalAsked},
        examples=[
            OpenApiExample(
                "Interest of October",
                {"kind": "WITHHOLDING", "amount": {"amount": "48210.50", "currency": "KES"}, "prn": "2020260000012399",
                 "bank_reference": "RTGS0119915", "paid_on": "2026-11-05", "reason": "Withheld on the first"},
                request_only=True,
            )
        ],
    )  # fmt: skip
    def pay_on_account(self, request: Request) -> Response:
        """Ask for a payment within the month to be booked; a second person decides."""
        asked = read(shapes.PayOnAccount, request)
        kind, amount, reason = asked.pop("kind"), asked.pop("amount"), asked.pop("reason")
        row = taxes.ask_pay_on_account(
            kind=kind, amount=amount, payment=taxes.Payment(**asked), reason=reason, by=signed_in(request), at=now()
        )
        return Response({"approval": row.pk, "status": row.status}, status=202)
