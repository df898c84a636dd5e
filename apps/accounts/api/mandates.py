"""Who operates a business's accounts, and opening them, by API."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import mandates, operations, queries
from apps.accounts.api.serializers import AccountShown, OpenAccount
from apps.accounts.models import Account, Mandate, MandateBand, MandateStatus, Needs, Product
from apps.accounts.signing import Band
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.idempotency import idempotent
from apps.kernel.serializers import MoneyField
from apps.users import operations as people
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.api.staff import holds
from apps.users.api.staff_shapes import ApprovalAsked
from apps.users.doors import signed_in
from apps.users.models import BusinessMember, BusinessProfile, User

TAGS = ["businesses"]
TWO = OpenApiExample(
    "One up to 10,000, two above",
    request_only=True,
    value={
        "signatories": [12, 15],
        "bands": [
            {"upto": {"amount": "10000.00", "currency": "KES"}, "needs": "ANY"},
            {"upto": None, "needs": "SOME", "count": 2},
        ],
    },
)


class BandAsked(Strict):
    """Amounts up to `upto` (null: all above) need any one, `count` of them, or all."""

    upto = MoneyField(positive=True, required=False, allow_null=True, default=None)
    needs = serializers.ChoiceField(choices=Needs.choices)
    count = serializers.IntegerField(min_value=0, max_value=50, default=0)


class ProposeMandate(Strict):
    """Who signs, by the ids of their memberships, and how many for which amounts."""

    signatories = serializers.ListField(child=serializers.IntegerField(max_value=2**62), max_length=50)
    bands = BandAsked(many=True)


class BandShown(serializers.ModelSerializer[MandateBand]):
    """One band."""

    upto = MoneyField(allow_null=True)

    class Meta:
        model = MandateBand
        fields = ("upto", "needs", "count")


class MandateShown(serializers.ModelSerializer[Mandate]):
    """A mandate, and whom it waits for."""

    id: Any = serializers.UUIDField(source="public_id")
    bands = BandShown(many=True)
    signatories = serializers.SerializerMethodField()
    signed = serializers.SerializerMethodField()
    waits_for = serializers.SerializerMethodField()
    waits_for_more = serializers.SerializerMethodField(help_text="So many of those who sign today, besides")

    class Meta:
        model = Mandate
        fields = ("id", "status", "bands", "signatories", "signed", "waits_for", "waits_for_more", "made_at",
                  "in_force_at")  # fmt: skip

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_signatories(self, row: Mandate) -> list[str]:
        """Whom it names."""
        return [one.user.full_name for one in row.signatories.all()]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_signed(self, row: Mandate) -> list[str]:
        """Who has agreed to it."""
        return [one.user.full_name for one in row.signatures.all()]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_waits_for(self, row: Mandate) -> list[str]:
        """Who must agree yet."""
        return [one.full_name for one in self._waits(row).names]

    def get_waits_for_more(self, row: Mandate) -> int:
        """A number."""
        return self._waits(row).more

    def _waits(self, row: Mandate) -> mandates.Waits:
        return mandates.waits_for(row) if row.status == MandateStatus.WAITING else mandates.Waits()


class Mandates(serializers.Serializer[Any]):
    """The one in force and the one that waits."""

    in_force = MandateShown(allow_null=True)
    waiting = MandateShown(allow_null=True)


class SignMandate(Strict):
    """The proof: a code, or a passkey's assertion."""

    challenge = serializers.UUIDField()
    code = serializers.CharField(max_length=12, required=False, allow_blank=True, default="")
    credential = serializers.JSONField(required=False, default=None)


class MandateChallenge(serializers.Serializer[Any]):
    """What to prove it with."""

    challenge = serializers.UUIDField(source="pk")
    method = serializers.CharField()
    expires_at = serializers.DateTimeField()


def its_business(request: Request, pk: int) -> BusinessProfile:
    """One that the person belongs to, or 404."""
    return get_object_or_404(BusinessProfile.objects.visible_to(signed_in(request)).select_related("party"), pk=pk)


