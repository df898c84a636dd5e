"""Limits by staff and collateral, by API: staff ask and write down, the borrower reads their own."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import local_date, now
from apps.kernel.serializers import MoneyField
from apps.lending import limits, matching, operations
from apps.lending.api.factory_shapes import FactoryRequestShown
from apps.lending.api.shapes import ReasonShown
from apps.lending.api.views import one_loan
from apps.lending.models import Collateral, CollateralKind, Loan, LoanProduct
from apps.lending.operations.collateral import MOST_BYTES
from apps.lending.security import Thing, security_of
from apps.users import operations as people
from apps.users.api.auth import read
from apps.users.api.staff import holds
from apps.users.api.strict import Strict
from apps.users.doors import signed_in
from apps.users.models import User

_KES = {"amount": "30000.00", "currency": "KES"}


class LimitOfShown(serializers.Serializer[Any]):
    """What a customer can borrow by a product, and what bounds it (`STAFF`: two officers set it)."""

    product = serializers.CharField(source="terms.product.code")
    amount = MoneyField()
    is_open = serializers.BooleanField()
    reasons = ReasonShown(many=True)
    blocks = ReasonShown(many=True)


class SetLimit(Strict):
    """A limit for one product until a day; without an amount, what was set is taken back."""

    product = serializers.CharField(max_length=20)
    amount = MoneyField(required=False, allow_null=True, default=None)
    until = serializers.DateField()
    reason = serializers.CharField(max_length=300, help_text="The customer reads it.")


@extend_schema(tags=["staff"])
class CreditLimitOf(APIView):
    """What one customer can borrow."""

    permission_classes = (holds("lending.approve_loan"),)

    @extend_schema(operation_id="admin_users_credit_limit", responses=LimitOfShown(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """By every product on offer, with reasons. The look is recorded."""
        person, at = get_object_or_404(User.objects.customers(), pk=pk), now()
        people.look_at(customer=person, by=signed_in(request), reason=gettext("What they can borrow"), at=at)
        found = limits.limits_of_all(user=person, terms=matching.on_offer(at), by=signed_in(request), at=at)
        return Response(LimitOfShown(found, many=True).data)

    @extend_schema(
        operation_id="admin_users_credit_limit_set",
        request=SetLimit,
        responses={202: FactoryRequestShown},
        examples=[
            OpenApiExample(
                "Higher for three months",
                {"product": "BUSINESS", "amount": _KES, "until": "2027-02-01", "reason": "You showed us contracts."},
                request_only=True,
            )
        ],
    )
    def put(self, request: Request, pk: int) -> Response:
        """Ask; another officer decides, up to their own approval limit."""
        person, asked = get_object_or_404(User.objects.customers(), pk=pk), read(SetLimit, request)
        product = get_object_or_404(LoanProduct, code=asked.pop("product"))
        approval = operations.ask_limit(user=person, product=product, **asked, by=signed_in(request), at=now())
        return Response(FactoryRequestShown(approval).data, status=202)


class ThingShown(serializers.Serializer[Any]):
    """A pledged thing by its newest valuation; its number is masked."""

    id = serializers.UUIDField(source="row.public_id")
    kind = serializers.CharField(source="row.kind")
    described = serializers.CharField(source="row.described")
    number = serializers.CharField(source="row.masked_number", allow_blank=True)
    owner_name = serializers.CharField(source="row.owner_name", allow_blank=True)
    value = MoneyField(source="row.value")
    charged = MoneyField(source="row.charged", help_text="How much of its value stands for this loan.")
    valued_on = serializers.DateField(source="row.valued_on")
    valued_by = serializers.CharField(source="row.valued_by")
    expires_on = serializers.DateField(source="row.expires_on", allow_null=True)
    has_expired = serializers.BooleanField()
    papers = serializers.SerializerMethodField()
    released_at = serializers.DateTimeField(source="release.made_at", allow_null=True, default=None)

    def get_papers(self, thing: Thing) -> int:
        """How many are kept."""
        return len(thing.papers)


class SecurityShown(serializers.Serializer[Any]):
    """All that is pledged for a loan; `ltv` is principal owed over what counts."""

    things = ThingShown(many=True)
    pledged = MoneyField()
    counts = MoneyField()
    owed = MoneyField()
    ltv = serializers.DecimalField(max_digits=12, decimal_places=4, allow_null=True)
    most = serializers.DecimalField(max_digits=5, decimal_places=4, allow_null=True)
    is_covered = serializers.BooleanField()


class Valued(Strict):
    """A valuation; `replaces` names the thing that is valued again, whose kind and number stay."""

    kind = serializers.ChoiceField(CollateralKind.choices)
    described = serializers.CharField(max_length=200)
    number = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    owner_name = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    value = MoneyField()
    charged = MoneyField(required=False, allow_null=True, default=None)
    valued_on = serializers.DateField()
    valued_by = serializers.CharField(max_length=100)
    expires_on = serializers.DateField(required=False, allow_null=True, default=None)
    replaces = serializers.UUIDField(required=False, allow_null=True, default=None)


class LetGo(Strict):
    """Why a thing is let go before the loan is paid."""

    reason = serializers.CharField(max_length=500)


class PaperBrought(serializers.Serializer[Any]):
    """A JPEG, PNG or PDF, as multipart/form-data."""

    file = serializers.FileField()


class PaperShown(serializers.Serializer[Any]):
    """A paper that is kept, sealed."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()


