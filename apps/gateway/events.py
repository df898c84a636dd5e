"""What the gateway tells."""

from dataclasses import dataclass

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookFailed(Event):
    """A delivery was given up after its last attempt."""

    name = "gateway.webhook.failed"
    delivery_id: int
    endpoint_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointPaused(Event):
    """An endpoint failed so often that nothing is sent there until its maker says so."""

    name = "gateway.endpoint.paused"
    endpoint_id: int
    owner_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionBroke(Event):
    """A provider does not answer: it is left alone, and tried again by one caller at a time."""

    name = "gateway.connection.broke"
    connection_id: int
    provider: str
