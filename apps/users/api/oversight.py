"""What keeps staff honest, by API: posts changed by two, connections, broken glass, and who saw a customer."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.audit_trail import operations as audit_trail
from apps.audit_trail import queries as trail
from apps.kernel.clock import now
from apps.kernel.serializers import MoneyField
from apps.users import operations, policies
from apps.users.api.auth import read
from apps.users.api.staff import holds
from apps.users.api.staff_shapes import ApprovalAsked
from apps.users.api.strict import Strict
from apps.users.doors import signed_in
from apps.users.models import Branch, BreakGlass, ConnectionKind, StaffConnection, StaffMember, User, Verdict
from apps.users.models.staff import Role
from apps.users.queries import roles_of

TAGS = ["staff"]
MANAGES = (holds("users.manage_admins"),)


class ChangePost(Strict):
    """What of a post shall be another; what is left out stays."""

    role = serializers.ChoiceField(choices=Role.choices, required=False)
    branch = serializers.SlugRelatedField(slug_field="code", queryset=Branch.objects.all(), required=False)
    approval_limit = MoneyField(required=False, help_text="In KES; zero for none")
    is_mlro = serializers.BooleanField(required=False)
    reason = serializers.CharField(max_length=400)


class Reason(Strict):
    """Why; the record keeps it."""

    reason = serializers.CharField(max_length=400)


class Declare(Strict):
    """A customer one is connected with."""

    customer = serializers.PrimaryKeyRelatedField(queryset=User.objects.customers())
    kind = serializers.ChoiceField(choices=ConnectionKind.choices)


class ConnectionShown(serializers.ModelSerializer[StaffConnection]):
    """A connection."""

    class Meta:
        model = StaffConnection
        fields = ("id", "staff", "customer", "kind", "declared_at", "ended_at")


class GlassShown(serializers.ModelSerializer[BreakGlass]):
    """Where the glass was broken, and what was made of it."""

    viewer_name = serializers.CharField(source="viewer.full_name", read_only=True)

    class Meta:
        model = BreakGlass
        fields = (
            "id", "viewer", "viewer_name", "customer", "reason", "opened_at", "expires_at", "ended_at", "reviewed_by",
            "reviewed_at", "verdict", "note",
        )  # fmt: skip


class ReviewGlass(Strict):
    """Whether there was need, and what was looked at."""

    verdict = serializers.ChoiceField(choices=Verdict.choices)
    note = serializers.CharField(max_length=400)


class LookShown(serializers.Serializer[Any]):
    """Somebody saw the customer."""

    at = serializers.DateTimeField()
    actor = serializers.IntegerField(source="actor_id", allow_null=True)
    name = serializers.CharField(source="actor", allow_null=True)
    role = serializers.SerializerMethodField()
    action = serializers.CharField()
    reason = serializers.CharField()

    def get_role(self, row: Any) -> str:
        """The role they have today; empty for who works here no more."""
        return str(self.context["roles"].get(row.actor_id, ""))


def _member(pk: int) -> StaffMember:
    return get_object_or_404(StaffMember.objects.select_related("user", "branch"), pk=pk)


class StaffPost(APIView):
    """The post of a member of staff."""

    permission_classes = MANAGES

    @extend_schema(
        tags=TAGS, request=ChangePost, responses={202: ApprovalAsked},
        examples=[OpenApiExample("To Kisumu", request_only=True, value={"branch": "002", "reason": "She moves."})],
    )  # fmt: skip
    def put(self, request: Request, pk: int) -> Response:
        """Ask for another role, branch or limit; a second person must allow it, then their stays end."""
        member = _member(pk)
        asked = operations.change_post(member=member, by=signed_in(request), at=now(), **read(ChangePost, request))
        return Response({"approval": asked.pk, "status": asked.status}, status=202)


class SuspendStaff(APIView):
    """Stop a colleague."""

    permission_classes = MANAGES

    @extend_schema(tags=TAGS, request=Reason, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        """At once and everywhere, by one person; one who is suspended already is 409."""
        member = _member(pk)
        operations.suspend_staff(member=member, by=signed_in(request), at=now(), **read(Reason, request))
        return Response(status=204)


class RestoreStaff(APIView):
    """Let a colleague in again."""

    permission_classes = MANAGES

    @extend_schema(tags=TAGS, request=Reason, responses={202: ApprovalAsked})
    def post(self, request: Request, pk: int) -> Response:
        """Ask for it; a second person must allow it."""
        member = _member(pk)
        asked = operations.ask_restore(member=member, by=signed_in(request), at=now(), **read(Reason, request))
        return Response({"approval": asked.pk, "status": asked.status}, status=202)


class SignOutStaff(APIView):
    """Stays of a colleague."""

    permission_classes = MANAGES

    @extend_schema(tags=TAGS, request=None, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        """End all of them."""
        operations.sign_out_everywhere(member=_member(pk), by=signed_in(request), at=now())
        return Response(status=204)


class StaffConnections(APIView):
    """Whom a member of staff keeps away from."""

    permission_classes = (holds("users.manage_admins", "audit_trail.view_audit", writing="users.manage_admins"),)

    @extend_schema(tags=TAGS, responses=ConnectionShown(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The newest first, ended ones too."""
        rows = StaffConnection.objects.filter(staff=_member(pk).user_id).order_by("-pk")[:200]
        return Response(ConnectionShown(rows, many=True).data)

    @extend_schema(tags=TAGS, request=Declare, responses={201: ConnectionShown})
    def post(self, request: Request, pk: int) -> Response:
        """Write one down; one that stands already is 409."""
        member = _member(pk)
        row = operations.declare_connection(
            staff=member.user, by=signed_in(request), at=now(), **read(Declare, request)
        )
        return Response(ConnectionShown(row).data, status=201)


