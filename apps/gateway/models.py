"""Where third parties are told of events, what was sent there, which requests came in, and whom this bank calls."""

import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.gateway.states import AuthKind, DeliveryStatus, Direction, PausedBecause
from apps.kernel import providers
from apps.kernel.breaker import Circuit, circuit_of
from apps.kernel.clock import now
from apps.kernel.fields import EncryptedText
from apps.kernel.models import ProviderState

MOST_ENDPOINTS = 5  # of one app


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    """Endpoints by whose they are."""

    def owned_by(self, user: object) -> "WebhookEndpointQuerySet":
        """Those of one developer."""
        return self.filter(owner=user)


class WebhookEndpoint(models.Model):
    """An address at which an app wants to be told of events.

    `free_at` is a lease: whoever sends moves it ahead and back; until then nobody else sends there.
    """

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    client = models.UUIDField(help_text=_("The app whose events it is told"))
    slot = models.PositiveSmallIntegerField(help_text=_("1 to 5: how many an app has, said by the database"))
    url = models.CharField(max_length=500)
    events = ArrayField(models.CharField(max_length=60))
    secret = EncryptedText()
    previous_secret = EncryptedText(null=True)
    previous_until = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    paused_because = models.CharField(max_length=8, choices=PausedBecause.choices, blank=True, default="")
    failures = models.PositiveIntegerField(default=0, help_text=_("In a row"))
    free_at = models.DateTimeField()
    created_at = models.DateTimeField()

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "slot"], name="one_endpoint_per_slot"),
            models.UniqueConstraint(fields=["client", "url"], name="an_address_once_per_app"),
            models.CheckConstraint(
                condition=Q(slot__gte=1, slot__lte=MOST_ENDPOINTS), name="apps_have_a_few_endpoints"
            ),
            models.CheckConstraint(condition=Q(events__len__gte=1), name="endpoints_hear_something"),
            models.CheckConstraint(
                condition=Q(is_active=True, paused_because="")
                | Q(is_active=False, paused_because__in=PausedBecause.values),
                name="what_rests_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(previous_secret=None, previous_until=None)
                | Q(previous_secret__isnull=False, previous_until__isnull=False),
                name="an_older_secret_has_an_end",
            ),
        ]
        indexes = [models.Index(fields=["free_at"], condition=Q(is_active=True), name="endpoints_free")]

    def __str__(self) -> str:
        return str(self.url)

    def secrets_at(self, at: datetime) -> list[str]:
        """What is signed with: the secret, and for a day after it was changed the one before."""
        older = self.previous_secret if self.previous_until is not None and self.previous_until > at else None
        return [str(self.secret), *([str(older)] if older else [])]


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    """Deliveries by what is to be done with them."""

    def due(self, at: datetime) -> "WebhookDeliveryQuerySet":
        """Those to be tried now, the longest waiting first."""
        return self.filter(status=DeliveryStatus.PENDING, next_attempt_at__lte=at).order_by("next_attempt_at", "pk")


