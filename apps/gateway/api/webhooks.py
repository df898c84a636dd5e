"""A developer's webhooks by API."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from apps.gateway import operations, policies
from apps.gateway.api import shapes
from apps.gateway.models import WebhookDelivery, WebhookEndpoint
from apps.kernel.clock import now
from apps.kernel.pagination import Cursors
from apps.users.api.auth import read
from apps.users.doors import signed_in

_EXAMPLE = {
    "app": "2c9a4be1-1f0e-4b0e-8a53-6c1f0c8f5a10",
    "url": "https://hooks.bajeti.example/kitbank",
    "events": ["consent.authorised", "consent.revoked"],
}


@extend_schema(tags=["webhooks"])
class Webhooks(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[WebhookEndpoint]):
    """One's own endpoints."""

    serializer_class = shapes.WebhookShown
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    filter_backends = ()
    queryset = WebhookEndpoint.objects.none()

    def get_queryset(self) -> QuerySet[WebhookEndpoint]:
        """Those of who asks."""
        return WebhookEndpoint.objects.owned_by(signed_in(self.request)).order_by("-pk")

    @extend_schema(
        request=shapes.WebhookToRegister,
        responses={201: shapes.WebhookWithSecret},
        examples=[OpenApiExample("Consents", _EXAMPLE, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        """Tell an app of events. The secret is in this answer and nowhere else."""
        asked = read(shapes.WebhookToRegister, request)
        made = operations.register(
            client=asked["app"], url=asked["url"], events=asked["events"], by=signed_in(request), at=now()
        )
        return _told(made)

    @extend_schema(request=shapes.WebhookToChange, responses=shapes.WebhookShown)
    def update(self, request: Request, public_id: UUID) -> Response:
        """Change it; switched on again, what waited is sent."""
        return self._changed(request, self._own(public_id), shapes.WebhookToChange)

    @extend_schema(request=shapes.WebhookPatch, responses=shapes.WebhookShown)
    def partial_update(self, request: Request, public_id: UUID) -> Response:
        """Change some of it."""
        return self._changed(request, self._own(public_id), shapes.WebhookPatch)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, public_id: UUID) -> Response:
        """Tell it nothing more."""
        operations.remove(endpoint=self._own(public_id), by=signed_in(request), at=now())
        return Response(status=204)

    @extend_schema(request=None, responses={202: shapes.DeliveryShown})
    def test(self, request: Request, public_id: UUID) -> Response:
        """Send a `webhook.test`; look at the deliveries for what came of it."""
        sent = operations.send_test(endpoint=self._own(public_id), by=signed_in(request), at=now())
        return Response(shapes.DeliveryShown(sent).data, status=202)

    @extend_schema(request=None, responses={201: shapes.WebhookWithSecret})
    def secret(self, request: Request, public_id: UUID) -> Response:
        """Another secret, told this once. For 24 hours both sign."""
        return _told(operations.rotate_secret(endpoint=self._own(public_id), by=signed_in(request), at=now()))

    def _own(self, public_id: UUID) -> WebhookEndpoint:
        return policies.own_endpoint(signed_in(self.request), public_id)

    def _changed(self, request: Request, row: WebhookEndpoint, shape: type[shapes.WebhookToChange]) -> Response:
        changed = operations.change(endpoint=row, **read(shape, request), by=signed_in(request), at=now())
        return Response(shapes.WebhookShown(changed).data)


def _told(made: operations.WithSecret) -> Response:
    return Response(shapes.WebhookWithSecret(made.endpoint, context={"secret": made.secret}).data, status=201)


@extend_schema(tags=["webhooks"])
class Deliveries(mixins.ListModelMixin, viewsets.GenericViewSet[WebhookDelivery]):
    """What was sent to one endpoint, newest first, for 30 days."""

    serializer_class = shapes.DeliveryShown
    pagination_class = Cursors
    filter_backends = ()
    queryset = WebhookDelivery.objects.none()

    def get_queryset(self) -> QuerySet[WebhookDelivery]:
        """Those of one's own endpoint."""
        endpoint = policies.own_endpoint(signed_in(self.request), self.kwargs["public_id"])
        return WebhookDelivery.objects.filter(endpoint=endpoint)

    @extend_schema(request=None, responses={202: shapes.DeliveryShown})
    def resend(self, request: Request, public_id: UUID, delivery: UUID) -> Response:
        """Send an ended delivery once more, under the same id."""
        row = self.get_queryset().filter(public_id=delivery).first()
        if row is None:
            raise Http404
        sent = operations.resend(delivery=row, by=signed_in(request), at=now())
        return Response(shapes.DeliveryShown(sent).data, status=202)