class EndConnection(APIView):
    """A connection that is over."""

    permission_classes = MANAGES

    @extend_schema(tags=TAGS, request=Reason, responses={204: None})
    def post(self, request: Request, pk: int, connection: int) -> Response:
        """Said by another person than the one it binds."""
        row = get_object_or_404(StaffConnection.objects.select_related("staff"), pk=connection, staff__staff=pk)
        operations.end_connection(connection=row, by=signed_in(request), at=now(), **read(Reason, request))
        return Response(status=204)


class MyConnections(APIView):
    """Whom I keep away from."""

    @extend_schema(tags=TAGS, request=Declare, responses={201: ConnectionShown})
    def post(self, request: Request) -> Response:
        """Write one down; for staff."""
        policies.require_staff(who := signed_in(request))
        row = operations.declare_connection(staff=who, by=who, at=now(), **read(Declare, request))
        return Response(ConnectionShown(row).data, status=201)


class BreakTheGlass(APIView):
    """One customer whole, in need."""

    permission_classes = (holds("users.break_glass"),)

    @extend_schema(
        tags=TAGS, request=Reason, responses={201: GlassShown},
        examples=[OpenApiExample("In need", request_only=True,
                                 value={"reason": "She is at the hospital and cannot reach her card PIN"})],
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        """For half an hour; reviewers hear of it at once. While an earlier one waits for its review: 409."""
        customer = get_object_or_404(User.objects.customers(), pk=pk)
        glass = operations.break_glass(customer=customer, by=signed_in(request), at=now(), **read(Reason, request))
        return Response(GlassShown(glass).data, status=201)


class BrokenGlass(ListAPIView[BreakGlass]):
    """Where the glass was broken."""

    serializer_class = GlassShown
    permission_classes = (holds("users.review_glass", "audit_trail.view_audit"),)
    queryset = BreakGlass.objects.select_related("viewer").order_by("-pk")
    filterset_fields = ("viewer", "customer", "verdict")
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()

    @extend_schema(tags=TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first; without a verdict it waits for its review."""
        return super().get(request, *args, **kwargs)


class ReviewBrokenGlass(APIView):
    """The review of one."""

    permission_classes = (holds("users.review_glass"),)

    @extend_schema(tags=TAGS, request=ReviewGlass, responses=GlassShown)
    def post(self, request: Request, pk: int) -> Response:
        """Once, and never by who broke it."""
        row = get_object_or_404(BreakGlass.objects.select_related("viewer", "customer"), pk=pk)
        row = operations.review_glass(glass=row, by=signed_in(request), at=now(), **read(ReviewGlass, request))
        return Response(GlassShown(row).data)


class Looks(APIView):
    """Who saw one customer."""

    permission_classes = (holds("audit_trail.view_audit"),)

    @extend_schema(tags=TAGS, responses=LookShown(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The newest hundred, with role and reason; asking is itself recorded."""
        user, person = signed_in(request), get_object_or_404(User, pk=pk)
        audit_trail.record("audit_trail.customer.looked_up", on=person, by=user, at=now(), reason="Who saw them")
        rows = list(trail.looks_at(person).seen_by(user)[:100])
        roles = roles_of({row.actor_id for row in rows if row.actor_id})
        return Response(LookShown(rows, many=True, context={"roles": roles}).data)
