"""Sends what is due to an endpoint: leased in one step, sent outside any transaction, written down in another.

One worker at a time visits an endpoint, so a server that hangs holds one worker for ten seconds and nothing else. If
whoever sends dies, the lease runs out and the delivery, counted but not written down, is sent again under its id.
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction

from apps.audit_trail import operations as audit_trail
from apps.gateway import rules, wire
from apps.gateway.events import EndpointPaused, WebhookFailed
from apps.gateway.models import WebhookDelivery, WebhookEndpoint
from apps.gateway.states import DeliveryStatus, PausedBecause
from apps.kernel import third_parties
from apps.kernel.clock import now
from apps.kernel.events import publish
from apps.notifications import operations as notifications

LEASE = timedelta(seconds=90)  # longer than a visit can last
ONE_VISIT = 20  # deliveries
VISIT_LASTS = timedelta(seconds=30)  # after which no further delivery is begun
REST = timedelta(minutes=1)  # for an endpoint that just failed

# A test goes out to an endpoint that rests too. SKIP LOCKED: two who ask at once get different ones. It is found first
# and by itself: inside `IN (…)` a plan may look again for each row, and lease every endpoint to the one worker.
_LEASE = """
WITH found AS MATERIALIZED (
    SELECT e.id FROM gateway_webhookendpoint e
     WHERE e.free_at <= %(at)s AND EXISTS (
           SELECT 1 FROM gateway_webhookdelivery d
            WHERE d.endpoint_id = e.id AND d.status = 'PENDING' AND d.next_attempt_at <= %(at)s
              AND (e.is_active OR d.event_type = 'webhook.test'))
     ORDER BY e.free_at, e.id LIMIT 1 FOR UPDATE OF e SKIP LOCKED)
UPDATE gateway_webhookendpoint e SET free_at = %(until)s FROM found WHERE e.id = found.id
RETURNING e.id
"""


def visit_due(*, most: int = 50) -> int:
    """Visit endpoints for which something is due, one after the other. Returns how many were visited."""
    visited = 0
    while visited < most and visit_next(at=now()):
        visited += 1
    return visited


def visit_next(*, at: datetime) -> bool:
    """Visit one endpoint that is free. Returns whether there was one. Not to be called inside a transaction."""
    until = at + LEASE
    with connection.cursor() as cursor:
        cursor.execute(_LEASE, {"at": at, "until": until})
        found = cursor.fetchone()
    if found is None:
        return False
    went_well, moment = True, at
    for _nth in range(ONE_VISIT):
        sent = _send_one(found[0], moment)
        went_well = sent is not False
        moment = max(now(), at)
        if not sent or moment - at > VISIT_LASTS:
            break
    leased = WebhookEndpoint.objects.filter(pk=found[0], free_at=until)
    leased.update(free_at=moment if went_well else moment + REST)
    return True


def _send_one(endpoint_id: int, at: datetime) -> bool | None:
    """Send what has waited longest. Returns whether it arrived; None when nothing is due."""
    endpoint = WebhookEndpoint.objects.filter(pk=endpoint_id).first()
    if endpoint is None:
        return None
    rows = endpoint.deliveries.due(at)
    delivery = (rows if endpoint.is_active else rows.filter(event_type="webhook.test")).first()
    if delivery is None or not _counted(delivery, at):
        return None
    body = delivery.body.encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "KitBank-Webhooks/1",
        "X-KitBank-Delivery": str(delivery.public_id),
        "X-KitBank-Event": delivery.event_type,
        "X-KitBank-Signature": rules.signature(body, secrets=endpoint.secrets_at(at), timestamp=int(at.timestamp())),
    }
    answer = wire.post(endpoint.url, body, headers, loopback=settings.WEBHOOKS_TO_LOOPBACK)
    write_down(delivery=delivery, answer=answer, at=max(now(), at))
    return answer.is_good


def _counted(delivery: WebhookDelivery, at: datetime) -> bool:
    """Count the attempt before it is made, so that no crash makes it free."""
    mine = WebhookDelivery.objects.filter(
        pk=delivery.pk, status=DeliveryStatus.PENDING, attempts=delivery.attempts, next_attempt_at__lte=at
    )
    delivery.attempts += 1
    # Should nobody come back from the call, it is due again when the lease is over.
    return bool(mine.update(attempts=delivery.attempts, tried_at=at, next_attempt_at=at + LEASE))


@transaction.atomic
def write_down(*, delivery: WebhookDelivery, answer: wire.Answer, at: datetime) -> None:
    """Keep how an attempt went, unless another one has been made since; after too many, pause the endpoint."""
    endpoint = WebhookEndpoint.objects.select_for_update().filter(pk=delivery.endpoint_id).first()
    mine = WebhookDelivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.PENDING, attempts=delivery.attempts)
    said = {
        "response_status": answer.status, "response_ms": answer.ms, "response": answer.said, "error": answer.error,
    }  # fmt: skip
    if answer.is_good:
        written = mine.update(status=DeliveryStatus.DELIVERED, delivered_at=at, **said)
    elif wait := rules.next_wait(delivery.attempts):
        written = mine.update(next_attempt_at=at + wait, **said)
    else:
        written = mine.update(status=DeliveryStatus.FAILED, **said)
        if written:
            publish(WebhookFailed(delivery_id=delivery.pk, endpoint_id=delivery.endpoint_id))
    if written and endpoint is not None:
        _count_failures(endpoint, is_good=answer.is_good, at=at)


def _count_failures(endpoint: WebhookEndpoint, *, is_good: bool, at: datetime) -> None:
    endpoint.failures = 0 if is_good else endpoint.failures + 1
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(failures=endpoint.failures)
    if endpoint.failures < rules.PAUSED_AFTER or not endpoint.is_active:
        return
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(is_active=False, paused_because=PausedBecause.FAILURES)
    app = third_parties.named([endpoint.client]).get(endpoint.client)
    notifications.send(
        "gateway.webhook_paused",
        to=endpoint.owner,
        context={
            "app": app.name if app else "", "host": urlsplit(endpoint.url).hostname, "n": str(rules.PAUSED_AFTER),
        },
        at=at,
        key=f"gateway/{endpoint.public_id}/paused/{at:%Y%m%d%H%M%S}",
    )  # fmt: skip
    audit_trail.record("gateway.webhook.paused", on=endpoint, by=None, at=at)
    publish(EndpointPaused(endpoint_id=endpoint.pk, owner_id=endpoint.owner_id))
