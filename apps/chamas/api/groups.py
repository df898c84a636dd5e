"""Groups by API: founded, joined, begun, and their rules."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.chamas import operations
from apps.chamas.api import looking, shapes
from apps.chamas.api.door import TAGS, Room
from apps.chamas.models import ChamaGroup, ConstitutionVersion
from apps.kernel.clock import now
from apps.kernel.idempotency import idempotent
from apps.users.api.auth import read
from apps.users.doors import signed_in

RULES = {"savings_minor": 100_000, "welfare_minor": 20_000, "late_fine_minor": 5_000, "loan_multiple": 3}
NEW = OpenApiExample(
    "A table-banking group", {"name": "Umoja Women", "kind": "SAVINGS", "rules": RULES}, request_only=True
)


@extend_schema(tags=TAGS)
class Groups(GenericAPIView[Any]):
    """One's own groups."""

    throttle_scope = "money"
    filter_backends = ()
    queryset = ChamaGroup.objects.none()
    serializer_class = shapes.GroupShown

    @extend_schema(operation_id="chamas_list", responses=shapes.GroupShown(many=True))
    def get(self, request: Request) -> Response:
        """Those one belongs to, closed ones too, the newest first."""
        user = signed_in(request)
        page = self.paginate_queryset(ChamaGroup.objects.visible_to(user).order_by("-pk")) or []
        return self.get_paginated_response(shapes.GroupShown(looking.groups(page, user), many=True).data)

    @extend_schema(
        operation_id="chamas_create", request=shapes.FoundGroup, responses={201: shapes.OneGroupShown}, examples=[NEW]
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Start one and be its chair. Money may come in once it has its officers, its members and their word."""
        asked, user = read(shapes.FoundGroup, request), signed_in(request)
        group = operations.found_group(**asked, by=user, at=now())
        return Response(shapes.OneGroupShown(looking.one(group, user)).data, status=201)


@extend_schema(tags=TAGS)
class Join(GenericAPIView[Any]):
    """Asking to be taken in."""

    throttle_scope = "money"
    queryset = ChamaGroup.objects.none()

    @extend_schema(
        request=shapes.JoinGroup,
        responses={202: None},
        examples=[OpenApiExample("Read aloud", {"join_code": "K7PX 4MTA"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """By the group's code. An officer says yes or no; nothing of the group is shown before."""
        asked = read(shapes.JoinGroup, request)
        operations.ask_to_join(join_code=asked["join_code"], by=signed_in(request), at=now())
        return Response(status=202)


@extend_schema(tags=TAGS)
class OneGroup(Room):
    """One group."""

    @extend_schema(operation_id="chamas_retrieve", responses=shapes.OneGroupShown)
    def get(self, request: Request, slug: str) -> Response:
        """Its money by fund and by purse, one's own part, what one owes, and what waits."""
        return Response(shapes.OneGroupShown(looking.one(self.group(), signed_in(request))).data)

    @extend_schema(operation_id="chamas_update", request=shapes.RenameGroup, responses=shapes.OneGroupShown)
    def put(self, request: Request, slug: str) -> Response:
        """Its name, by an officer. Its rules change by `POST …/constitution/` and a vote."""
        asked, user = read(shapes.RenameGroup, request), signed_in(request)
        group = operations.rename_group(group=self.group(), name=asked["name"], by=user, at=now())
        return Response(shapes.OneGroupShown(looking.one(group, user)).data)


@extend_schema(tags=TAGS)
class JoinCode(Room):
    """The code by which people ask to join."""

    @extend_schema(request=None, responses=shapes.OneGroupShown)
    def post(self, request: Request, slug: str) -> Response:
        """Another one, by an officer: from now on nobody joins by the old one. Who asked before still waits."""
        user = signed_in(request)
        group = operations.renew_join_code(group=self.group(), by=user, at=now())
        return Response(shapes.OneGroupShown(looking.one(group, user)).data)


@extend_schema(tags=TAGS)
class Begin(Room):
    """The beginning of a group."""

    @extend_schema(request=None, responses=shapes.OneGroupShown)
    def post(self, request: Request, slug: str) -> Response:
        """From now on money may come in. 409 names in `missing` what the group lacks."""
        user = signed_in(request)
        group = operations.begin(group=self.group(), by=user, at=now())
        return Response(shapes.OneGroupShown(looking.one(group, user)).data)


def _written(group: ChamaGroup, room: Room) -> dict[str, Any]:
    found = looking.constitution(group)
    versions = [row for row in found.values() if row is not None]
    context = {"accepted": looking.accepted_by(group, versions), "own": room.own(group)}
    return dict(shapes.ConstitutionShown(found, context=context).data)


@extend_schema(tags=TAGS)
class Constitution(Room):
    """The rules of a group."""

    @extend_schema(operation_id="chamas_constitution", responses=shapes.ConstitutionShown)
    def get(self, request: Request, slug: str) -> Response:
        """Those in force and those that wait, with who has accepted them."""
        return Response(_written(self.group(), self))

    @extend_schema(
        operation_id="chamas_constitution_propose",
        request=shapes.ProposeRules,
        responses={201: shapes.ConstitutionShown},
        examples=[OpenApiExample("More savings", {"rules": {**RULES, "savings_minor": 150_000}}, request_only=True)],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Put another version before the members, whole: what is left out is as in a new group, not as it was.

        A group that has begun changes its rules by proposing the act AMENDMENT with this version. 400 names in
        `errors` each rule that cannot be carried out.
        """
        group = self.group()
        rules = read(shapes.ProposeRules, request)["rules"]
        operations.propose_constitution(group=group, rules=rules, by=signed_in(request), at=now())
        return Response(_written(group, self), status=201)


@extend_schema(tags=TAGS)
class AcceptConstitution(Room):
    """A member's word on the rules."""

    @extend_schema(request=None, responses=shapes.ConstitutionShown)
    def post(self, request: Request, slug: str, version: int) -> Response:
        """Agree to a version; said twice it counts once."""
        group = self.group()
        row = get_object_or_404(ConstitutionVersion.objects.select_related("group"), group=group, version=version)
        operations.accept_constitution(version=row, by=signed_in(request), at=now())
        return Response(_written(group, self))
