"""The developers' pages of the gateway: logs with reasons, webhooks and their deliveries, status."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache

from apps.gateway import operations, rules
from apps.gateway.models import ApiRequest, WebhookDelivery, WebhookEndpoint
from apps.gateway.testing import HEARD, make_endpoint, tell
from apps.kernel.clock import now
from apps.users.testing import PASSWORD, make_customer

pytestmark = pytest.mark.django_db
URL = "https://hooks.bajeti.example/kitbank"


def words(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def developer(client, apps):
    user = make_customer()
    assert client.post("/login", {"login": str(user.phone), "password": PASSWORD}).status_code == 303
    return user


def seen(app, **more):
    facts = {"method": "GET", "path": "/obp/<str:version>/my/accounts", "status": 200, "ms": 12, "request_id": "r-ok-1"}
    return ApiRequest.objects.create(**facts | {"at": now(), "client": app.id} | more)


def test_shows_requests_of_ones_own_apps_and_why_they_failed(client, apps, developer):
    app, other = apps.add(developer), apps.add(make_customer())
    seen(app)
    seen(app, status=401, error_code="OBP-35005", request_id="r-bad-1", shape={"purpose": "text"}, interaction_id="i-1")
    seen(app, status=400, error_code="invalid", request_id="r-bad-2", wrong=["url"])
    seen(other, request_id="r-not-mine")
    page = words(client.get("/developers/logs"))
    assert page.count("/my/accounts") == 3
    assert words(client.get("/developers/logs?failed=1")).count("/my/accounts") == 2
    assert words(client.get(f"/developers/logs?app={other.id}")).count("/my/accounts") == 0
    one = words(client.get("/developers/logs/r-bad-1"))
    assert "The consent is not in status ACCEPTED" in one
    assert "Lodge another and send the customer" in one
    assert "purpose" in one
    assert words(client.get("/developers/logs/i-1")) == one.replace("logs/r-bad-1", "logs/i-1")
    assert "url" in words(client.get("/developers/logs/r-bad-2"))
    assert client.get("/developers/logs/r-not-mine").status_code == 404


def test_pages_of_logs_go_back_without_losing_any(client, apps, developer, django_assert_max_num_queries):
    app = apps.add(developer)
    rows = [seen(app, request_id=f"r{nth:03}") for nth in range(30)]
    with django_assert_max_num_queries(8):
        page = client.get("/developers/logs").content.decode()
    first = set(re.findall(r"/developers/logs/(r\d+)", page))
    older = re.search(r"before=(\d+)", page)[0]
    second = set(re.findall(r"/developers/logs/(r\d+)", client.get(f"/developers/logs?{older}").content.decode()))
    assert (len(first), first & second, len(first | second)) == (25, set(), len(rows))


def test_adds_a_webhook_shows_its_secret_once_and_tries_it(client, apps, server, developer):
    app = apps.add(developer)
    wrong = client.post("/developers/webhooks", {"app": app.id, "url": "http://10.0.0.1/", "events": [HEARD]})
    assert (wrong.status_code, "https://" in words(wrong)) == (422, True)
    made = client.post("/developers/webhooks", {"app": app.id, "url": server.url, "events": [HEARD]})
    row = WebhookEndpoint.objects.get()
    assert str(row.secret) in made.content.decode()
    path = f"/developers/webhooks/{row.public_id}"
    assert str(row.secret) not in client.get(path).content.decode()
    assert client.post(f"{path}/act", {"do": "test"}).status_code == 303
    operations.visit_next(at=now())
    assert "Delivered" in words(client.get(path))
    headers, body = server.got[0]
    good = client.post(f"{path}/signature", {"header": headers["X-KitBank-Signature"], "body": body.decode()})
    assert "It is ours, and fresh" in words(good)
    bad = client.post(f"{path}/signature", {"header": headers["X-KitBank-Signature"], "body": body.decode() + " "})
    assert "It does not fit" in words(bad)
    stamp = int((now() - timedelta(hours=1)).timestamp())
    old = rules.signature(b"{}", secrets=[str(row.secret)], timestamp=stamp)
    assert "older than five minutes" in words(client.post(f"{path}/signature", {"header": old, "body": "{}"}))
    rotated = client.post(f"{path}/act", {"do": "secret"})
    row.refresh_from_db()
    assert str(row.secret) in rotated.content.decode()
    client.post(f"{path}/act", {"do": "pause"})
    assert not WebhookEndpoint.objects.get().is_active
    client.post(path, {"url": URL, "events": ["consent.revoked"]})
    assert WebhookEndpoint.objects.get().events == ["consent.revoked"]
    assert client.post(f"{path}/act", {"do": "nonsense"}).status_code == 404
    client.post(f"{path}/act", {"do": "remove"})
    assert not WebhookEndpoint.objects.exists()


def test_shows_a_delivery_and_sends_it_again(client, apps, server, developer):
    endpoint = make_endpoint(apps, server.url, owner=developer)
    server.status, server.answer = 500, b"<b>broken</b>"
    tell(endpoint, "c1")
    operations.visit_next(at=now())
    WebhookDelivery.objects.update(status="FAILED")
    row = WebhookDelivery.objects.get()
    path = f"/developers/deliveries/{row.public_id}"
    page = client.get(path).content.decode()
    assert "&lt;b&gt;broken" in page
    assert "200 to 299" in page
    assert client.post(f"{path}/resend").status_code == 303
    assert client.post(f"{path}/resend").status_code == 409
    assert WebhookDelivery.objects.get().status == "PENDING"


def test_another_developers_pages_are_not_there(client, apps, developer):
    endpoint = make_endpoint(apps, URL)
    tell(endpoint, "c1")
    one = WebhookDelivery.objects.get()
    path = f"/developers/webhooks/{endpoint.public_id}"
    for address in (path, f"/developers/deliveries/{one.public_id}"):
        assert client.get(address).status_code == 404
    for address in (f"{path}/act", f"{path}/signature", f"/developers/deliveries/{one.public_id}/resend"):
        assert client.post(address, {"do": "remove", "header": "t=1,v1=a", "body": "x"}).status_code == 404
    assert WebhookEndpoint.objects.count() == 1


def test_status_is_measured_and_open_to_everybody(client, apps):
    cache.clear()
    app = apps.add(make_customer())
    for nth in range(10):
        seen(app, ms=10 * (nth + 1), status=500 if nth == 9 else 200)
    seen(app, ms=9000, at=now() - timedelta(hours=2))
    page = words(client.get("/developers/status"))
    measured = "Requests 10 Half within 50 ms 95 % within 100 ms"
    assert measured in page
    assert "1 broke" in page
    assert "Not used" in page
    seen(app)
    assert measured in words(client.get("/developers/status"))  # asked of the database twice a minute at most


def test_signs_nobody_in_by_itself(client):
    for address in ("/developers/logs", "/developers/webhooks"):
        assert client.get(address)["Location"].startswith("/login?next=")
