"""Records taken out as a file, and who saw a customer; both themselves written down."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from openpyxl import load_workbook

from apps.audit_trail import operations as audit_trail
from apps.audit_trail import queries, record_files
from apps.audit_trail.errors import TooManyRecords
from apps.audit_trail.models import AuditLog, IntegrityCheck
from apps.audit_trail.queries import Question
from apps.audit_trail.tests.people import make_auditor, make_person
from apps.audit_trail.tests.tampering import unguarded
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed
from apps.kernel.testing import deliver_events

pytestmark = pytest.mark.django_db
ASKED = Question(action="a.b.c")


@pytest.fixture
def auditor():
    return make_auditor()


@pytest.fixture
def record():
    facts = {"phone": "0712345908", "note": "=1+1"}
    return audit_trail.record("a.b.c", on="x/1", by=make_person(), at=now(), after=facts, reason="=cmd|x")


def taken(question, by, kind="csv"):
    answer = record_files.file_of(question, kind=kind, by=by, at=now())
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def exports():
    return AuditLog.objects.filter(action="audit_trail.records.exported")


def test_a_sheet_holds_what_answers_with_personal_data_struck_out(auditor, record):
    rows = list(csv.DictReader(io.StringIO(taken(ASKED, auditor).decode())))
    assert [row["id"] for row in rows] == [str(record)]
    assert "0712 ••• 908" in rows[0]["after"]
    assert rows[0]["reason"] == "'=cmd|x", "no sheet takes a reason for a formula"


def test_it_is_written_down_with_what_was_asked(auditor, record):
    taken(ASKED, auditor)
    assert exports().get().after == {"kind": "csv", "records": 1, "action": "a.b.c"}


def test_excel_and_pdf_hold_the_same(auditor, record):
    sheet = load_workbook(io.BytesIO(taken(ASKED, auditor, "xlsx"))).active
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == [record]
    assert taken(ASKED, auditor, "pdf")[:5] == b"%PDF-"


def test_a_sign_of_no_writing_in_a_reason_does_not_keep_a_workbook_from_being_made(auditor):
    audit_trail.record("a.b.c", on="x/\x02", by=make_person(), at=now(), reason="It\x07 rang")
    sheet = load_workbook(io.BytesIO(taken(ASKED, auditor, "xlsx"))).active
    assert [(row[4], row[6]) for row in sheet.iter_rows(min_row=2, values_only=True)] == [("x/", "It rang")]


def test_too_many_are_refused_and_nothing_leaves(auditor, record, monkeypatch):
    monkeypatch.setitem(record_files.MOST, "csv", 0)
    with pytest.raises(TooManyRecords):
        taken(ASKED, auditor)
    assert not exports().exists()


def test_only_auditors_take_out(record):
    with pytest.raises(NotAllowed):
        taken(ASKED, make_person(is_staff=True))
    assert not exports().exists()


def test_who_saw_a_customer_is_every_look_by_somebody_else():
    person, teller = make_person(), make_person(is_staff=True)
    for action, by in (("users.customer.viewed", teller), ("users.user.signed_in", person), ("a.b.viewed", person)):
        audit_trail.record(action, on=person, by=by, at=now(), reason="At the counter")
    audit_trail.record("users.customer.viewed", on=make_person(), by=teller, at=now())
    assert [(row.actor, row.reason) for row in queries.looks_at(person)] == [(teller, "At the counter")]


def test_everything_is_verified_when_asked_and_found_beside_the_name(auditor):
    audit_trail.ask_verify(by=auditor, at=now())
    deliver_events()
    assert IntegrityCheck.objects.get().by == auditor


def test_one_byte_changed_by_the_owner_of_the_database_is_named(record):
    audit_trail.record("a.b.d", on="x/2", by=None, at=now())
    audit_trail.seal_due(at=now())
    with unguarded("audit_trail_auditlog") as cursor:
        changed = "reason = overlay(reason PLACING '+' FROM 1 FOR 1)"
        cursor.execute(f"UPDATE audit_trail_auditlog SET {changed} WHERE id = %s", [record])
    check = audit_trail.verify(at=now() + timedelta(seconds=1))
    assert (check.is_intact, check.breaks) == (False, [f"record {record} was changed"])


def test_a_byte_cannot_be_changed_while_the_guard_stands(record):
    with pytest.raises(DatabaseError, match="pgtrigger"), connection.cursor() as cursor:
        cursor.execute("UPDATE audit_trail_auditlog SET reason = 'x' WHERE id = %s", [record])
