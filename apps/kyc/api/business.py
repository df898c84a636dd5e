"""Knowing a business by API: how far it is, whom it names, its papers, handing in."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import now
from apps.kernel.idempotency import honours_key, key_of
from apps.kyc.api import business_shapes as shapes
from apps.kyc.api.paper_shapes import BringPaper, DocumentShown
from apps.kyc.models import BusinessPerson, VerificationWorkflow
from apps.kyc.operations import business as operations
from apps.kyc.operations.papers import Paper
from apps.kyc.queries import people_of
from apps.kyc.rules.images import MOST_BYTES
from apps.users.api.auth import read
from apps.users.doors import signed_in
from apps.users.models import BusinessProfile

TAGS = ["businesses"]
STRANGER = OpenApiExample(
    "An owner who does not bank here",
    request_only=True,
    value={
        "is_director": True,
        "is_owner": True,
        "share_bp": 4000,
        "full_name": "Baraka Mwangi",
        "born_on": "1980-05-01",
        "id_kind": "NATIONAL_ID",
        "id_number": "28456712",
        "nationality": "KE",
    },
)


def _business(request: Request, pk: int) -> BusinessProfile:
    rows = BusinessProfile.objects.visible_to(signed_in(request)).select_related("party")
    return get_object_or_404(rows, pk=pk)


def _shown(business: BusinessProfile, status: int = 200) -> Response:
    party = business.party
    party.refresh_from_db(fields=["kyc_status", "kyc_tier"])
    last = VerificationWorkflow.objects.filter(user=party, status="REJECTED").order_by("-decided_at").first()
    facts = {
        "kyc_status": party.kyc_status,
        "kyc_tier": party.kyc_tier,
        "reason": last.reason if last and party.kyc_status == "REJECTED" else "",
        "people": people_of(business),
        "verification": operations.live_of(business),
    }
    return Response(shapes.BusinessKycShown(facts).data, status=status)


class BusinessKyc(APIView):
    """How well the bank knows a business."""

    @extend_schema(tags=TAGS, responses=shapes.BusinessKycShown)
    def get(self, request: Request, pk: int) -> Response:
        """Status, whom it names, and what is missing; for its members."""
        return _shown(_business(request, pk))

    @extend_schema(tags=TAGS, request=None, responses={201: shapes.BusinessKycShown})
    def post(self, request: Request, pk: int) -> Response:
        """Begin a verification, or go on with the one that was begun; owners only."""
        business = _business(request, pk)
        operations.start(business=business, by=signed_in(request), at=now())
        return _shown(business, status=201)


class BusinessPeople(APIView):
    """Whom a business names."""

    @extend_schema(tags=TAGS, operation_id="business_people_list", responses=shapes.PersonShown(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Directors, partners or officials, and owners; for its members."""
        return Response(shapes.PersonShown(people_of(_business(request, pk)), many=True).data)

    @extend_schema(tags=TAGS, request=shapes.NamePerson, responses={201: shapes.PersonShown}, examples=[STRANGER])
    def post(self, request: Request, pk: int) -> Response:
        """Name somebody; owners only. A business that is known is then verified anew."""
        business, asked = _business(request, pk), read_person(shapes.NamePerson, request)
        row = operations.name_person(business=business, person=asked, by=signed_in(request), at=now())
        return Response(shapes.PersonShown(row).data, status=201)


def read_person(shape: Any, request: Request) -> operations.Person:
    """What was said of somebody, checked."""
    return operations.Person(**read(shape, request))


class BusinessPersonOne(APIView):
    """One of them."""

    @extend_schema(tags=TAGS, request=shapes.ChangePerson, responses=shapes.PersonShown)
    def put(self, request: Request, pk: int, person_id: uuid.UUID) -> Response:
        """What they are and hold; owners only."""
        row, asked = self._one(request, pk, person_id), read_person(shapes.ChangePerson, request)
        row = operations.change_person(row=row, person=asked, by=signed_in(request), at=now())
        return Response(shapes.PersonShown(row).data)

    @extend_schema(tags=TAGS, responses={204: None})
    def delete(self, request: Request, pk: int, person_id: uuid.UUID) -> Response:
        """Take them off; owners only."""
        operations.remove_person(row=self._one(request, pk, person_id), by=signed_in(request), at=now())
        return Response(status=204)

    def _one(self, request: Request, pk: int, person_id: uuid.UUID) -> BusinessPerson:
        rows = BusinessPerson.objects.present().select_related("business", "who")
        return get_object_or_404(rows.filter(business=_business(request, pk)), public_id=person_id)


class BringBusinessPaper(BringPaper):
    """A part of a paper of a business, or with `person` of somebody it named."""

    person = serializers.UUIDField(required=False, allow_null=True, default=None)


class BusinessDocuments(APIView):
    """Papers of a business."""

    parser_classes = (MultiPartParser,)
    throttle_scope = "money"

    @extend_schema(tags=TAGS, request={"multipart/form-data": BringBusinessPaper}, responses={201: DocumentShown})
    @honours_key
    def post(self, request: Request, pk: int) -> Response:
        """Bring a part; owners only. The same key and file are one."""
        business, asked = _business(request, pk), read(BringBusinessPaper, request)
        file, of = asked.pop("file"), asked.pop("person")
        people = BusinessPerson.objects.present().filter(business=business)
        row = operations.bring_paper(
            business=business,
            paper=Paper(**asked),
            raw=file.read(MOST_BYTES + 1),
            name=file.name,
            key=key_of(request) or str(uuid.uuid4()),
            by=signed_in(request),
            at=now(),
            person=get_object_or_404(people, public_id=of) if of else None,
        )
        return Response(DocumentShown(row).data, status=201)


class BusinessHandIn(APIView):
    """All of it is there."""

    @extend_schema(
        tags=TAGS,
        request=shapes.HandInBusiness,
        responses=shapes.BusinessKycShown,
        examples=[OpenApiExample("Nobody else", {"says_complete": True}, request_only=True)],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Hand it in; two officers decide. 422 says who is not named and what is missing. Owners only."""
        business, asked = _business(request, pk), read(shapes.HandInBusiness, request)
        operations.hand_in(business=business, by=signed_in(request), at=now(), **asked)
        return _shown(business)
