"""Conversations by API: a customer reads and writes their own; staff answer, and are seen to look."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from apps.kernel import records
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed
from apps.kernel.models import OutboxEvent
from apps.notifications import operations as notifications
from apps.notifications.models import Message, SecureMessage, SecureThread
from apps.notifications.testing import reachable
from apps.notifications.tests.people import make_person, recipient

pytestmark = pytest.mark.django_db
OWN = "/api/v1/notifications/threads/"
STAFF = "/api/v1/admin/threads/"
LETTER = {"subject": " My  card ", "body": "It is lost."}


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def make_support():
    person = make_person(is_staff=True)
    person.user_permissions.add(*Permission.objects.filter(codename__in=["view_users", "write_to_customers"]))
    return type(person).objects.get(pk=person.pk)


def opened(customer=None, at=None) -> SecureThread:
    who = customer or make_person()
    return notifications.open_thread(customer=who, subject="My card", body="It is lost.", by=who, at=at or now())


@pytest.fixture
def written(monkeypatch):
    """What was written into the audit trail."""
    rows = []
    monkeypatch.setattr(records, "_pens", [lambda action, **facts: rows.append((action, facts))])
    return rows


def test_begins_a_conversation_reads_it_and_writes_on():
    person = make_person()
    client = client_of(person)
    begun = client.post(OWN, LETTER, format="json")
    assert begun.status_code == 201
    shown = begun.json()
    assert (shown["subject"], shown["is_unread"]) == ("My card", False)
    assert [(row["is_from_bank"], row["body"]) for row in shown["letters"]] == [(False, "It is lost.")]
    again = client.post(f"{OWN}{shown['id']}/letters", {"body": "It was the blue one."}, format="json")
    assert [row["body"] for row in again.json()["letters"]] == ["It is lost.", "It was the blue one."]
    assert [row["id"] for row in client.get(OWN).json()["results"]] == [shown["id"]]
    assert OutboxEvent.objects.filter(name="notifications.letter.written", payload__by_customer=True).count() == 2


def test_an_answer_makes_it_unread_until_it_is_marked_read(written):
    customer, support = make_person(), make_support()
    thread = opened(customer)
    with reachable(recipient(customer)):
        answer = client_of(support).post(
            f"{STAFF}{thread.public_id}/letters", {"body": "We stopped it."}, format="json"
        )
    assert answer.status_code == 201
    assert [row["is_from_bank"] for row in answer.json()["letters"]] == [False, True]
    client = client_of(customer)
    seen = client.get(f"{OWN}{thread.public_id}").json()
    assert seen["is_unread"]
    assert "author" not in seen["letters"][1]
    assert client.put(f"{OWN}{thread.public_id}/read").json()["is_unread"] is False
    told = Message.objects.get(code="notifications.letter")
    assert (told.user, "My card" in told.body) == (customer, True)
    assert [action for action, _facts in written] == ["notifications.thread.answered"]


def test_staff_are_seen_to_look(written):
    customer, support = make_person(), make_support()
    thread = opened(customer)
    shown = client_of(support).get(f"{STAFF}{thread.public_id}?reason=Asked+by+phone").json()
    assert shown["letters"][0]["author"] == customer.full_name
    action, facts = written[0]
    assert (action, facts["by"], facts["customer"], facts["reason"]) == (
        "notifications.thread.viewed",
        support,
        customer,
        "Asked by phone",
    )


def test_lists_what_waits_for_the_bank(written):
    support, waiting, answered, closed = make_support(), opened(), opened(), opened()
    with reachable(recipient(answered.customer)):
        notifications.answer_letter(thread=answered, body="Done.", by=support, at=now())
    notifications.finish_thread(thread=closed, by=support, at=now())
    client = client_of(support)

    def found(query):
        return {row["id"] for row in client.get(f"{STAFF}?{query}").json()["results"]}

    assert found("is_waiting=true") == {str(waiting.public_id)}
    assert found("is_waiting=false") == {str(answered.public_id), str(closed.public_id)}
    assert found(f"customer={waiting.customer_id}") == {str(waiting.public_id)}
    assert client.get(f"{STAFF}?customer=x").status_code == 400


def test_a_closed_conversation_takes_no_more(written):
    customer, support = make_person(), make_support()
    thread = opened(customer)
    for _twice in range(2):
        assert client_of(support).post(f"{STAFF}{thread.public_id}/close").json()["closed_at"] is not None
    for client, path in [(client_of(customer), OWN), (client_of(support), STAFF)]:
        assert (
            client.post(f"{path}{thread.public_id}/letters", {"body": "One more thing."}, format="json").status_code
            == 409
        )
    assert SecureMessage.objects.count() == 1
    assert len(written) == 1


def test_another_customers_conversation_is_not_there():
    thread, client = opened(), client_of(make_person())
    one = f"{OWN}{thread.public_id}"
    assert client.get(one).status_code == 404
    assert client.post(f"{one}/letters", {"body": "Hello"}, format="json").status_code == 404
    assert client.put(f"{one}/read").status_code == 404
    assert client.get(OWN).json()["count"] == 0
    assert SecureMessage.objects.count() == 1


def test_customers_do_not_come_through_the_staffs_door():
    customer = make_person()
    thread = opened(customer)
    for who in (customer, make_person(is_staff=True)):
        client = client_of(who)
        assert client.get(STAFF).status_code == 403
        assert client.get(f"{STAFF}{thread.public_id}").status_code == 403
        assert client.post(f"{STAFF}{thread.public_id}/letters", {"body": "Hello"}, format="json").status_code == 403
        assert client.post(f"{STAFF}{thread.public_id}/close").status_code == 403


def test_staff_do_not_answer_themselves(written):
    support = make_support()
    thread = opened(support)
    client = client_of(support)
    assert client.get(f"{STAFF}{thread.public_id}").status_code == 404
    assert client.get(STAFF).json()["count"] == 0
    with pytest.raises(NotAllowed):
        notifications.answer_letter(thread=thread, body="Yes.", by=support, at=now())
    assert not written


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"subject": "x"},
        {"subject": "x", "body": " "},
        {"subject": "x" * 121, "body": "y"},
        {"subject": "x", "body": "y" * 4001},
        {"subject": "x", "body": {}},
        {"subject": "a\0b", "body": "y"},
    ],
)
def test_what_is_no_letter_is_said_so(body):
    assert client_of(make_person()).post(OWN, body, format="json").status_code == 400
    assert not SecureThread.objects.exists()


@pytest.mark.parametrize("path", [OWN, STAFF, f"{OWN}6f1c2c8e-6a51-4f0e-9a43-3f4f6f6c1f10"])
def test_asks_for_a_token(path):
    assert APIClient().get(path).status_code == 401


def test_lists_cost_the_same_whatever_their_length(django_assert_num_queries):
    customer, support = make_person(), make_support()
    for nth in range(3):
        thread = opened(customer, at=now() + timedelta(seconds=nth))
        notifications.reply(thread=thread, body="More.", by=customer, at=now())
    client = client_of(customer)
    with django_assert_num_queries(3):  # the rate counter, the count, the page
        assert client.get(OWN).json()["count"] == 3
    with django_assert_num_queries(3):  # the rate counter, the conversation, its letters
        client.get(f"{OWN}{thread.public_id}")
    client, support.last_login = client_of(support), None
    with django_assert_num_queries(5):  # the rights of a person and of their groups, then as above
        assert client.get(STAFF).json()["count"] == 3
