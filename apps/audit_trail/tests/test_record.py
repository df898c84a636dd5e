"""Writing records."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from apps.audit_trail import operations as audit_trail
from apps.audit_trail.models import AuditLog, IntegrityCheck, Seal
from apps.audit_trail.tests.people import make_person
from apps.kernel.clock import now
from apps.kernel.context import Asker, asked_by

pytestmark = pytest.mark.django_db


def test_writes_who_did_what_to_what_and_from_where():
    teller, customer, at = make_person(is_staff=True), make_person(), now()
    with asked_by(Asker(request_id="req-12345678", ip_address="10.0.4.21", user_agent="Firefox" * 99)):
        number = audit_trail.record(
            "users.user.changed",
            on=customer,
            by=teller,
            at=at,
            before={"phone": "+254712345908"},
            after={"phone": "+254722000111"},
            reason="He called from 0712 345 908",
        )
    row = AuditLog.objects.get()
    assert row.pk == number
    assert (row.action, row.actor, row.customer, row.at) == ("users.user.changed", teller, customer, at)
    assert (row.target_type, row.target_id, row.target) == (
        "users.user",
        str(customer.pk),
        f"users.user/{customer.pk}",
    )
    assert row.before == {"phone": "0712 ••• 908"}
    assert row.after == {"phone": "0722 ••• 111"}
    assert row.reason == "He called from 0712 ••• 908"
    assert (row.ip_address, row.user_agent, row.request_id) == ("10.0.4.21", ("Firefox" * 99)[:300], "req-12345678")


def test_is_one_insert(django_assert_num_queries):
    teller = make_person()
    with django_assert_num_queries(1) as queries:
        audit_trail.record("a.b.c", on=teller, by=teller, at=now(), after={"x": 1})
    assert queries.captured_queries[0]["sql"].lstrip().startswith("INSERT INTO audit_trail_auditlog")


def test_takes_a_reference_and_nobody():
    audit_trail.record("users.sign_in.failed", on="sign-in/9f2c", by=None, at=now())
    row = AuditLog.objects.get()
    assert (row.target_type, row.target_id, row.actor, row.customer) == ("", "sign-in/9f2c", None, None)
    assert row.ip_address is None


def test_reads_the_customer_from_what_is_theirs():
    from django.contrib.admin.models import LogEntry
    from django.contrib.contenttypes.models import ContentType

    person = make_person()
    entry = LogEntry.objects.create(
        user=person, action_flag=1, content_type=ContentType.objects.first(), object_repr="", change_message=""
    )
    audit_trail.record("a.b.c", on=entry, by=None, at=now())
    audit_trail.record("a.b.d", on="payments/7", by=None, at=now(), customer=person)
    assert set(AuditLog.objects.of_customer(person).values_list("action", flat=True)) == {"a.b.c", "a.b.d"}


def test_points_at_saved_rows_only():
    with pytest.raises(ValueError, match="not saved"):
        audit_trail.record("a.b.c", on=Seal(), by=None, at=now())
    with pytest.raises(IntegrityError, match="a_record_says_what_was_done"), transaction.atomic():
        audit_trail.record("", on="x/1", by=None, at=now())


def test_is_undone_with_the_deed():
    @transaction.atomic
    def a_deed_that_fails() -> None:
        audit_trail.record("a.b.c", on="x/1", by=None, at=now())
        raise RuntimeError

    with pytest.raises(RuntimeError):
        a_deed_that_fails()
    assert not AuditLog.objects.exists()


@pytest.mark.parametrize("table", [AuditLog, Seal, IntegrityCheck])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_database_refuses_to_change_or_remove_a_record(table, statement):
    audit_trail.record("a.b.c", on="x/1", by=None, at=now())
    audit_trail.seal_due(at=now())
    audit_trail.verify(at=now())
    column = table._meta.pk.column
    sql = statement.format(table._meta.db_table, column, column)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
            cursor.execute(sql)
    assert table.objects.count() == 1


def test_writes_what_the_maker_checker_engine_and_the_neighbours_do():
    from apps.kernel import approvals, records

    person = make_person()
    approvals.register(approvals.Kind("test.kind", "Test", "x.y", run=lambda **_: {}))
    approvals.ask(kind="test.kind", subject="x/1", payload={}, reason="because", by=person, at=now())
    records.record("notifications.text.edited", on="texts/1", by=person, at=now(), after={"version": 2})
    assert set(AuditLog.objects.values_list("action", flat=True)) == {
        "kernel.approval.asked",
        "notifications.text.edited",
    }
