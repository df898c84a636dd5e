"""Alerts, messages, choices and texts over the API."""

from datetime import UTC, datetime

import pytest
from rest_framework.test import APIClient

from apps.kernel import records
from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.notifications import operations as notifications
from apps.notifications import texts
from apps.notifications.models import (
    Alert,
    AlertSubscription,
    CommunicationPreference,
    Message,
    NotificationTemplate,
    Unwanted,
)
from apps.notifications.tests.people import make_editor, make_person

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TEXTS = "/api/v1/automation/notification-templates/"
APPROVALS = "/api/v1/admin/approvals/"


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def raised(user, n: int = 1) -> Alert:
    return Alert.objects.create(user=user, type="LOW_BALANCE", code="x.y", message=f"Low {n}", created_at=AT)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/alerts",
        "/api/v1/alerts/1",
        "/api/v1/alerts/subscriptions",
        "/api/v1/notifications/preferences",
        "/api/v1/notifications/messages",
        "/api/v1/notifications/delivery-report",
        "/api/v1/notifications/delivery-report/daily",
        TEXTS,
    ],
)
def test_asks_for_a_token(path):
    assert APIClient().get(path).status_code == 401


class TestAlerts:
    """One's own, and nobody else's."""

    def test_lists_ones_own_with_a_pinned_query_count(self, person, django_assert_num_queries):
        other = make_person()
        for number in range(25):
            raised(person, number)
            raised(other, number)
        with django_assert_num_queries(3):  # the rate counter, the count, the page
            answer = client_of(person).get("/api/v1/alerts").json()
        assert answer["count"] == 25
        assert [row["message"] for row in answer["results"]] == [f"Low {n}" for n in range(24, 4, -1)]
        assert set(answer["results"][0]) == {"id", "type", "about", "message", "created_at", "is_read", "dismissed_at"}

    def test_filters(self, person):
        notifications.mark_read(raised(person, 1))
        notifications.dismiss(raised(person, 2), at=AT)
        raised(person, 3)
        client = client_of(person)

        def found(**asked):
            return [row["message"] for row in client.get("/api/v1/alerts", asked).json()["results"]]

        assert found(is_read="false") == ["Low 3"]
        assert found(dismissed_at__isnull="true") == ["Low 3", "Low 1"]
        assert found(type="BILL_DUE") == []
        assert found(search="Low 1") == ["Low 1"]
        assert client.get("/api/v1/alerts", {"type": "NONSENSE"}).status_code == 400

    @pytest.mark.parametrize("method", ["put", "post"])
    def test_dismisses_and_reads(self, person, method):
        alert = raised(person)
        client = client_of(person)
        read = getattr(client, method)(f"/api/v1/alerts/{alert.pk}/read")
        assert (read.status_code, read.json()["is_read"], read.json()["dismissed_at"]) == (200, True, None)
        first = getattr(client, method)(f"/api/v1/alerts/{alert.pk}/dismiss")
        again = getattr(client, method)(f"/api/v1/alerts/{alert.pk}/dismiss/")
        assert first.status_code == 200
        assert first.json()["dismissed_at"] == again.json()["dismissed_at"] is not None

    def test_deletes(self, person):
        alert = raised(person)
        client = client_of(person)
        assert client.delete(f"/api/v1/alerts/{alert.pk}").status_code == 204
        assert client.get(f"/api/v1/alerts/{alert.pk}").status_code == 404
        assert client.delete(f"/api/v1/alerts/{alert.pk}").status_code == 404
        assert Alert.objects.count() == 1

    @pytest.mark.parametrize(
        ("method", "tail"),
        [("get", ""), ("delete", ""), ("put", "/dismiss"), ("post", "/dismiss"), ("put", "/read"), ("post", "/read")],
    )
    def test_somebody_elses_is_not_found_and_not_touched(self, person, method, tail):
        alert = raised(make_person())
        for number in (alert.pk, 987654321, 2**70):
            assert getattr(client_of(person), method)(f"/api/v1/alerts/{number}{tail}").status_code == 404
        alert.refresh_from_db()
        assert (alert.is_read, alert.dismissed_at, alert.deleted_at) == (False, None, None)

    def test_subscribes(self, person):
        client = client_of(person)
        asked = {"type": "LOW_BALANCE", "channel": "SMS"}
        assert client.post("/api/v1/alerts/subscribe", asked, format="json").json()["is_on"] is True
        client.post("/api/v1/alerts/subscribe", {**asked, "is_on": False}, format="json")
        rows = client.get("/api/v1/alerts/subscriptions").json()["results"]
        assert [(row["type"], row["channel"], row["is_on"]) for row in rows] == [("LOW_BALANCE", "SMS", False)]
        assert client_of(make_person()).get("/api/v1/alerts/subscriptions").json()["results"] == []

    @pytest.mark.parametrize(
        "asked",
        [
            {},
            {"type": "NONSENSE", "channel": "SMS"},
            {"type": "LOW_BALANCE", "channel": "PIGEON"},
            {"type": "LOW_BALANCE"},
            {"type": "BUDGET_EXCEEDED", "channel": "SMS"},
        ],
    )
    def test_an_unknown_type_or_channel_is_refused(self, person, asked):
        answer = client_of(person).post("/api/v1/alerts/subscribe", asked, format="json")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
        assert not AlertSubscription.objects.exists()


