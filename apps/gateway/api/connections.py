"""Connections to providers by API, for staff: what this bank calls, whether it answers, and switching it off."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from apps.gateway import operations
from apps.gateway.models import ExternalApiConnection
from apps.gateway.operations import ConnectionTerms
from apps.gateway.policies import CONNECTS, SEES_ALL
from apps.gateway.states import AuthKind
from apps.kernel.breaker import Circuit
from apps.kernel.clock import now
from apps.users.api.auth import read
from apps.users.api.staff import holds
from apps.users.api.strict import Strict
from apps.users.doors import signed_in

_EXAMPLE = {"name": "parcels", "base_url": "https://api.parcels.example/v1", "auth_kind": "BEARER",
            "credentials": "a-token-they-gave-us"}  # fmt: skip


class ApiConnectionShown(serializers.ModelSerializer[ExternalApiConnection]):
    """A connection, without its credentials. `circuit`: CLOSED is called, OPEN is left alone for half a minute after
    five failures in a row, HALF_OPEN is tried by one caller.
    """

    id = serializers.UUIDField(source="public_id")
    label: Any = serializers.CharField()
    circuit = serializers.ChoiceField(choices=Circuit.choices)
    failures = serializers.IntegerField(allow_null=True, help_text=_("In a row; null where nothing ever failed"))
    last_error = serializers.CharField(allow_null=True)
    has_credentials = serializers.SerializerMethodField()

    class Meta:
        model = ExternalApiConnection
        fields = [
            "id", "name", "label", "base_url", "auth_kind", "has_credentials", "is_built_in", "is_active", "circuit",
            "failures", "last_error", "last_ok_at", "last_tried_at", "created_at",
        ]  # fmt: skip

    def get_has_credentials(self, row: ExternalApiConnection) -> bool:
        """Whether any are kept here."""
        return row.credentials is not None


class ConnectionToChange(Strict):
    """Where it is, how this bank proves itself there, and whether it is called."""

    base_url = serializers.CharField(max_length=200, help_text=_("https, a public name"))
    auth_kind = serializers.ChoiceField(choices=AuthKind.choices, default=AuthKind.NONE)
    credentials = serializers.CharField(
        max_length=500, required=False, help_text=_("Kept sealed and never told again; left out, those there stay")
    )
    is_active = serializers.BooleanField(default=True)


class ConnectionPatch(ConnectionToChange):
    """The same, each if wanted."""

    base_url = serializers.CharField(max_length=200, required=False)
    auth_kind = serializers.ChoiceField(choices=AuthKind.choices, required=False)
    is_active = serializers.BooleanField(required=False)


class ConnectionToMake(ConnectionToChange):
    """The same with its name, which stays."""

    name = serializers.CharField(max_length=40)


@extend_schema(tags=["connections"])
class Connections(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[ExternalApiConnection]):
    """Providers that this bank calls."""

    permission_classes = (holds(SEES_ALL, CONNECTS, writing=CONNECTS),)
    serializer_class = ApiConnectionShown
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    filter_backends = ()
    queryset = ExternalApiConnection.objects.with_state().order_by("name")

    @extend_schema(
        request=ConnectionToMake, responses={201: ApiConnectionShown},
        examples=[OpenApiExample("A carrier", _EXAMPLE, request_only=True)],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """Add one: it is asked every five minutes whether it is there."""
        asked = read(ConnectionToMake, request)
        name = asked.pop("name")
        row = operations.make_connection(name=name, terms=ConnectionTerms(**asked), by=signed_in(request), at=now())
        return self._shown(row, status=201)

    @extend_schema(request=ConnectionToChange, responses=ApiConnectionShown)
    def update(self, request: Request, public_id: UUID) -> Response:
        """Change it. Switched off, nothing is sent there from the next call on."""
        return self._changed(read(ConnectionToChange, request))

    @extend_schema(request=ConnectionPatch, responses=ApiConnectionShown)
    def partial_update(self, request: Request, public_id: UUID) -> Response:
        """Change some of it."""
        return self._changed(read(ConnectionPatch, request))

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, public_id: UUID) -> Response:
        """Take one away that staff added."""
        operations.remove_connection(connection=self.get_object(), by=signed_in(request), at=now())
        return Response(status=204)

    def _changed(self, asked: dict[str, Any]) -> Response:
        changed = operations.change_connection(
            connection=self.get_object(), terms=ConnectionTerms(**asked), by=signed_in(self.request), at=now()
        )
        return self._shown(changed)

    def _shown(self, row: ExternalApiConnection, status: int = 200) -> Response:
        return Response(ApiConnectionShown(self.get_queryset().get(pk=row.pk)).data, status=status)
