"""Webhooks and requests by API."""

import json

import pytest

from apps.gateway import traffic
from apps.gateway.models import ApiRequest, WebhookEndpoint
from apps.gateway.operations.purge import LIFE, purge
from apps.gateway.testing import HEARD, tell
from apps.kernel import http
from apps.kernel.clock import now
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/api-gateway/"
HOOKS = f"{ROOT}webhook-endpoints/"
URL = "https://hooks.bajeti.example/kitbank"


class Developer:
    """Somebody with an app, calling."""

    def __init__(self, client, apps):
        self.user = make_customer()
        self.client, self.headers = client, bearer(self.user)
        self.app = apps.add(self.user)

    def call(self, method, path, body=None, **headers):
        return getattr(self.client, method)(path, body, content_type="application/json", headers=self.headers | headers)

    def register(self, **body):
        return self.call("post", HOOKS, {"app": str(self.app.id), "url": URL, "events": [HEARD]} | body)


@pytest.fixture
def developer(client, apps):
    return Developer(client, apps)


def test_registers_once_shows_the_secret_once_and_changes_it(developer):
    made = developer.register()
    assert (made.status_code, made.json()["secret"][:6]) == (201, "whsec_")
    path = f"{HOOKS}{made.json()['id']}/"
    shown = developer.call("get", path).json()
    assert "secret" not in shown
    assert (shown["url"], shown["is_active"], shown["events"]) == (URL, True, [HEARD])
    assert developer.call("get", HOOKS).json()["count"] == 1
    paused = developer.call("patch", path, {"is_active": False}).json()
    assert (paused["is_active"], paused["paused_because"], paused["url"]) == (False, "OWNER", URL)
    rotated = developer.call("post", f"{path}secret/")
    assert rotated.json()["secret"] != made.json()["secret"]
    assert rotated.json()["previous_until"]
    assert developer.call("post", f"{path}test/").json()["status"] == "PENDING"
    tell(WebhookEndpoint.objects.get(), "c1")
    first, second = developer.call("get", f"{path}deliveries/").json()["results"]
    assert (first["event_type"], second["event_type"]) == (HEARD, "webhook.test")
    busy = developer.call("post", f"{path}deliveries/{first['id']}/resend/")
    assert (busy.status_code, busy.json()["code"]) == (409, "delivery_on_its_way")
    assert developer.call("delete", path).status_code == 204
    assert developer.call("get", path).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [({"url": "http://hooks.bajeti.example/"}, 422, "webhook_address_not_possible"),
     ({"url": "https://192.168.0.1/"}, 422, "webhook_address_not_possible"),
     ({"events": ["payments.payment.completed"]}, 400, "unknown_event"), ({"events": []}, 400, "invalid"),
     ({"secret": "mine"}, 400, "invalid"), ({"app": "00000000-0000-4000-8000-000000000000"}, 404, "not_found")],
)  # fmt: skip
def test_says_what_is_wrong_and_keeps_nothing(developer, body, status, code):
    answer = developer.register(**body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not WebhookEndpoint.objects.exists()


def test_another_developer_finds_nothing(developer, client, apps):
    path = f"{HOOKS}{developer.register().json()['id']}/"
    other = Developer(client, apps)
    assert other.call("get", HOOKS).json()["count"] == 0
    for method, end in (("get", ""), ("patch", ""), ("delete", ""), ("post", "test/"), ("post", "secret/"),
                        ("get", "deliveries/")):  # fmt: skip
        assert other.call(method, path + end, {}).status_code == 404
    assert WebhookEndpoint.objects.get().is_active


def test_notes_how_requests_went_without_what_they_said(developer, client, apps):
    apps.marks["t:1"] = developer.app.id
    bad = developer.register(url="ftp://secret.example/")
    again = developer.call("post", HOOKS, {"url": 7, "note": "Wanjiku 0712 000 000"}, **{"X-App": "t:1"})
    developer.call("get", f"{HOOKS}{'0' * 8}-0000-4000-8000-{'0' * 12}/", **{"X-App": "t:1"})
    assert not ApiRequest.objects.exists()  # not in the way of the answer
    assert traffic.write_waiting() == 3
    first, second, third = ApiRequest.objects.order_by("pk")
    assert (first.client, first.shape, first.error_code) == (None, None, "webhook_address_not_possible")
    assert first.request_id == bad["X-Request-ID"]
    assert (second.client, second.error_code, second.status) == (developer.app.id, "invalid", 400)
    assert second.wrong == sorted(again.json()["errors"])
    assert second.shape == {"url": "number", "note": "text"}
    assert third.path == f"{HOOKS}{{public_id}}/"
    assert "Wanjiku" not in str(list(ApiRequest.objects.values_list()))
    listed = developer.call("get", f"{ROOT}api-requests/").json()["results"]
    assert [row["id"] for row in listed] == [third.pk, second.pk]
    assert "missing, wrong or unknown" in listed[1]["why"]
    assert "errors" in listed[1]["remedy"]
    narrowed = developer.call("get", f"{ROOT}api-requests/?error_code=not_found").json()["results"]
    assert [row["id"] for row in narrowed] == [third.pk]
    assert developer.call("get", f"{ROOT}api-requests/{first.pk}/").status_code == 404
    assert developer.call("get", "/api/v1/developers/logs/?status=404").json()["results"] == narrowed
    traffic.forget()


def test_staff_who_may_see_all_requests_and_others_none(client, apps):
    ApiRequest.objects.create(at=now(), method="GET", path="/obp/x", status=401, ms=4, request_id="r1")
    counts = {}
    for role in ("AUDITOR", "TELLER"):
        headers = bearer(make_staff(role))
        counts[role] = len(client.get(f"{ROOT}api-requests/", headers=headers).json()["results"])
        assert client.get("/api/v1/developers/logs/", headers=headers).json()["results"] == []
    assert counts == {"AUDITOR": 1, "TELLER": 0}


def test_forgets_after_thirty_days():
    at = now()
    for age in (LIFE * 1.1, LIFE * 0.9):
        ApiRequest.objects.create(at=at - age, method="GET", path="/obp/x", status=200, ms=4, request_id="r")
    assert purge(at=at) == 1
    assert ApiRequest.objects.count() == 1


def test_a_flood_costs_a_bounded_list(monkeypatch, client):
    monkeypatch.setattr(traffic, "_waiting", type(traffic._waiting)(maxlen=2))
    for _ in range(4):
        client.get("/api/v1/accounts")
    assert traffic.write_waiting() == 2
    assert set(ApiRequest.objects.values_list("error_code", flat=True)) == {"not_authenticated"}


class Once:
    """Stops after so many rounds."""

    def __init__(self, rounds):
        self.left = rounds

    def wait(self, seconds):
        self.left -= 1
        return self.left < 0


def test_odd_names_are_kept_and_a_database_that_rests_ends_nothing(developer, apps, monkeypatch):
    apps.marks["t:1"] = developer.app.id
    body = json.loads('{"\\u0000a": 1, "\\ud800": {"b": [true, null]}}')
    traffic.note(
        traffic.Seen(at=now(), mark="t:1", method="POST", path="/x", status=400, ms=1, request_id="r",
                     interaction_id="", error_code="invalid", wrong=[traffic.named(name) for name in body],
                     shape=traffic.struck(body))
    )  # fmt: skip
    traffic.rounds(Once(1))
    kept = ApiRequest.objects.get()
    assert (kept.wrong, kept.shape) == (["a", "?"], {"a": "number", "?": {"b": ["yes/no", None]}})
    closed = []
    monkeypatch.setattr(traffic, "write_waiting", lambda: 1 / 0)
    monkeypatch.setattr(traffic.connection, "close", lambda: closed.append(1))
    traffic.rounds(Once(3))
    assert len(closed) == 3


def test_notes_what_the_bank_asks_of_providers_by_name_alone(server, client, apps):
    http.send("registry", "POST", f"{server.url}/people/27123456", json={"id_number": "27123456"})
    server.status = 502
    http.send("registry", "POST", server.url)
    with pytest.raises(http.NotReached):
        http.send("nobody", "GET", "http://127.0.0.1:1/")
    traffic.write_waiting()
    rows = list(ApiRequest.objects.order_by("pk").values_list("direction", "path", "status", "error_code"))
    assert rows[:2] == [("OUT", "registry", 200, ""), ("OUT", "registry", 502, "")]
    assert set(rows[2:]) == {("OUT", "nobody", 0, "provider_not_reached")}
    assert client.get(f"{ROOT}api-requests/", headers=bearer(make_customer())).json()["results"] == []
