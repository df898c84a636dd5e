"""The audit trail over the API."""

from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from apps.audit_trail import operations as audit_trail
from apps.audit_trail import queries
from apps.audit_trail.models import AuditLog, ChainAnchor, IntegrityCheck
from apps.audit_trail.tests.people import make_auditor, make_person
from apps.kernel.clock import local_date, now

pytestmark = pytest.mark.django_db
LIST = "/api/v1/audit/audit-logs/"


@pytest.fixture
def auditor():
    return make_auditor()


@pytest.fixture
def client(auditor) -> APIClient:
    client = APIClient()
    client.force_authenticate(auditor)
    return client


def actions(answer) -> list[str]:
    assert answer.status_code == 200, answer.json()
    return [row["action"] for row in answer.json()["results"]]


def test_is_for_auditors_alone():
    client = APIClient()
    assert client.get(LIST).status_code == 401
    client.force_authenticate(make_person())
    for path in (LIST, f"{LIST}1/", "/api/v1/audit/anchors/"):
        assert client.get(path).status_code == 403
    assert client.post(f"{LIST}verify/").status_code == 403
    assert not IntegrityCheck.objects.exists()


def test_shows_the_newest_first_by_cursor_with_a_pinned_query_count(client, django_assert_num_queries):
    person = make_person()
    for number in range(45):
        audit_trail.record(f"a.b.n{number}", on=person, by=person, at=now(), after={"phone": "0712345908"})
    audit_trail.seal_due(at=now())
    client.get(LIST)  # fills the auditor's permissions, which a request reads once
    with django_assert_num_queries(3):  # the rate counter, the records with their actors, the seals over them
        first = client.get(LIST)
    assert actions(first) == [f"a.b.n{number}" for number in range(44, 24, -1)]
    second = client.get(first.json()["next"])
    assert actions(second) == [f"a.b.n{number}" for number in range(24, 4, -1)]
    row = first.json()["results"][0]
    assert row["actor_name"] == person.full_name
    assert row["after"] == {"phone": "0712 ••• 908"}
    assert row["seal"] == 1
    assert row["leaf_hash"] == bytes(AuditLog.objects.with_leaf().get(pk=row["id"]).leaf_hash).hex()
    one = client.get(f"{LIST}{row['id']}/").json()
    assert one == row


def test_both_forms_of_the_address_answer(client):
    assert client.get(LIST.rstrip("/")).status_code == 200


def test_filters(client):
    one, two = make_person(), make_person()
    at = now()
    audit_trail.record("accounts.account.opened", on="accounts/1", by=one, at=at, customer=two)
    audit_trail.record("accounts.account.frozen", on=two, by=two, at=at, reason="Court order 114")
    audit_trail.record("payments.payment.sent", on="payments/9", by=None, at=at - timedelta(days=40))
    assert actions(client.get(LIST, {"actor": one.pk})) == ["accounts.account.opened"]
    assert actions(client.get(LIST, {"action": "payments.payment.sent"})) == ["payments.payment.sent"]
    assert actions(client.get(LIST, {"action": "accounts."})) == ["accounts.account.frozen", "accounts.account.opened"]
    assert actions(client.get(LIST, {"action": "accounts"})) == []
    assert actions(client.get(LIST, {"target": "accounts/1"})) == ["accounts.account.opened"]
    assert actions(client.get(LIST, {"target": f"users.user/{two.pk}"})) == ["accounts.account.frozen"]
    assert actions(client.get(LIST, {"search": "court 114"})) == ["accounts.account.frozen"]
    assert actions(client.get(LIST, {"search": "payment"})) == []  # 40 days ago
    day = local_date(at)
    assert actions(client.get(LIST, {"date_from": day, "date_to": day, "action": "accounts."})) == [
        "accounts.account.frozen",
        "accounts.account.opened",
    ]
    wide = {"date_from": day - timedelta(days=60), "date_to": day, "action": "payments."}
    assert actions(client.get(LIST, wide)) == ["payments.payment.sent"]


