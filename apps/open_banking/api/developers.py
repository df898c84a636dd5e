"""Developers and their apps by API."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import now
from apps.open_banking import operations, policies
from apps.open_banking.api import shapes
from apps.open_banking.models import ThirdPartyApp
from apps.users.api.auth import read
from apps.users.doors import signed_in

_APP = {
    "name": "Bajeti Yangu",
    "redirect_uris": ["https://bajeti.example/callback"],
    "scopes": ["accounts"],
    "website_url": "https://bajeti.example",
}


@extend_schema(tags=["developers"])
class Register(APIView):
    """Becoming a developer."""

    @extend_schema(
        request=shapes.RegisterDeveloper,
        responses={201: shapes.DeveloperShown},
        examples=[OpenApiExample("A firm", {"organisation": "Bajeti Ltd"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Anybody who is signed in, once."""
        asked = read(shapes.RegisterDeveloper, request)
        row = operations.register_developer(user=signed_in(request), organisation=asked["organisation"], at=now())
        return Response(shapes.DeveloperShown(row).data, status=201)


def _terms(asked: dict[str, Any]) -> operations.AppTerms:
    return operations.AppTerms(**asked)


@extend_schema(tags=["developers"])
class Apps(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[ThirdPartyApp]):
    """One's own apps."""

    serializer_class = shapes.AppShown
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    filter_backends = ()
    queryset = ThirdPartyApp.objects.none()
    throttle_scope = "otp"

    def get_queryset(self) -> QuerySet[ThirdPartyApp]:
        """Those of who asks."""
        rows = ThirdPartyApp.objects.select_related("developer").order_by("-created", "-pk")
        return rows.filter(developer__user=signed_in(self.request))

    @extend_schema(
        request=shapes.AppToRegister,
        responses={201: shapes.AppWithSecret},
        examples=[OpenApiExample("A budget app", _APP, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        """Register an app, in the sandbox until staff let it go live. Its secret is in this answer and nowhere else."""
        terms = _terms(read(shapes.AppToRegister, request))
        made = operations.register_app(by=signed_in(request), terms=terms, at=now())
        return Response(shapes.AppWithSecret(made.app, context={"secret": made.secret}).data, status=201)

    @extend_schema(request=shapes.AppToRegister, responses=shapes.AppShown)
    def update(self, request: Request, public_id: UUID) -> Response:
        """Change it. Another name, site or address to return to, or more to ask for, has a live app looked at again."""
        app = policies.own_app(signed_in(request), public_id)
        terms = _terms(read(shapes.AppToRegister, request))
        row = operations.change_app(app=app, terms=terms, by=signed_in(request), at=now())
        return Response(shapes.AppShown(row).data)

    @extend_schema(request=None, responses={201: shapes.AppWithSecret})
    def credentials(self, request: Request, public_id: UUID) -> Response:
        """Another secret, told this once. The one before opens for 24 hours more."""
        app = policies.own_app(signed_in(request), public_id)
        made = operations.rotate_secret(app=app, by=signed_in(request), at=now())
        return Response(shapes.AppWithSecret(made.app, context={"secret": made.secret}).data, status=201)