def _security(loan: Loan) -> Response:
    return Response(SecurityShown(security_of(loan, local_date(now()))).data)


def _thing(loan: Loan, public_id: UUID) -> Collateral:
    return get_object_or_404(Collateral.objects.select_related("loan__borrower"), loan=loan, public_id=public_id)


@extend_schema(tags=["loans"])
class OwnCollateral(APIView):
    """What stands behind one's own loan."""

    @extend_schema(operation_id="loans_collateral", responses=SecurityShown)
    def get(self, request: Request, public_id: UUID) -> Response:
        """One's own; staff with the right see everyone's."""
        rows = Loan.objects.visible_to(signed_in(request)).shown()
        return _security(get_object_or_404(rows, public_id=public_id))


@extend_schema(tags=["staff"])
class PledgeThing(APIView):
    """A thing for a loan."""

    permission_classes = (holds("lending.approve_loan"),)

    @extend_schema(operation_id="admin_loans_collateral", request=Valued, responses={201: SecurityShown})
    def post(self, request: Request, public_id: UUID) -> Response:
        """Write down a valuation: of a new thing, or again of one that is there."""
        loan, asked = one_loan(public_id), read(Valued, request)
        replaced = asked.pop("replaces")
        replaces = _thing(loan, replaced) if replaced else None
        operations.value_collateral(loan=loan, **asked, replaces=replaces, by=signed_in(request), at=now())
        answer = _security(loan)
        answer.status_code = 201
        return answer


@extend_schema(tags=["staff"])
class ReleaseThing(APIView):
    """A thing that is let go."""

    permission_classes = (holds("lending.approve_loan"),)

    @extend_schema(operation_id="admin_loans_collateral_release", request=LetGo, responses={202: FactoryRequestShown})
    def post(self, request: Request, public_id: UUID, thing: UUID) -> Response:
        """Ask; another officer decides. Once a loan is paid it happens by itself."""
        row = _thing(one_loan(public_id), thing)
        reason = read(LetGo, request)["reason"]
        approval = operations.ask_release(collateral=row, reason=reason, by=signed_in(request), at=now())
        return Response(FactoryRequestShown(approval).data, status=202)


@extend_schema(tags=["staff"])
class PapersOfThing(APIView):
    """Papers of a thing."""

    permission_classes = (holds("lending.approve_loan"),)
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="admin_loans_collateral_papers",
        request={"multipart/form-data": PaperBrought},
        responses={201: PaperShown},
    )
    def post(self, request: Request, public_id: UUID, thing: UUID) -> Response:
        """Keep a photo or a PDF, up to 3 MB; the same file twice is kept once."""
        row, file = _thing(one_loan(public_id), thing), read(PaperBrought, request)["file"]
        content = file.read(MOST_BYTES + 1)
        paper = operations.keep_paper(
            collateral=row, name=str(file.name), content=content, by=signed_in(request), at=now()
        )
        return Response(PaperShown(paper).data, status=201)