class TestPreferences:
    """What people want to hear."""

    PATH = "/api/v1/notifications/preferences"

    def test_shows_everything_as_it_stands(self, person):
        rows = client_of(person).get(self.PATH).json()["preferences"]
        assert len(rows) == 10
        by_place = {(row["channel"], row["topic"]): row for row in rows}
        assert by_place["SMS", "SECURITY"] == {
            "channel": "SMS",
            "topic": "SECURITY",
            "is_allowed": True,
            "quiet_from": None,
            "quiet_to": None,
            "can_change": False,
        }
        assert by_place["EMAIL", "MARKETING"]["quiet_from"] == "21:00"

    def test_keeps_a_choice(self, person):
        wish = {"channel": "SMS", "topic": "MARKETING", "is_allowed": False, "quiet_from": "20:00", "quiet_to": "08:00"}
        rows = client_of(person).put(self.PATH, {"preferences": [wish]}, format="json").json()["preferences"]
        assert {**wish, "can_change": True} in rows
        assert CommunicationPreference.objects.get().user == person

    @pytest.mark.parametrize(
        ("wish", "status", "code"),
        [
            ({"channel": "SMS", "topic": "SECURITY", "is_allowed": False}, 422, "cannot_silence"),
            ({"channel": "EMAIL", "topic": "MONEY", "is_allowed": False}, 422, "cannot_silence"),
            ({"channel": "PIGEON", "topic": "MARKETING", "is_allowed": False}, 400, "invalid"),
            ({"channel": "SMS", "topic": "GOSSIP", "is_allowed": False}, 400, "invalid"),
            ({"channel": "SMS", "topic": "MARKETING"}, 400, "invalid"),
            ({"channel": "SMS", "topic": "MARKETING", "is_allowed": True, "quiet_from": "20:00"}, 400, "invalid"),
        ],
    )
    def test_refuses_and_keeps_nothing(self, person, wish, status, code):
        good = {"channel": "SMS", "topic": "REMINDER", "is_allowed": False}
        answer = client_of(person).put(self.PATH, {"preferences": [good, wish]}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert not CommunicationPreference.objects.exists()


def test_lists_ones_own_messages_without_codes_or_addresses(person, django_assert_num_queries):
    for number in range(25):
        notifications.send("test.money", to=person, context={"amount": "KES 5.00"}, at=AT, key=f"m/{number}")
    notifications.send("test.code", to=person, context={"code": "418203", "who": "x"}, at=AT, key="c")
    client = client_of(person)
    with django_assert_num_queries(2):  # the rate counter, the page
        answer = client.get("/api/v1/notifications/messages")
    rows = answer.json()["results"]
    assert len(rows) == 20
    assert (rows[0]["code"], rows[0]["text"]) == ("test.code", None)
    assert rows[1]["text"] == "Paid KES 5.00"
    assert person.phone not in answer.content.decode()
    assert "418203" not in answer.content.decode()
    assert len(client.get(answer.json()["next"]).json()["results"]) == 6
    assert client_of(make_person()).get("/api/v1/notifications/messages").json()["results"] == []
    assert client.post("/api/v1/notifications/messages", {}).status_code == 405


class TestTexts:
    """For staff who look after content."""

    @pytest.fixture
    def row(self, db, said) -> NotificationTemplate:
        texts.bring_in_texts()
        return NotificationTemplate.objects.get(code="test.money", channel="SMS", language="en")

    def test_is_for_them_alone(self, row):
        for user in (make_person(), make_person(is_staff=True)):
            client = client_of(user)
            assert client.get(TEXTS).status_code == 403
            assert client.patch(f"{TEXTS}{row.pk}/", {"body": "x"}, format="json").status_code == 403
            assert client.post(f"{TEXTS}{row.pk}/preview/", {}, format="json").status_code == 403
            assert client.get("/api/v1/notifications/delivery-report").status_code == 403

    def test_lists_with_a_pinned_query_count(self, row, django_assert_num_queries):
        client = client_of(make_editor())
        client.get(TEXTS)
        with django_assert_num_queries(3):
            rows = client.get(TEXTS, {"code": "test.money"}).json()["results"]
        assert {(found["channel"], found["language"], found["is_edited"]) for found in rows} == {
            ("SMS", "en", False),
            ("EMAIL", "en", False),
        }

    def test_a_second_editor_allows_an_edit_and_both_are_recorded(self, row, monkeypatch):
        written = []
        monkeypatch.setattr(records, "_pens", [lambda action, **facts: written.append((action, facts))])
        editor, other = make_editor(), make_editor()
        client = client_of(editor)
        asked = {"body": "Gone {amount}", "version": 1, "reason": "Shorter"}
        answer = client.patch(f"{TEXTS}{row.pk}/", asked, format="json")
        assert (answer.status_code, answer.json()["status"]) == (202, "PENDING")
        assert client.get(f"{TEXTS}{row.pk}/").json()["body"] == "Paid {amount}"
        decision = f"{APPROVALS}{answer.json()['approval']}/"
        shown = client_of(other).get(decision).json()
        assert (shown["before"]["body"], shown["after"]["body"]) == ("Paid {amount}", "Gone {amount}")
        assert (shown["before"]["reads"]["en"]["body"], shown["after"]["reads"]["en"]["body"]) == (
            "Paid KES 5.00",
            "Gone KES 5.00",
        )
        assert shown["after"]["reads"]["sw"]["body"] == "Gone KES 5.00"  # a language without a text reads English
        assert client.post(f"{decision}approve/", {}, format="json").status_code == 403
        assert client_of(other).post(f"{decision}approve/", {}, format="json").json()["status"] == "APPROVED"
        found = client.get(f"{TEXTS}{row.pk}/").json()
        assert (found["body"], found["version"], found["is_edited"]) == ("Gone {amount}", 2, True)
        stale = client.put(
            f"{TEXTS}{row.pk}/", {"subject": "", "body": "x", "version": 1, "reason": "y"}, format="json"
        )
        assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
        ((action, facts),) = [one for one in written if one[0] != "kernel.door.refused"]
        assert (action, facts["by"], facts["on"]) == ("notifications.text.edited", other, row)
        assert (facts["before"]["body"], facts["after"]["body"]) == ("Paid {amount}", "Gone {amount}")
        assert facts["after"]["asked_by"] == editor.pk

    def test_refuses_an_unknown_placeholder(self, row):
        client = client_of(make_editor())
        for answer in (
            client.patch(f"{TEXTS}{row.pk}/", {"body": "{balance}", "reason": "y"}, format="json"),
            client.post(f"{TEXTS}{row.pk}/preview/", {"body": "{balance}"}, format="json"),
            client.post(
                TEXTS,
                {"code": "test.money", "channel": "IN_APP", "language": "en", "body": "{x}", "reason": "y"},
                format="json",
            ),
        ):
            assert (answer.status_code, answer.json()["code"]) == (422, "unknown_placeholder")
        row.refresh_from_db()
        assert row.body == "Paid {amount}"

    def test_adds_previews_and_stops_when_a_second_editor_allows_it(self, row):
        client, other = client_of(make_editor()), client_of(make_editor())

        def allowed(answer):
            assert answer.status_code == 202
            done = other.post(f"{APPROVALS}{answer.json()['approval']}/approve/", {}, format="json")
            assert done.json()["status"] == "APPROVED"

        asked = {"code": "test.service", "channel": "IN_APP", "language": "en", "body": "{account} is low"}
        asked["reason"] = "The app shows it too"
        added = client.post(TEXTS, asked, format="json")
        again = client.post(TEXTS, asked, format="json")
        assert (again.status_code, again.json()["code"]) == (409, "already_asked")
        allowed(added)
        assert client.post(TEXTS, asked, format="json").json()["code"] == "text_exists"
        (found,) = client.get(TEXTS, {"code": "test.service", "channel": "IN_APP"}).json()["results"]
        path = f"{TEXTS}{found['id']}/"
        assert client.post(f"{path}preview/", {}, format="json").json()["body"] == "***4021 is low"
        assert client.delete(path).status_code == 400
        assert client.get(path).json()["is_active"] is True
        allowed(client.delete(f"{path}?reason=Not%20shown"))
        assert client.get(path).json()["is_active"] is False
        assert client.post(TEXTS, {**asked, "channel": "PIGEON"}, format="json").status_code == 400

    def test_says_why_or_is_not_asked(self, row):
        client = client_of(make_editor())
        for asked in ({"body": "Gone {amount}"}, {"body": "Gone {amount}", "reason": " "}):
            assert client.patch(f"{TEXTS}{row.pk}/", asked, format="json").status_code == 400
        assert not Approval.objects.exists()

    def test_an_unknown_text_is_not_found(self, row):
        assert client_of(make_editor()).get(f"{TEXTS}99999999/").status_code == 404


def test_counts_what_was_sent_and_what_it_cost(person, pockets):
    for number in range(3):
        message = notifications.send(
            "test.money", to=person, context={"amount": "KES 5.00"}, at=now(), key=f"m/{number}"
        )
        notifications.deliver(message_id=message.pk, at=now())
    Message.objects.filter(key="m/0").update(status="DELIVERED")
    client = client_of(make_editor())
    today = local_date(now())
    answer = client.get("/api/v1/notifications/delivery-report", {"date_from": today, "date_to": today}).json()
    assert answer["rows"] == [
        {
            "channel": "SMS",
            "code": "test.money",
            "written": 3,
            "sent": 3,
            "delivered": 1,
            "failed": 0,
            "unknown": 0,
            "cost": {"amount": "2.40", "currency": "KES"},
        }
    ]
    Unwanted.objects.create(key="u", code="test.money", channel="SMS", at=now())
    daily = client.get("/api/v1/notifications/delivery-report/daily", {"date_from": today, "date_to": today}).json()
    assert daily["rows"] == [
        {
            "day": today.isoformat(),
            "channel": "SMS",
            "code": "test.money",
            "written": 3,
            "sent": 3,
            "delivered": 1,
            "failed": 0,
            "opted_out": 1,
        }
    ]
    assert client_of(person).get("/api/v1/notifications/delivery-report/daily").status_code == 403
    for asked in ({}, {"date_from": "2026-02-01", "date_to": "2026-01-01"}, {"date_from": "x", "date_to": "y"}):
        assert client.get("/api/v1/notifications/delivery-report", asked).status_code == 400
