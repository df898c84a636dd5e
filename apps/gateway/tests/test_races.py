"""Real threads: nothing is sent by two workers at once, no app gets a sixth endpoint."""

import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from apps.gateway import operations
from apps.gateway.errors import TooManyEndpoints
from apps.gateway.models import WebhookDelivery, WebhookEndpoint
from apps.gateway.testing import HEARD, make_endpoint, tell
from apps.kernel.clock import now
from apps.kernel.testing import at_once, refusals
from apps.users.testing import PASSWORD, bearer, make_customer

pytestmark = pytest.mark.django_db(transaction=True)


def test_workers_share_the_endpoints_and_a_server_that_hangs_holds_one(apps, server, monkeypatch):
    hangs, others = make_endpoint(apps, server.url), [make_endpoint(apps, f"{server.url}?{n}") for n in range(3)]
    for endpoint in (hangs, *others):
        for key in ("a", "b"):
            tell(endpoint, f"{endpoint.pk}/{key}")
    assert refusals(at_once(*[operations.visit_due] * 4)) == []
    assert list(WebhookDelivery.objects.exclude(status="DELIVERED").values_list("status", "error")) == []
    assert WebhookDelivery.objects.filter(status="DELIVERED", attempts=1).count() == 8
    ids = [headers["X-KitBank-Delivery"] for headers, _body in server.got]
    assert len(ids) == len(set(ids)) == 8
    monkeypatch.setattr("apps.kernel.guarded.READ", 0.5)
    server.wait = threading.Event()
    tell(hangs, "c")
    assert refusals(at_once(*[operations.visit_due] * 3)) == []
    assert len(server.got) == 9
    assert WebhookDelivery.objects.filter(status="PENDING", error="TIME_OUT").count() == 1


def test_a_worker_takes_one_endpoint_whatever_the_plan(apps, server):
    for nth in range(4):
        tell(make_endpoint(apps, f"{server.url}?{nth}"), f"plan/{nth}")
    unusual = ["enable_hashjoin", "enable_mergejoin", "enable_hashagg", "enable_sort", "enable_material"]
    with connection.cursor() as cursor:
        for name in unusual:
            cursor.execute(f"SET {name} = off")
        try:
            assert operations.visit_next(at=now())
        finally:
            for name in unusual:
                cursor.execute(f"RESET {name}")
    assert WebhookEndpoint.objects.filter(free_at__gt=now()).count() == 0
    assert WebhookDelivery.objects.filter(status="PENDING").count() == 3


def test_an_event_heard_by_two_relays_at_once_is_told_once(apps, server):
    endpoint = make_endpoint(apps, server.url)
    at_once(*[lambda: tell(endpoint, "c1")] * 4)
    at_once(*[operations.visit_due] * 2)
    assert len(server.got) == 1


def test_registered_by_many_at_once_an_app_has_five(apps):
    owner = make_customer()
    app = apps.add(owner)

    def register(nth):
        url = f"https://hooks.bajeti.example/{nth}"
        return operations.register(client=app.id, url=url, events=[HEARD], by=owner, at=now())

    refused = refusals(at_once(*[lambda nth=nth: register(nth) for nth in range(8)]))
    assert [type(no) for no in refused] == [TooManyEndpoints] * 3
    assert sorted(WebhookEndpoint.objects.values_list("slot", flat=True)) == [1, 2, 3, 4, 5]


def test_two_who_change_different_things_at_once_both_have_their_way(apps, server, monkeypatch):
    endpoint, both_have_read, change = make_endpoint(apps, server.url), threading.Barrier(2), operations.change
    sent = {"content_type": "application/json", "headers": bearer(endpoint.owner)}

    def change_after_both(**asked):
        both_have_read.wait(20)
        return change(**asked)

    monkeypatch.setattr(operations, "change", change_after_both)
    asked = ({"url": f"{server.url}?moved"}, {"is_active": False})
    address = f"/api/v1/api-gateway/webhook-endpoints/{endpoint.public_id}/"
    said = at_once(*[lambda body=body: Client().patch(address, body, **sent).status_code for body in asked])
    endpoint.refresh_from_db()
    assert said == [200, 200]
    assert (endpoint.url, endpoint.is_active, endpoint.paused_because) == (f"{server.url}?moved", False, "OWNER")


def test_a_pause_stands_when_another_page_saves_the_address_it_had_read(apps, server, monkeypatch):
    endpoint = make_endpoint(apps, server.url)
    browser, change = Client(), operations.change
    browser.post("/login", {"login": str(endpoint.owner.phone), "password": PASSWORD})

    def paused_meanwhile(**asked):
        change(endpoint=endpoint, is_active=False, by=endpoint.owner, at=now())
        return change(**asked)

    monkeypatch.setattr(operations, "change", paused_meanwhile)
    browser.post(
        reverse("gateway:webhook", args=[endpoint.public_id]), {"url": f"{server.url}?moved", "events": [HEARD]}
    )
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.is_active) == (f"{server.url}?moved", False)
