"""What the gateway holds of a person: where a developer's apps are told of events."""

from collections.abc import Sequence
from datetime import datetime

from apps.gateway.models import WebhookEndpoint
from apps.kernel import personal
from apps.kernel.personal import Part, Step

personal.holds(
    Part("webhooks", "gateway.WebhookEndpoint", "owner", ("url", "events", "is_active", "created_at")),
)


def _delete_endpoints(people: Sequence[int], at: datetime) -> int:
    return int(WebhookEndpoint.objects.filter(owner_id__in=people).delete()[0])


personal.erases(Step("gateway.webhooks", at_once=True, act=_delete_endpoints))