class WebhookDelivery(models.Model):
    """One event for one endpoint, with the very bytes that are signed and sent each time."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    event_key = models.CharField(max_length=120, help_text=_("Names the happening for ever"))
    event_type = models.CharField(max_length=60)
    body = models.TextField()
    status = models.CharField(max_length=9, choices=DeliveryStatus.choices, default=DeliveryStatus.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0, help_text=_("In this round"))
    next_attempt_at = models.DateTimeField()
    created_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    response_status = models.PositiveSmallIntegerField(null=True)
    response_ms = models.PositiveIntegerField(null=True)
    response = models.CharField(max_length=500, blank=True, default="")
    error = models.CharField(max_length=20, blank=True, default="")

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_key"], name="told_once_per_endpoint"),
            models.CheckConstraint(condition=Q(status__in=DeliveryStatus.values), name="webhook_status_is_known"),
            models.CheckConstraint(
                condition=~Q(status="DELIVERED") | Q(delivered_at__isnull=False), name="what_was_delivered_has_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["endpoint", "next_attempt_at"], condition=Q(status="PENDING"), name="webhooks_due"),
            models.Index(fields=["created_at"], name="webhooks_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} → {self.endpoint_id}"


class ApiRequest(models.Model):
    """One request to the bank's API, or of the bank to a provider: never what it said, only how it went. 30 days.

    `status` is 0 when no answer came.
    """

    at = models.DateTimeField()
    direction = models.CharField(max_length=3, choices=Direction.choices, default=Direction.IN)
    client = models.UUIDField(null=True, help_text=_("The app behind it; empty for people's own"))
    method = models.CharField(max_length=7)
    path = models.CharField(
        max_length=200, help_text=_("The address without its ids; of the bank's own calls, the provider")
    )
    status = models.PositiveSmallIntegerField()
    ms = models.PositiveIntegerField()
    request_id = models.CharField(max_length=64)
    interaction_id = models.CharField(max_length=36, blank=True, default="", help_text=_("As the app itself named it"))
    error_code = models.CharField(max_length=60, blank=True, default="")
    wrong = ArrayField(models.CharField(max_length=60), default=list, help_text=_("Names of fields that were wrong"))
    shape = models.JSONField(null=True, help_text=_("The body with every value struck out"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(direction__in=Direction.values), name="requests_go_one_way"),
        ]
        indexes = [
            models.Index(fields=["client", "-id"], condition=Q(client__isnull=False), name="requests_of_an_app"),
            models.Index(fields=["request_id"], name="requests_by_id"),
            models.Index(fields=["interaction_id"], condition=~Q(interaction_id=""), name="requests_by_interaction"),
            models.Index(fields=["at"], name="requests_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


class ExternalApiConnectionQuerySet(models.QuerySet["ExternalApiConnection"]):
    """Connections with what the kernel's breaker knows of them."""

    def with_state(self) -> "ExternalApiConnectionQuerySet":
        """As the breaker has them, in the same query: `open_until`, `failures` in a row, and the `last_error`."""
        state = ProviderState.objects.filter(name=models.OuterRef("name"))
        facts = {fact: models.Subquery(state.values(fact)[:1]) for fact in ("open_until", "failures", "last_error")}
        rows: ExternalApiConnectionQuerySet = self.annotate(**facts)
        return rows

    def unheard(self, since: datetime) -> "ExternalApiConnectionQuerySet":
        """Those in use that nobody has called since."""
        return self.filter(Q(last_tried_at=None) | Q(last_tried_at__lt=since), is_active=True).order_by("pk")


class ExternalApiConnection(models.Model):
    """A provider outside that this bank calls, under the name its calls are made by (`kernel.http`).

    Those that the bank is set up with stand here as they are set up: address and credentials are the environment's.
    Whether it answers is the kernel's breaker's to say (`with_state`), for the calls ask that and nothing else.
    """

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=40, unique=True)
    base_url = models.CharField(max_length=200)
    auth_kind = models.CharField(max_length=8, choices=AuthKind.choices, default=AuthKind.NONE)
    credentials = EncryptedText(null=True)
    is_built_in = models.BooleanField(default=False, help_text=_("The bank is set up with it"))
    is_active = models.BooleanField(default=True, help_text=_("Switched off, nothing is sent there"))
    last_ok_at = models.DateTimeField(null=True)
    last_tried_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    open_until: datetime | None  # of the breaker, by `with_state`

    objects = ExternalApiConnectionQuerySet.as_manager()

    class Meta:
        permissions = [("manage_connections", "Can change connections to providers and switch them off")]
        constraints = [
            models.CheckConstraint(condition=Q(auth_kind__in=AuthKind.values), name="connections_prove_in_known_ways"),
            models.CheckConstraint(
                condition=Q(is_built_in=True, auth_kind="PROVIDER", credentials=None)
                | Q(is_built_in=False, auth_kind="NONE", credentials=None)
                | Q(is_built_in=False, auth_kind__in=["BEARER", "BASIC", "API_KEY"], credentials__isnull=False),
                name="connections_hold_what_they_prove_by",
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def label(self) -> str:
        """What people call it."""
        return providers.label_of(self.name)

    @property
    def circuit(self) -> Circuit:
        """Whether it is called now; of a row that was read `with_state`."""
        return circuit_of(self.open_until, now())
