"""Telling third parties: once each, signed, tried again, paused, and sent again when they ask."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.gateway import operations, rules, wire
from apps.gateway.errors import BadWebhook, StillOnItsWay, TooManyEndpoints, UnknownEvent
from apps.gateway.models import WebhookDelivery, WebhookEndpoint
from apps.gateway.operations import visit
from apps.gateway.testing import HEARD, make_endpoint, tell
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.models import OutboxEvent
from apps.kernel.throttles import TooMany
from apps.notifications.models import Message
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db
BAD = wire.Answer(500, 3, "no")


def one():
    return WebhookDelivery.objects.get()


def send_all(at=None):
    moment = at or now()
    return sum(1 for _ in iter(lambda: operations.visit_next(at=moment), False))


def test_delivers_signed_bytes_once(apps, server):
    endpoint = make_endpoint(apps, server.url)
    for _ in range(3):
        tell(endpoint, "c1")  # the outbox delivers at least once
    send_all()
    send_all()
    [(headers, body)] = server.got
    said = json.loads(body)
    assert said["type"] == headers["X-KitBank-Event"] == HEARD
    assert (said["app"], said["data"]) == (str(endpoint.client), {"consent_id": "c1"})
    secrets, at = endpoint.secrets_at(now()), int(now().timestamp())
    assert rules.fault_of(headers["X-KitBank-Signature"], body, secrets=secrets, at=at) == ""
    assert headers["X-KitBank-Delivery"] == str(one().public_id)
    assert (one().status, one().response_status, one().attempts) == ("DELIVERED", 200, 1)


def test_tells_an_app_of_its_own_events_alone(apps, server):
    mine, other = make_endpoint(apps, server.url), make_endpoint(apps, server.url)
    tell(mine, "c1")
    assert [row.endpoint_id for row in WebhookDelivery.objects.all()] == [mine.pk]
    assert other.deliveries.count() == 0


def test_tries_eight_times_over_a_day_then_gives_up_and_says_so(apps, server):
    endpoint, at = make_endpoint(apps, server.url), now()
    server.status = 503
    tell(endpoint, "c1")
    for _ in range(rules.ATTEMPTS):
        assert one().status == "PENDING"
        WebhookEndpoint.objects.update(free_at=at)
        moment = max(one().next_attempt_at, at)
        send_all(moment)
    assert (one().status, one().attempts, one().response_status) == ("FAILED", 8, 503)
    assert len(server.got) == 8
    assert len({headers["X-KitBank-Delivery"] for headers, _body in server.got}) == 1
    assert OutboxEvent.objects.filter(name="gateway.webhook.failed").count() == 1
    assert send_all(at + timedelta(days=9)) == 0


def test_leaves_a_failing_endpoint_alone_for_a_minute(apps, server):
    endpoint, server.status = make_endpoint(apps, server.url), 500
    for key in ("c1", "c2", "c3"):
        tell(endpoint, key)
    at = now()
    send_all(at)
    assert len(server.got) == 1
    send_all(at + timedelta(seconds=5))
    assert len(server.got) == 1


def test_pauses_after_fifty_failures_tells_the_owner_and_sends_what_waited_later(apps, server):
    endpoint = make_endpoint(apps, server.url)
    WebhookEndpoint.objects.update(failures=rules.PAUSED_AFTER - 1)
    server.status = 500
    tell(endpoint, "c1")
    send_all()
    endpoint.refresh_from_db()
    assert (endpoint.is_active, endpoint.paused_because) == (False, "FAILURES")
    told = Message.objects.get(code="gateway.webhook_paused")
    assert (told.user_id, "failed 50 times" in str(told.body)) == (endpoint.owner_id, True)
    assert OutboxEvent.objects.filter(name="gateway.endpoint.paused").count() == 1
    tell(endpoint, "c2")
    later = now() + timedelta(minutes=5)
    assert send_all(later) == 0
    server.status = 204
    operations.change(
        endpoint=endpoint, url=endpoint.url, events=endpoint.events, is_active=True, by=endpoint.owner, at=later
    )
    send_all(later)
    assert WebhookDelivery.objects.filter(status="DELIVERED").count() == 2


def test_sends_a_test_even_to_an_endpoint_that_rests(apps, server):
    endpoint = make_endpoint(apps, server.url)
    operations.change(endpoint=endpoint, url=endpoint.url, events=[HEARD], is_active=False, by=endpoint.owner, at=now())
    tell(endpoint, "c1")
    operations.send_test(endpoint=endpoint, by=endpoint.owner, at=now())
    send_all()
    assert [json.loads(body)["type"] for _headers, body in server.got] == ["webhook.test"]


def test_sends_again_under_the_same_id_when_asked_and_not_while_it_is_under_way(apps, server):
    endpoint = make_endpoint(apps, server.url)
    tell(endpoint, "c1")
    with pytest.raises(StillOnItsWay):
        operations.resend(delivery=one(), by=endpoint.owner, at=now())
    send_all()
    operations.resend(delivery=one(), by=endpoint.owner, at=now())
    send_all()
    first, second = server.got
    assert first[0]["X-KitBank-Delivery"] == second[0]["X-KitBank-Delivery"]
    assert first[1] == second[1]
    with pytest.raises(NotFound):
        operations.resend(delivery=one(), by=make_customer(), at=now())


def test_signs_with_both_secrets_for_a_day(apps, server):
    endpoint, at = make_endpoint(apps, server.url), now()
    old = str(endpoint.secret)
    made = operations.rotate_secret(endpoint=endpoint, by=endpoint.owner, at=at)
    endpoint.refresh_from_db()
    assert made.secret != old
    assert endpoint.secrets_at(at + timedelta(hours=23)) == [made.secret, old]
    assert endpoint.secrets_at(at + timedelta(hours=25)) == [made.secret]
    assert old.encode() not in bytes(WebhookEndpoint.objects.values_list("previous_secret", flat=True).get())
    tell(endpoint, "c1")
    send_all()
    assert server.got[0][0]["X-KitBank-Signature"].count("v1=") == 2


def test_an_answer_that_comes_after_the_lease_changes_nothing(apps, server):
    endpoint = make_endpoint(apps, server.url)
    tell(endpoint, "c1")
    slow = one()
    assert visit._counted(slow, now())
    quick = one()
    assert not visit._counted(quick, now())  # counted: not due for the length of a lease
    again = now() + visit.LEASE + timedelta(seconds=1)
    quick = one()
    assert visit._counted(quick, again)
    visit.write_down(delivery=quick, answer=wire.Answer(200, 5), at=again)
    visit.write_down(delivery=slow, answer=BAD, at=again)
    assert (one().status, one().response_status) == ("DELIVERED", 200)


@pytest.mark.parametrize(
    ("url", "events", "refusal"),
    [("http://hooks.bajeti.example/", [HEARD], BadWebhook), ("https://10.0.0.1/", [HEARD], BadWebhook),
     ("https://hooks.bajeti.example/", ["accounts.transaction.posted"], UnknownEvent),
     ("https://hooks.bajeti.example/", [], UnknownEvent)],
)  # fmt: skip
def test_refuses_addresses_and_events_and_keeps_nothing(apps, settings, url, events, refusal):
    settings.WEBHOOKS_TO_LOOPBACK = False
    owner = make_customer()
    app = apps.add(owner)
    with pytest.raises(refusal):
        operations.register(client=app.id, url=url, events=events, by=owner, at=now())
    with pytest.raises(NotFound):
        operations.register(client=app.id, url="https://a.example/", events=[HEARD], by=make_customer(), at=now())
    assert not WebhookEndpoint.objects.exists()


def test_an_app_has_five_endpoints_each_address_once(apps):
    owner = make_customer()
    app = apps.add(owner)

    def register(nth):
        url = f"https://hooks.bajeti.example/{nth}"
        return operations.register(client=app.id, url=url, events=[HEARD], by=owner, at=now()).endpoint

    rows = [register(nth) for nth in range(4)]
    with pytest.raises(TooManyEndpoints):
        register(0)
    assert WebhookEndpoint.objects.count() == 4
    rows.append(register(4))
    with pytest.raises(TooManyEndpoints):
        register(5)
    with pytest.raises(TooManyEndpoints):
        operations.change(endpoint=rows[0], url=rows[1].url, events=[HEARD], is_active=True, by=owner, at=now())
    operations.remove(endpoint=rows[2], by=owner, at=now())
    assert register(5).slot == 3
    with pytest.raises(IntegrityError), transaction.atomic():
        WebhookEndpoint.objects.filter(pk=rows[0].pk).update(slot=6)


def test_a_developer_cannot_flood_a_server_by_us(apps, server, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"webhooks": "2/min"}
    endpoint = make_endpoint(apps, server.url)
    for _ in range(2):
        operations.send_test(endpoint=endpoint, by=endpoint.owner, at=now())
    with pytest.raises(TooMany):
        operations.send_test(endpoint=endpoint, by=endpoint.owner, at=now())
    with pytest.raises(TooMany):
        operations.resend(delivery=WebhookDelivery.objects.all()[0], by=endpoint.owner, at=now())
    assert WebhookDelivery.objects.count() == 2
