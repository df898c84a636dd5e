"""What staff do about people, by API."""

from typing import Any

from django.contrib.auth.models import Group
from django.shortcuts import get_object_or_404
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView, ListCreateAPIView, RetrieveAPIView
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import now
from apps.users import operations, policies
from apps.users.api import staff_shapes as shapes
from apps.users.api.auth import read
from apps.users.api.serializers import Profile
from apps.users.doors import signed_in
from apps.users.models import Branch, CustomerNote, StaffMember, User


def holds(*permissions: str, writing: str = "") -> type[BasePermission]:
    """A permission class: staff who hold one of `permissions`; and `writing`, where it is given, for unsafe methods."""

    class Holds(BasePermission):
        def has_permission(self, request: Request, view: Any) -> bool:
            who = request.user
            if not who or not who.is_authenticated:
                return False
            if writing and request.method not in SAFE_METHODS:
                return bool(who.has_perm(writing))
            return any(who.has_perm(permission) for permission in permissions)

    return Holds


class Customers(ListAPIView[User]):
    """Customers."""

    serializer_class = shapes.CustomerShown
    permission_classes = (holds("users.view_users"),)
    filterset_fields = ("status", "kyc_tier")
    filter_backends = (DjangoFilterBackend,)

    def get_queryset(self) -> Any:
        """Found by exact phone, e-mail or ID number first, else by a part of the name."""
        found = User.objects.customers()
        if text := self.request.query_params.get("search", "").strip():
            found = found.found_by(text)
        return found.order_by("-pk")

    @extend_schema(
        tags=["staff"],
        parameters=[OpenApiParameter("search", str, description="Name, or exact phone, e-mail or ID number")],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Phone and e-mail are masked in the list."""
        return super().get(request, *args, **kwargs)


class Customer(RetrieveAPIView[User]):
    """One customer."""

    serializer_class = Profile
    permission_classes = (holds("users.view_users"),)
    queryset = User.objects.customers()
    filter_backends = ()

    @extend_schema(tags=["staff"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Whole; the look is recorded."""
        customer = self.get_object()
        operations.look_at(customer=customer, by=signed_in(request), reason="API", at=now())
        return Response(self.get_serializer(customer).data)


class CustomerStatus(APIView):
    """Suspend, restore, close."""

    permission_classes = (holds("users.edit_users"),)

    @extend_schema(request=shapes.ChangeStatus, responses={200: Profile, 202: shapes.ApprovalAsked}, tags=["staff"])
    def put(self, request: Request, pk: int) -> Response:
        """With a reason; all but ACTIVE sign the person out everywhere, and ACTIVE waits for a second officer (202)."""
        asked = read(shapes.ChangeStatus, request)
        person = get_object_or_404(User.objects.customers(), pk=pk)
        waits = operations.ask_status(person=person, by=signed_in(request), at=now(), **asked)
        if waits:
            return Response({"approval": waits.pk, "status": waits.status}, status=202)
        return Response(Profile(person).data)

    @extend_schema(request=shapes.ChangeStatus, responses={200: Profile, 202: shapes.ApprovalAsked}, tags=["staff"])
    def post(self, request: Request, pk: int) -> Response:
        """The same as PUT."""
        return self.put(request, pk)


class Notes(ListCreateAPIView[CustomerNote]):
    """Notes about a customer."""

    serializer_class = shapes.NoteShown
    permission_classes = (holds("users.view_users", writing="users.write_to_customers"),)
    filter_backends = ()

    def get_queryset(self) -> Any:
        """The newest first; the look is recorded."""
        customer = get_object_or_404(User.objects.customers(), pk=self.kwargs["pk"])
        operations.look_at(customer=customer, by=signed_in(self.request), reason="API: notes", at=now())
        return CustomerNote.objects.filter(customer=customer).select_related("author").order_by("-pk")

    @extend_schema(responses=shapes.NoteShown(many=True), tags=["staff"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What staff wrote."""
        return super().get(request, *args, **kwargs)

    @extend_schema(request=shapes.WriteNote, responses={201: shapes.NoteShown}, tags=["staff"])
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Corrected by adding, never changed."""
        customer = get_object_or_404(User.objects.customers(), pk=kwargs["pk"])
        text = read(shapes.WriteNote, request)["text"]
        note = operations.add_note(customer=customer, text=text, by=signed_in(request), at=now())
        return Response(shapes.NoteShown(note).data, status=201)


class Staff(ListAPIView[StaffMember]):
    """Staff."""

    serializer_class = shapes.StaffShown
    permission_classes = (holds("users.manage_admins", "audit_trail.view_audit", writing="users.manage_admins"),)
    queryset = StaffMember.objects.select_related("user", "branch").order_by("pk")
    filterset_fields = ("role", "branch")
    filter_backends = (DjangoFilterBackend,)

    @extend_schema(tags=["staff"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Everyone who works here."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=shapes.AddStaff,
        responses={202: shapes.ApprovalAsked},
        tags=["staff"],
        examples=[
            OpenApiExample(
                "A teller begins",
                request_only=True,
                value={
                    "full_name": "Brian Kiprotich",
                    "phone": "0722 000 417",
                    "role": "TELLER",
                    "branch": "001",
                    "approval_limit": {"amount": "50000.00", "currency": "KES"},
                    "reason": "Begins on 1 December",
                },
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Ask for a new member of staff; a second person must allow it. A phone that has a profile is 409."""
        asked = operations.add_staff(by=signed_in(request), at=now(), **read(shapes.AddStaff, request))
        return Response({"approval": asked.pk, "status": asked.status}, status=202)


class StaffOne(RetrieveAPIView[StaffMember]):
    """One member of staff."""

    serializer_class = shapes.StaffShown
    permission_classes = (holds("users.manage_admins", "audit_trail.view_audit"),)
    queryset = StaffMember.objects.select_related("user", "branch")
    filter_backends = ()

    @extend_schema(tags=["staff"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Role, branch, limit."""
        return super().get(request, *args, **kwargs)


class StaffRole(APIView):
    """The role of a member of staff."""

    permission_classes = (holds("users.manage_admins"),)

    @extend_schema(request=shapes.ChangeRole, responses={202: shapes.ApprovalAsked}, tags=["staff"])
    def put(self, request: Request, pk: int) -> Response:
        """Ask for another role; a second person must allow it."""
        member = get_object_or_404(StaffMember, pk=pk)
        asked = operations.set_role(member=member, by=signed_in(request), at=now(), **read(shapes.ChangeRole, request))
        return Response({"approval": asked.pk, "status": asked.status}, status=202)

    @extend_schema(request=shapes.ChangeRole, responses={202: shapes.ApprovalAsked}, tags=["staff"])
    def post(self, request: Request, pk: int) -> Response:
        """The same as PUT."""
        return self.put(request, pk)


class Roles(APIView):
    """Roles."""

    permission_classes = (holds("users.manage_admins", "audit_trail.view_audit"),)

    @extend_schema(responses=shapes.RoleShown(many=True), tags=["staff"])
    def get(self, request: Request) -> Response:
        """Each with its permissions."""
        groups = Group.objects.prefetch_related("permissions").order_by("name")
        return Response(
            [
                {"role": group.name, "permissions": sorted(row.codename for row in group.permissions.all())}
                for group in groups
            ]
        )


class Branches(ListAPIView[Branch]):
    """Offices."""

    serializer_class = shapes.BranchShown
    queryset = Branch.objects.order_by("code")
    filter_backends = ()

    @extend_schema(tags=["staff"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Where to find us."""
        return super().get(request, *args, **kwargs)

    @extend_schema(tags=["staff"], request=shapes.OpenBranch, responses={201: shapes.BranchShown})
    def post(self, request: Request) -> Response:
        """Open an office; for those who manage staff. A code that is taken is 409."""
        policies.require_right(signed_in(request), "users.manage_admins")
        branch = operations.open_branch(by=signed_in(request), at=now(), **read(shapes.OpenBranch, request))
        return Response(shapes.BranchShown(branch).data, status=201)


class BranchOne(RetrieveAPIView[Branch]):
    """One office."""

    serializer_class = shapes.BranchShown
    queryset = Branch.objects.all()
    filter_backends = ()

    @extend_schema(tags=["staff"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Its code, name and town."""
        return super().get(request, *args, **kwargs)