def test_asking_about_a_customer_is_itself_recorded(client, auditor):
    customer = make_person()
    audit_trail.record("a.b.c", on=customer, by=None, at=now())
    assert actions(client.get(LIST, {"customer": customer.pk})) == ["a.b.c"]
    look = AuditLog.objects.get(action="audit_trail.customer.looked_up")
    assert (look.actor, look.target_id) == (auditor, f"users.user/{customer.pk}")
    assert list(queries.looks_at(customer)) == [look]
    assert actions(client.get(LIST, {"customer": 2**62})) == []
    assert actions(client.get(LIST, {"target": f"users.user/{10**40}"})) == []


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"date_from": "2026-01-01", "date_to": "2026-02-15"}, 422, "range_too_wide"),
        ({"date_from": "2020-01-01"}, 422, "range_too_wide"),
        ({"date_to": "2026-02-15"}, 422, "range_too_wide"),
        ({"date_from": "2026-01-01", "date_to": "2026-02-15", "search": "x"}, 422, "range_too_wide"),
        ({"date_from": "2026-02-01", "date_to": "2026-01-01"}, 400, "dates_reversed"),
        ({"date_from": "yesterday"}, 400, "invalid"),
        ({"actor": "x"}, 400, "invalid"),
        ({"actor": 2**70}, 400, "invalid"),
    ],
)
def test_says_what_is_wrong_with_a_question(client, asked, status, code):
    answer = client.get(LIST, asked)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_takes_31_days_and_longer_when_narrowed(client):
    assert client.get(LIST, {"date_from": "2026-01-01", "date_to": "2026-02-01"}).status_code == 200
    assert client.get(LIST, {"date_from": "2020-01-01", "target": "x/1"}).status_code == 200


def test_an_unknown_record_is_not_found(client):
    assert client.get(f"{LIST}999999/").status_code == 404
    assert client.get(f"{LIST}{2**70}/").status_code == 404


@pytest.mark.parametrize(
    "asked",
    [
        {"customer": 1, "date_to": "9999-12-31"},
        {"date_from": "9999-12-20", "date_to": "9999-12-31"},
        {"date_from": "0001-01-01", "date_to": "0001-01-31"},
    ],
)
def test_the_ends_of_the_calendar_are_days_too(client, asked):
    assert actions(client.get(LIST, asked)) == []


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", [LIST, f"{LIST}1/", "/api/v1/audit/anchors/"])
def test_nothing_can_be_written(client, method, path):
    audit_trail.record("a.b.c", on="x/1", by=None, at=now())
    assert getattr(client, method)(path, {}, format="json").status_code == 405
    assert AuditLog.objects.count() == 1


def test_verifies(client, auditor):
    audit_trail.record("a.b.c", on="x/1", by=None, at=now())
    audit_trail.seal_due(at=now())
    answer = client.post(f"{LIST}verify/", {}, format="json")
    assert answer.status_code == 200
    assert (answer.json()["is_intact"], answer.json()["records"], answer.json()["by"]) == (True, 1, auditor.pk)
    assert IntegrityCheck.objects.get().by == auditor
    assert client.post(f"{LIST}verify/", {"last_blocks": 0}, format="json").status_code == 400
    assert client.get(f"{LIST}verify/").status_code == 405


def test_lists_anchors(client):
    ChainAnchor.objects.create(
        period=local_date(now()), seal_number=1, root_hash=b"\x01" * 32, chain="ethereum", created_at=now()
    )
    row = client.get("/api/v1/audit/anchors/").json()["results"][0]
    assert (row["chain"], row["status"], row["root_hash"]) == ("ethereum", "PENDING", "01" * 32)


@pytest.mark.parametrize("asked", [{}, {"cursor": ""}, {"cursor": "bz0w"}])
def test_every_page_about_a_customer_is_recorded_however_it_is_asked_for(client, asked):
    customer = make_person()
    audit_trail.record("a.b.c", on=customer, by=None, at=now())
    assert actions(client.get(LIST, {"customer": customer.pk} | asked)) == ["a.b.c"]
    assert AuditLog.objects.filter(action="audit_trail.customer.looked_up").count() == 1


def test_asking_for_a_customer_as_a_target_is_recorded_as_well(client):
    customer = make_person()
    audit_trail.record("a.b.c", on=customer, by=None, at=now())
    assert actions(client.get(LIST, {"target": f"users.user/{customer.pk}"})) == ["a.b.c"]
    look = AuditLog.objects.get(action="audit_trail.customer.looked_up")
    assert look.target_id == f"users.user/{customer.pk}"


def test_nobody_reads_what_was_done_about_themselves_as_a_customer(client, auditor):
    mine = audit_trail.record("fraud.payment.held", on="payments/7", by=make_person(), at=now(), customer=auditor)
    done = audit_trail.record("a.b.c", on="x/1", by=auditor, at=now())
    assert actions(client.get(LIST)) == ["a.b.c"]
    assert actions(client.get(LIST, {"customer": auditor.pk})) == ["a.b.c"]
    assert client.get(f"{LIST}{mine}/").status_code == 404
    assert client.get(f"{LIST}{done}/").status_code == 200
