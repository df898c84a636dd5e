"""Accounts at other banks by API: which banks, begin, finish, read, look, take away."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.clock import now
from apps.kernel.pagination import Cursors
from apps.kernel.serializers import MoneyField
from apps.open_banking import operations
from apps.open_banking.models import LinkedAccount, LinkedBank, LinkedLine, OtherBank
from apps.open_banking.operations.link import address_of
from apps.users.api.auth import read
from apps.users.api.strict import Strict
from apps.users.doors import signed_in


class OtherBankShown(serializers.ModelSerializer[OtherBank]):
    """A bank at which accounts can be linked."""

    id = serializers.UUIDField(source="public_id")

    class Meta:
        model = OtherBank
        fields = ["id", "name", "issuer"]


class LinkedAccountShown(serializers.ModelSerializer[LinkedAccount]):
    """An account there: read only, the balance as that bank told it at `balance_at`."""

    id = serializers.UUIDField(source="public_id")
    balance = MoneyField()

    class Meta:
        model = LinkedAccount
        fields = ["id", "label", "masked_number", "balance", "balance_at"]


class LinkShown(serializers.ModelSerializer[LinkedBank]):
    """A link. `because` says in a word why the last try came to nothing, `detail` in a sentence."""

    id = serializers.UUIDField(source="public_id")
    bank = OtherBankShown()
    detail = serializers.CharField(source="get_because_display")
    valid_until = serializers.DateTimeField(source="consent_until")
    accounts = LinkedAccountShown(many=True)

    class Meta:
        model = LinkedBank
        fields = ["id", "bank", "status", "because", "detail", "valid_until", "last_read_at", "accounts"]


class LinkBegun(serializers.ModelSerializer[LinkedBank]):
    """A link that waits: send the customer to `authorize_url`."""

    id = serializers.UUIDField(source="public_id")
    authorize_url = serializers.SerializerMethodField()

    class Meta:
        model = LinkedBank
        fields = ["id", "status", "authorize_url"]

    @extend_schema_field(OpenApiTypes.URI)
    def get_authorize_url(self, row: LinkedBank) -> str:
        """Where the customer allows it."""
        return address_of(row)


class LinkedLineShown(serializers.ModelSerializer[LinkedLine]):
    """A movement, in the other bank's words."""

    amount = MoneyField()

    class Meta:
        model = LinkedLine
        fields = ["id", "booked_at", "amount", "description", "counterparty"]


class BeginLink(Strict):
    """At which bank."""

    bank = serializers.UUIDField()


class FinishLink(Strict):
    """What the other bank sent the customer back with, as it was."""

    state = serializers.CharField(max_length=200)
    code = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    iss = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    error = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")


_BACK = {"state": "9tq…", "code": "mZ0…", "iss": "https://bank.example"}


@extend_schema(tags=["linked-banks"])
class Choices(mixins.ListModelMixin, viewsets.GenericViewSet[OtherBank]):
    """Banks at which accounts can be linked."""

    serializer_class = OtherBankShown
    filter_backends = ()
    queryset = OtherBank.objects.filter(is_active=True).order_by("name")


@extend_schema(tags=["linked-banks"])
class Links(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[LinkedBank]):
    """Accounts at other banks that one linked: read only."""

    serializer_class = LinkShown
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    filter_backends = ()
    queryset = LinkedBank.objects.none()

    def get_queryset(self) -> QuerySet[LinkedBank]:
        """One's own that stand."""
        return LinkedBank.objects.owned_by(signed_in(self.request)).shown()

    def _shown(self, row: LinkedBank) -> Response:
        return Response(self.get_serializer(get_object_or_404(self.get_queryset(), pk=row.pk)).data)

    @extend_schema(request=BeginLink, responses={201: LinkBegun})
    def create(self, request: Request) -> Response:
        """Begin: the other bank is asked for a consent to read. Nothing is read before they allowed it."""
        bank = get_object_or_404(OtherBank, public_id=read(BeginLink, request)["bank"], is_active=True)
        link = operations.begin_link(bank=bank, by=signed_in(request), at=now())
        return Response(LinkBegun(link).data, status=201)

    @extend_schema(request=FinishLink, responses=LinkShown, examples=[OpenApiExample("Back", _BACK, request_only=True)])
    def finish(self, request: Request) -> Response:
        """The customer came back: hand over what they came with, once. Their accounts are read for the first time."""
        given: dict[str, Any] = read(FinishLink, request)
        link = operations.finish_link(
            state=given["state"], code=given["code"], issuer=given["iss"], error=given["error"],
            by=signed_in(request), at=now(), address=request.META.get("REMOTE_ADDR", ""),
        )  # fmt: skip
        return self._shown(link)

    @extend_schema(request=None, responses=LinkShown)
    def refresh(self, request: Request, public_id: UUID) -> Response:
        """Ask the other bank now; once a minute."""
        link, by = self.get_object(), signed_in(request)
        operations.read_link(link=link, by=by, at=now(), address=request.META.get("REMOTE_ADDR", ""))
        return self._shown(link)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, public_id: UUID) -> Response:
        """Take it away: what was read is deleted here, and the other bank is told to end the access."""
        operations.unlink(link=self.get_object(), by=signed_in(request), at=now())
        return Response(status=204)


@extend_schema(tags=["linked-banks"])
class LinkedAccounts(viewsets.GenericViewSet[LinkedLine]):
    """Movements of an account at another bank."""

    serializer_class = LinkedLineShown
    pagination_class = Cursors
    filter_backends = ()
    queryset = LinkedLine.objects.none()

    @extend_schema(responses=LinkedLineShown(many=True))
    def lines(self, request: Request, public_id: UUID) -> Response:
        """Newest first."""
        links = LinkedBank.objects.owned_by(signed_in(request)).shown()
        account = get_object_or_404(LinkedAccount, public_id=public_id, link__in=links.values("pk"))
        page = self.paginate_queryset(account.lines.all())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
