"""Finding and naming whatever is not as it was sealed."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.audit_trail import operations as audit_trail
from apps.audit_trail import tasks
from apps.audit_trail.models import LEAF_SQL, SEALED_COLUMNS, AuditLog, IntegrityCheck, Seal
from apps.audit_trail.tests.people import make_person
from apps.audit_trail.tests.tampering import unguarded
from apps.kernel import merkle
from apps.kernel.clock import now
from apps.kernel.models import OutboxEvent

pytestmark = pytest.mark.django_db
LOG, SEAL = "audit_trail_auditlog", "audit_trail_seal"
_LEAVES = f"SELECT string_agg({LEAF_SQL}, ''::bytea ORDER BY id) FROM audit_trail_auditlog WHERE id <= %s"


@pytest.fixture
def block() -> list[int]:
    """Five sealed records in two blocks; their ids."""
    person, other = make_person(), make_person()
    make_person(pk=4711)
    ids = [
        audit_trail.record(
            "a.b.c", on=person, by=other, at=now(), before={"x": 1}, after={"x": 2}, reason="because", customer=person
        )
        for _ in range(3)
    ]
    audit_trail.seal_due(at=now())
    ids += [audit_trail.record("a.b.d", on="x/1", by=None, at=now()) for _ in range(2)]
    audit_trail.seal_due(at=now())
    return ids


def test_an_untouched_trail_is_intact(block):
    check = audit_trail.verify(at=now())
    assert (check.is_intact, check.first_break, check.records) == (True, "", 5)
    assert (check.from_seal, check.upto_seal) == (1, 2)
    assert bytes(check.root) == bytes(Seal.objects.get(number=2).root)
    assert not OutboxEvent.objects.filter(name="audit_trail.chain.broken").exists()


def test_an_empty_trail_is_intact():
    assert audit_trail.verify(at=now()).is_intact


TAMPERED = {
    "action": "'a.b.x'",
    "actor_id": "4711",
    "customer_id": "4711",
    "target_type": "'x'",
    "target_id": "'0'",
    "before": "'{\"x\": 7}'",
    "after": "'{}'",
    "reason": "'Because'",
    "ip_address": "'10.0.0.1'",
    "user_agent": "'x'",
    "request_id": "'x'",
    "at": "at + interval '1 microsecond'",
    "written_at": "written_at - interval '1 microsecond'",
}


def test_every_column_is_sealed():
    columns = {field.column for field in AuditLog._meta.concrete_fields}
    assert columns == set(SEALED_COLUMNS)
    assert columns == {*TAMPERED, "id"}


@pytest.mark.parametrize("column", TAMPERED)
def test_names_the_record_of_which_one_column_was_changed(block, column):
    with unguarded(LOG) as cursor:
        cursor.execute(f'UPDATE audit_trail_auditlog SET "{column}" = {TAMPERED[column]} WHERE id = %s', [block[1]])
    check = audit_trail.verify(at=now())
    assert not check.is_intact
    assert check.breaks == [f"record {block[1]} was changed"]
    assert check.first_break == f"record {block[1]} was changed"


def test_names_one_changed_letter(block):
    with unguarded(LOG) as cursor:
        cursor.execute("UPDATE audit_trail_auditlog SET reason = 'becauſe' WHERE id = %s", [block[0]])
    assert audit_trail.verify(at=now()).breaks == [f"record {block[0]} was changed"]


def test_names_a_record_that_was_given_another_number(block):
    with unguarded(LOG) as cursor:
        cursor.execute("UPDATE audit_trail_auditlog SET id = id + 100000 WHERE id = %s", [block[0]])
    assert audit_trail.verify(at=now()).breaks == [f"record {block[0]} is missing"]


def test_names_records_that_were_removed_or_added(block):
    with unguarded(LOG) as cursor:
        cursor.execute("DELETE FROM audit_trail_auditlog WHERE id = %s", [block[2]])
        cursor.execute("UPDATE audit_trail_auditlog SET id = -5 WHERE id = %s", [block[0]])
    check = audit_trail.verify(at=now())
    assert check.breaks == [
        "record -5 was added after seal 1 was made",
        f"record {block[0]} is missing",
        f"record {block[2]} is missing",
    ]
    assert check.first_break == "record -5 was added after seal 1 was made"


def test_tells_the_floors_above(block):
    with unguarded(LOG) as cursor:
        cursor.execute("DELETE FROM audit_trail_auditlog WHERE id = %s", [block[0]])
    check = audit_trail.verify(at=now())
    event = OutboxEvent.objects.get(name="audit_trail.chain.broken")
    assert event.payload == {"check_id": check.pk, "first_break": f"record {block[0]} is missing"}


def test_a_change_covered_up_in_the_leaves_breaks_the_root(block):
    with unguarded(LOG, SEAL) as cursor:
        cursor.execute("UPDATE audit_trail_auditlog SET reason = 'other' WHERE id = %s", [block[1]])
        cursor.execute(_LEAVES, [block[2]])
        leaves = bytes(cursor.fetchone()[0])
        cursor.execute("UPDATE audit_trail_seal SET leaves = %s WHERE number = 1", [leaves])
    assert audit_trail.verify(at=now()).breaks == ["seal 1 was changed: its root is not that of its leaves"]


def test_a_change_covered_up_in_one_seal_breaks_the_next(block):
    with unguarded(LOG, SEAL) as cursor:
        cursor.execute("UPDATE audit_trail_auditlog SET reason = 'other' WHERE id = %s", [block[1]])
        cursor.execute(_LEAVES, [block[2]])
        leaves = bytes(cursor.fetchone()[0])
        root = merkle.node_hash(bytes(32), merkle.root([leaves[i : i + 32] for i in range(0, len(leaves), 32)]))
        cursor.execute("UPDATE audit_trail_seal SET leaves = %s, root = %s WHERE number = 1", [leaves, root])
    assert audit_trail.verify(at=now()).breaks == ["seal 2 does not follow the seal before it"]


def test_names_a_seal_that_was_removed(block):
    with unguarded(SEAL) as cursor:
        cursor.execute("DELETE FROM audit_trail_seal WHERE number = 1")
    assert "seal 1 is missing" in audit_trail.verify(at=now()).breaks


def test_an_end_that_was_cut_off_after_a_check_is_found(block):
    assert audit_trail.verify(at=now()).is_intact
    with unguarded(LOG, SEAL) as cursor:
        cursor.execute("DELETE FROM audit_trail_seal WHERE number = 2")
        cursor.execute("DELETE FROM audit_trail_auditlog WHERE id > %s", [block[2]])
    check = audit_trail.verify(at=now())
    assert check.breaks == ["seal 2 is missing: an earlier check or anchor saw it"]
    audit_trail.record("a.b.e", on="x/1", by=None, at=now())
    audit_trail.seal_due(at=now())
    assert "seal 2 was changed: an earlier check or anchor saw another root" in audit_trail.verify(at=now()).breaks


def test_checks_the_newest_blocks_alone_when_asked(block):
    with unguarded(LOG) as cursor:
        cursor.execute("DELETE FROM audit_trail_auditlog WHERE id = %s", [block[0]])
    newest = audit_trail.verify(at=now(), last_blocks=1)
    assert (newest.from_seal, newest.upto_seal, newest.records, newest.is_intact) == (2, 2, 2, True)
    assert not audit_trail.verify(at=now(), last_blocks=9).is_intact


def test_leaves_can_be_recomputed_by_anyone(block):
    """In Python, without our SQL; and no session's time zone may change a leaf."""
    row = AuditLog.objects.order_by("pk")[0]
    values = [getattr(row, name) for name in SEALED_COLUMNS]
    values[-2:] = [round(moment.timestamp() * 1_000_000) for moment in values[-2:]]
    leaf = merkle.leaf_hash(json.dumps(values, ensure_ascii=False).encode())
    assert leaf == bytes(Seal.objects.get(number=1).leaves)[:32]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Asia/Tokyo'")
    assert leaf == bytes(AuditLog.objects.with_leaf().get(pk=row.pk).leaf_hash)


def test_the_command_says_so_and_fails_when_broken(block):
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert out.getvalue().startswith("Intact: 5 records in seals 1 to 2.")
    with unguarded(LOG) as cursor:
        cursor.execute("DELETE FROM audit_trail_auditlog WHERE id = %s", [block[4]])
    with pytest.raises(CommandError, match=f"record {block[4]} is missing"):
        call_command("verify_audit", last=1)


def test_the_nightly_job_writes_a_check(block):
    tasks.verify_chain()
    assert IntegrityCheck.objects.get().is_intact


def test_takes_few_queries_for_many_blocks(block, django_assert_max_num_queries):
    for _ in range(5):
        audit_trail.record("a.b.c", on="x/1", by=None, at=now())
        audit_trail.seal_due(at=now())
    with django_assert_max_num_queries(7 + 12):
        audit_trail.verify(at=now())