class BusinessMandate(APIView):
    """Who operates a business's accounts."""

    @extend_schema(tags=TAGS, responses=Mandates)
    def get(self, request: Request, pk: int) -> Response:
        """For its members."""
        business = its_business(request, pk)
        facts = {"in_force": mandates.in_force(business), "waiting": mandates.waiting(business)}
        return Response(Mandates(facts).data)

    @extend_schema(tags=TAGS, request=ProposeMandate, responses={201: MandateShown}, examples=[TWO])
    def post(self, request: Request, pk: int) -> Response:
        """Propose one in place of one that waits; it is in force once it is signed, by its maker too."""
        business, asked = its_business(request, pk), read(ProposeMandate, request)
        members = BusinessMember.objects.filter(business=business, left_at=None, pk__in=asked["signatories"])
        users = dict(members.values_list("pk", "user_id"))
        row = operations.propose_mandate(
            business=business,
            signatories=[users.get(one, 0) for one in asked["signatories"]],
            bands=[
                Band(band["upto"].minor if band["upto"] else None, band["needs"], band["count"])
                for band in asked["bands"]
            ],
            by=signed_in(request),
            at=now(),
        )
        return _shown(row, 201)


def _shown(row: Mandate, status: int = 200) -> Response:
    return Response(MandateShown(Mandate.objects.whole().get(pk=row.pk)).data, status=status)


def _waiting(request: Request, pk: int) -> Mandate:
    row = mandates.waiting(its_business(request, pk))
    if row is None:
        raise NotFound(_("No mandate waits for signatures."))
    return row


class ChallengeMandate(APIView):
    """Proof before signing."""

    throttle_scope = "otp"

    @extend_schema(tags=TAGS, request=None, responses={201: MandateChallenge})
    def post(self, request: Request, pk: int) -> Response:
        """Ask for it."""
        row = operations.challenge_mandate(mandate=_waiting(request, pk), by=signed_in(request), at=now())
        return Response(MandateChallenge(row).data, status=201)


class SignTheMandate(APIView):
    """Agree to the one that waits."""

    @extend_schema(tags=TAGS, request=SignMandate, responses=MandateShown)
    def post(self, request: Request, pk: int) -> Response:
        """With proof; the last signature puts it in force."""
        row, asked, user = _waiting(request, pk), read(SignMandate, request), signed_in(request)
        if answer := asked["credential"] or asked["code"]:
            people.answer(challenge_id=asked["challenge"], user=user, answer=answer, at=now())
        return _shown(operations.sign_mandate(mandate=row, challenge_id=asked["challenge"], by=user, at=now()))


class DropTheMandate(APIView):
    """Turn down the one that waits."""

    @extend_schema(tags=TAGS, request=None, responses=MandateShown)
    def post(self, request: Request, pk: int) -> Response:
        """What is in force stays so."""
        return _shown(operations.drop_mandate(mandate=_waiting(request, pk), by=signed_in(request), at=now()))


class BusinessAccounts(APIView):
    """Accounts that a business holds."""

    @extend_schema(tags=TAGS, responses=AccountShown(many=True), operation_id="business_accounts_list")
    def get(self, request: Request, pk: int) -> Response:
        """With balances, for its members; two queries whatever their number."""
        business = its_business(request, pk)
        rows = Account.objects.filter(owner=business.party_id).select_related("product", "owner__business").in_order()
        return Response(AccountShown(queries.holdings(rows), many=True).data)

    @extend_schema(tags=TAGS, request=OpenAccount, responses={201: AccountShown})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Open one, once the bank knows the business; owners only."""
        business, asked = its_business(request, pk), read(OpenAccount, request)
        product = Product.objects.filter(code=asked["product"], is_active=True).first()
        if product is None:
            raise NotFound(_("There is no such product."))
        account = operations.open_business_account(
            business=business, product=product, by=signed_in(request), at=now(), nickname=asked["nickname"]
        )
        return Response(AccountShown(queries.holding(account)).data, status=201)


class MandateReason(Strict):
    """Which resolution of the business was seen."""

    reason = serializers.CharField(max_length=400)


class BankPutsInForce(APIView):
    """A mandate that too few are left to sign."""

    permission_classes = (holds("kyc.approve_kyc"),)

    @extend_schema(tags=["staff"], request=MandateReason, responses={202: ApprovalAsked})
    def post(self, request: Request, pk: int) -> Response:
        """Ask that it is put in force; another officer allows it (202). `pk` is the business's own customer number."""
        party = get_object_or_404(User.objects.filter(kind="BUSINESS"), pk=pk)
        row = get_object_or_404(Mandate.objects.whole(), business__party=party, status=MandateStatus.WAITING)
        reason = read(MandateReason, request)["reason"]
        asked = operations.ask_bank_for_mandate(mandate=row, reason=reason, by=signed_in(request), at=now())
        return Response({"approval": asked.pk, "status": asked.status}, status=202)
