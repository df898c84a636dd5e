"""How requests went, by API: developers see their apps' own, staff who may all."""

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets

from apps.gateway.api import shapes
from apps.gateway.models import ApiRequest
from apps.gateway.queries import requests_of, requests_seen_by
from apps.kernel.pagination import Cursors
from apps.users.doors import signed_in


class RequestFilter(django_filters.FilterSet):
    """Narrowed by app, code or id."""

    app = django_filters.UUIDFilter(field_name="client")
    status = django_filters.NumberFilter(min_value=100, max_value=599)
    error_code = django_filters.CharFilter(max_length=60)
    request_id = django_filters.CharFilter(max_length=64)
    interaction_id = django_filters.CharFilter(max_length=36)

    class Meta:
        model = ApiRequest
        fields = ["app", "status", "error_code", "request_id", "interaction_id"]


@extend_schema(tags=["webhooks"])
class Requests(viewsets.ReadOnlyModelViewSet[ApiRequest]):
    """Requests of the last 30 days, newest first."""

    serializer_class = shapes.ApiRequestShown
    pagination_class = Cursors
    filter_backends = (django_filters.rest_framework.DjangoFilterBackend,)
    filterset_class = RequestFilter
    queryset = ApiRequest.objects.none()

    def get_queryset(self) -> QuerySet[ApiRequest]:
        """Those this person may see."""
        return requests_seen_by(signed_in(self.request))


@extend_schema(tags=["developers"])
class Logs(mixins.ListModelMixin, viewsets.GenericViewSet[ApiRequest]):
    """How requests of one's own apps went in the last 30 days, newest first, each with why it failed."""

    serializer_class = shapes.ApiRequestShown
    pagination_class = Cursors
    filter_backends = (django_filters.rest_framework.DjangoFilterBackend,)
    filterset_class = RequestFilter
    queryset = ApiRequest.objects.none()

    def get_queryset(self) -> QuerySet[ApiRequest]:
        """One's own apps', whoever one is."""
        return requests_of(signed_in(self.request))
