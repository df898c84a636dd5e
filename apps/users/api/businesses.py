"""Businesses one belongs to, their members, and invitations to join."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import viewsets
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import now
from apps.users import operations, policies
from apps.users.api import business_shapes as shapes
from apps.users.api.auth import read
from apps.users.doors import signed_in
from apps.users.models import BusinessInvitation, BusinessMember, BusinessProfile

REGISTER = OpenApiExample(
    "A chama registers",
    request_only=True,
    value={"name": "Jua Kali Welders", "registration_number": "SHG/KSM/2021/457", "kind": "GROUP"},
)
INVITE = OpenApiExample("The treasurer", request_only=True, value={"phone": "0733 000 111", "role": "SIGNATORY"})
TAGS = ["businesses"]


class Businesses(viewsets.GenericViewSet[BusinessProfile]):
    """The businesses one belongs to."""

    serializer_class = shapes.BusinessShown
    queryset = BusinessProfile.objects.none()
    lookup_value_converter = "int"
    filterset_fields = ("kind",)
    search_fields = ("name", "registration_number")
    ordering_fields = ("name", "created_at")

    def get_queryset(self) -> QuerySet[BusinessProfile]:
        """Another's is not there."""
        return BusinessProfile.objects.visible_to(self.request.user).with_members().order_by("-pk")

    @extend_schema(tags=TAGS, responses=shapes.BusinessShown(many=True))
    def list(self, request: Request) -> Response:
        """With their members; three queries whatever their number."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        tags=TAGS, request=shapes.RegisterBusiness, responses={201: shapes.BusinessShown}, examples=[REGISTER]
    )
    def create(self, request: Request) -> Response:
        """Register one; you are its first owner. A number that has a profile already is 409."""
        asked = read(shapes.RegisterBusiness, request)
        return self._shown(operations.register_business(by=signed_in(request), at=now(), **asked), status=201)

    @extend_schema(tags=TAGS, responses=shapes.BusinessShown)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One, with its members."""
        return Response(self.get_serializer(self._one(pk)).data)

    @extend_schema(tags=TAGS, request=shapes.RegisterBusiness, responses=shapes.BusinessShown, examples=[REGISTER])
    def update(self, request: Request, pk: int) -> Response:
        """Correct all of it; owners only."""
        return self._change(request, pk, shapes.RegisterBusiness)

    @extend_schema(tags=TAGS, request=shapes.ChangeBusiness, responses=shapes.BusinessShown)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Correct some of it; owners only."""
        return self._change(request, pk, shapes.ChangeBusiness)

    @extend_schema(tags=TAGS, responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Close the profile; owners only. What was done in its name stays on record."""
        operations.close_business(business=self._one(pk), by=signed_in(request), at=now())
        return Response(status=204)

    def _one(self, pk: int) -> BusinessProfile:
        return get_object_or_404(self.get_queryset(), pk=pk)

    def _change(self, request: Request, pk: int, shape: type[Any]) -> Response:
        business = self._one(pk)
        operations.change_business(business=business, by=signed_in(request), at=now(), **read(shape, request))
        return self._shown(business)

    def _shown(self, business: BusinessProfile, status: int = 200) -> Response:
        return Response(self.get_serializer(self._one(business.pk)).data, status=status)


def _business(request: Request, pk: int) -> BusinessProfile:
    return get_object_or_404(BusinessProfile.objects.visible_to(signed_in(request)), pk=pk)


class OneMember(APIView):
    """A member of a business."""

    @extend_schema(tags=TAGS, request=shapes.ChangeMember, responses=shapes.MemberShown)
    def put(self, request: Request, pk: int, member_id: int) -> Response:
        """Another role; owners only. The last owner stays one: 409."""
        role = read(shapes.ChangeMember, request)["role"]
        member = operations.change_member(member=self._member(), role=role, by=signed_in(request), at=now())
        return Response(shapes.MemberShown(member, context={"request": request}).data)

    @extend_schema(tags=TAGS, request=shapes.ChangeMember, responses=shapes.MemberShown)
    def post(self, request: Request, pk: int, member_id: int) -> Response:
        """The same as PUT."""
        return self.put(request, pk, member_id)

    @extend_schema(tags=TAGS, responses={204: None})
    def delete(self, request: Request, pk: int, member_id: int) -> Response:
        """Leave, or as an owner take another off. The last owner stays: 409."""
        operations.remove_member(member=self._member(), by=signed_in(request), at=now())
        return Response(status=204)

    def _member(self) -> BusinessMember:
        business = _business(self.request, self.kwargs["pk"])
        present = BusinessMember.objects.select_related("business").filter(business=business, left_at=None)
        return get_object_or_404(present, pk=self.kwargs["member_id"])


