"""Writes what an app's endpoints shall be told, in the transaction that hears of it; a task sends it afterwards."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError

from apps.audit_trail import operations as audit_trail
from apps.gateway import policies
from apps.gateway.errors import StillOnItsWay
from apps.gateway.models import WebhookDelivery, WebhookEndpoint
from apps.gateway.states import DELIVERY, DeliveryStatus
from apps.kernel import throttles
from apps.kernel.errors import IllegalMove
from apps.kernel.third_parties import Notice
from apps.users.models import User

log = structlog.get_logger(__name__)
TEST = "webhook.test"
_IDS = uuid.UUID("6f1d2c0e-5b7a-4d0e-9a51-0d6c3f6f2b11")  # names of happenings become ids under this one


@transaction.atomic
def tell(*, event_type: str, notice: Notice, at: datetime) -> None:
    """Have every endpoint of the app that hears `event_type` told, once each however often this is called.

    Endpoints that rest are told when they are switched on again.
    """
    body = _body(event_type, notice, at)
    hears = WebhookEndpoint.objects.filter(client=notice.client, events__contains=[event_type])
    rows = [_delivery(endpoint, event_type, notice.key, body, at) for endpoint in hears]
    if rows:
        WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True)
        wake()


@transaction.atomic
def send_test(*, endpoint: WebhookEndpoint, by: User, at: datetime) -> WebhookDelivery:
    """Send something that means nothing, to try an endpoint out, also one that rests. Raises NotFound, TooMany."""
    _count(by)
    row = policies.own_endpoint(by, endpoint.public_id)
    notice = Notice(client=row.client, key=f"test/{uuid.uuid4()}", facts={"hello": "KitBank"})
    made = _delivery(row, TEST, notice.key, _body(TEST, notice, at), at)
    made.save()
    wake()
    return made


@transaction.atomic
def resend(*, delivery: WebhookDelivery, by: User, at: datetime) -> WebhookDelivery:
    """Send an ended delivery once more, under the same id and with the same bytes.

    Raises NotFound, StillOnItsWay, TooMany.
    """
    _count(by)
    policies.own_endpoint(by, delivery.endpoint.public_id)
    row = WebhookDelivery.objects.get(pk=delivery.pk)
    try:
        DELIVERY.make(row, DeliveryStatus.PENDING, attempts=0, next_attempt_at=at, error="", response_status=None)
    except IllegalMove as no:
        raise StillOnItsWay(_("It is still on its way, and tried again by itself. Nothing was changed.")) from no
    audit_trail.record("gateway.webhook.resent", on=row, by=by, at=at)
    wake()
    return row


def _count(by: User) -> None:
    """Others' servers are not ours to flood."""
    throttles.require("webhooks", f"user:{by.pk}", _("That is a lot at once. Nothing was sent; wait a minute."))


def wake() -> None:
    """Have what is due sent now; the sweeper comes by every 15 seconds anyway."""
    transaction.on_commit(_wake)


def _wake() -> None:
    try:
        current_app.send_task("apps.gateway.tasks.send_webhooks", retry=False)
    except OperationalError as no:
        log.warning("broker_unreachable", task="send_webhooks", exc_info=no)


def _body(event_type: str, notice: Notice, at: datetime) -> str:
    said: dict[str, Any] = {
        "id": str(uuid.uuid5(_IDS, notice.key)),
        "type": event_type,
        "created_at": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "app": str(notice.client),
        "data": dict(notice.facts),
    }
    return json.dumps(said, separators=(",", ":"))


def _delivery(endpoint: WebhookEndpoint, event_type: str, key: str, body: str, at: datetime) -> WebhookDelivery:
    return WebhookDelivery(
        endpoint=endpoint, event_key=key, event_type=event_type, body=body, created_at=at, next_attempt_at=at
    )