class Invitations(ListAPIView[BusinessInvitation]):
    """Invitations of a business that wait for an answer."""

    serializer_class = shapes.InvitationSent
    queryset = BusinessInvitation.objects.none()
    filter_backends = ()
    throttle_scope = "otp"  # each one sends an SMS to a number of the sender's choice

    def get_queryset(self) -> QuerySet[BusinessInvitation]:
        """The newest first; owners only."""
        business = _business(self.request, self.kwargs["pk"])
        policies.require_owner(signed_in(self.request), business)
        return BusinessInvitation.objects.open(now()).filter(business=business).order_by("-pk")

    @extend_schema(tags=TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who was asked and has not answered; owners only."""
        return super().get(request, *args, **kwargs)

    @extend_schema(tags=TAGS, request=shapes.InviteMember, responses={201: shapes.InvitationSent}, examples=[INVITE])
    def post(self, request: Request, pk: int) -> Response:
        """Ask whoever holds a phone to join; the answer is the same whether or not they bank here. Owners only."""
        asked, business = read(shapes.InviteMember, request), _business(request, pk)
        invitation = operations.invite_member(business=business, by=signed_in(request), at=now(), **asked)
        return Response(shapes.InvitationSent(invitation).data, status=201)


class OneInvitation(APIView):
    """An invitation of a business."""

    @extend_schema(tags=TAGS, responses={204: None})
    def delete(self, request: Request, pk: int, invitation_id: str) -> Response:
        """Take it back before it is answered; owners only."""
        business = _business(request, pk)
        sent = BusinessInvitation.objects.select_related("business").filter(business=business)
        invitation = get_object_or_404(sent, public_id=invitation_id)
        operations.withdraw_invitation(invitation=invitation, by=signed_in(request), at=now())
        return Response(status=204)


class MyInvitations(ListAPIView[BusinessInvitation]):
    """Invitations sent to one's own phone."""

    serializer_class = shapes.InvitationReceived
    queryset = BusinessInvitation.objects.none()
    filter_backends = ()

    def get_queryset(self) -> QuerySet[BusinessInvitation]:
        """Those that can be answered, the newest first."""
        mine = BusinessInvitation.objects.open(now()).to_person(self.request.user)
        return mine.select_related("business", "invited_by").order_by("-pk")

    @extend_schema(operation_id="my_business_invitations_list", tags=TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Which businesses ask you to join."""
        return super().get(request, *args, **kwargs)


def _to_me(request: Request, invitation_id: str) -> BusinessInvitation:
    mine = BusinessInvitation.objects.to_person(signed_in(request)).select_related("business")
    return get_object_or_404(mine, public_id=invitation_id)


class AcceptInvitation(APIView):
    """Say yes."""

    @extend_schema(tags=TAGS, request=None, responses={201: shapes.MemberShown})
    def post(self, request: Request, invitation_id: str) -> Response:
        """You belong to the business from now on."""
        invitation = _to_me(request, invitation_id)
        member = operations.accept_invitation(invitation=invitation, by=signed_in(request), at=now())
        return Response(shapes.MemberShown(member, context={"request": request}).data, status=201)


class DeclineInvitation(APIView):
    """Say no."""

    @extend_schema(tags=TAGS, request=None, responses={204: None})
    def post(self, request: Request, invitation_id: str) -> Response:
        """Nobody is told why."""
        operations.decline_invitation(invitation=_to_me(request, invitation_id), by=signed_in(request), at=now())
        return Response(status=204)
