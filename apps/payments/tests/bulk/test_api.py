"""Files of payments by API: the whole way by two people, and nobody else's."""

import csv
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.testing import balance_of
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import code_sent_to
from apps.payments import tasks
from apps.payments.models import BulkPayment
from apps.payments.paysheet import read_sheet
from apps.payments.testing import csv_file
from apps.payments.tests.bulk.firm import Firm, people_paid
from apps.users.testing import bearer, make_customer, make_member, make_staff

BULK = "/api/v1/payments/bulk/"


@pytest.fixture
def firm(db):
    return Firm()


def bring(client, firm, rows, *, by=None, key="key-1", content=None):
    body = {
        "file": SimpleUploadedFile("july.csv", content or csv_file(rows), "text/csv"),
        "from_account": firm.account.pk,
        "business": firm.business.pk,
        "name": "July salaries",
    }
    return client.post(BULK, body, headers={**bearer(by or firm.owner), "Idempotency-Key": key})


def act(client, bulk, verb, who, body=None):
    return client.post(f"{BULK}{bulk['id']}/{verb}", body or {}, content_type="application/json", headers=bearer(who))


def proof(client, bulk, verb, who):
    asked = act(client, bulk, "challenge/", who, {"act": verb})
    assert asked.status_code == 201, asked.json()
    return {"challenge": asked.json()["challenge"]["id"], "code": code_sent_to(str(who.phone))}


def test_the_whole_way_by_two_people(client, firm):
    payees, rows = people_paid(2)
    bulk = bring(client, firm, rows)
    assert (bulk.status_code, bulk.json()["status"], bulk.json()["may_submit"]) == (201, "CHECKED", True)
    assert bring(client, firm, rows).json()["id"] == bulk.json()["id"]
    bulk = bulk.json()
    asked = act(client, bulk, "submit/", firm.owner, proof(client, bulk, "submit", firm.owner))
    assert (asked.status_code, asked.json()["status"], asked.json()["eyes"]) == (200, "WAITING", "MEMBERS")
    assert act(client, bulk, "approve", firm.owner, {}).status_code == 403
    given = proof(client, bulk, "approve", firm.signatory)
    done = act(client, bulk, "approve", firm.signatory, given)
    assert (done.status_code, done.json()["status"]) == (200, "RUNNING")
    assert act(client, bulk, "approve", firm.signatory, given).status_code == 200
    tasks.sweep_bulk()
    seen = client.get(f"{BULK}{bulk['id']}/", headers=bearer(firm.signatory)).json()
    assert (seen["status"], seen["progress"]) == ("DONE", {"paid": 2, "sent": 0, "failed": 0})
    assert [balance_of(one) for one in payees] == ["1000.00"] * 2
    assert_books_balance()


def test_a_bad_file_says_why_and_another_with_the_same_key_is_409(client, firm):
    refused = bring(client, firm, [], content=b"a,b\n1,2\n")
    assert (refused.status_code, refused.json()["reason"]) == (422, "NO_HEADER")
    assert bring(client, firm, people_paid(1)[1]).status_code == 201
    assert bring(client, firm, people_paid(2)[1]).status_code == 409
    missing = client.post(BULK, {"name": "x"}, headers=bearer(firm.owner))
    assert missing.status_code == 400


def test_strangers_find_nothing_and_viewers_may_only_look(client, firm):
    bulk = bring(client, firm, people_paid(1)[1]).json()
    viewer, stranger = make_member(firm.business, "VIEWER"), make_customer()
    assert client.get(f"{BULK}{bulk['id']}/", headers=bearer(viewer)).status_code == 200
    assert act(client, bulk, "challenge/", viewer, {"act": "submit"}).status_code == 403
    assert act(client, bulk, "cancel/", viewer).status_code == 403
    assert act(client, bulk, "check/", viewer).status_code == 403
    assert bring(client, firm, [], by=viewer, key="k2").status_code == 403
    assert bring(client, firm, [], by=stranger, key="k2").status_code == 404
    for verb in ("", "rows/", "report/"):
        for who in (stranger, make_staff("BRANCH_MANAGER")):
            assert client.get(f"{BULK}{bulk['id']}/{verb}", headers=bearer(who)).status_code == 404
    for verb in ("submit/", "approve", "reject/", "cancel/", "challenge/"):
        body = {"act": "submit"} if verb == "challenge/" else {"reason": "x"} if verb == "reject/" else {}
        assert act(client, bulk, verb, stranger, body).status_code == 404
    assert client.get(BULK).status_code == 401
    assert client.get(BULK, headers=bearer(stranger)).json()["results"] == []


def test_bad_rows_are_refused_until_they_are_left_out_by_name(client, firm):
    _payees, rows = people_paid(1)
    bulk = bring(client, firm, [*rows, ("", "", "1", "")]).json()
    assert (bulk["good_rows"], bulk["bad_rows"]) == (1, 1)
    given = proof(client, bulk, "submit", firm.owner)
    refused = act(client, bulk, "submit/", firm.owner, given)
    assert (refused.status_code, refused.json()["code"]) == (422, "bulk_bad_rows")
    again = act(client, bulk, "submit/", firm.owner, {"challenge": given["challenge"], "leave_out_bad": True})
    assert again.json()["status"] == "WAITING"
    rows = client.get(f"{BULK}{bulk['id']}/rows/?status=BAD", headers=bearer(firm.owner)).json()
    assert [(one["error"], one["number"]) for one in rows["results"]] == [("PAYEE_MISSING", 3)]
    rejected = act(client, bulk, "reject/", firm.signatory, {"reason": "Not yet"})
    assert (rejected.status_code, rejected.json()["status"]) == (200, "REJECTED")


def test_reports_run_nothing_and_what_is_to_correct_can_be_brought_again(client, firm):
    _payees, rows = people_paid(1)
    nasty = ("0799", "=cmd|'/c calc'!A0", "1e5", "@x")
    bulk = bring(client, firm, [*rows, nasty, (f"+254{rows[0][0][4:]}", "+Jo", "5", "")]).json()
    get = lambda query: client.get(f"{BULK}{bulk['id']}/report/?{query}", headers=bearer(firm.owner))  # noqa: E731
    table = list(csv.reader(io.StringIO(get("as=csv").content.decode("utf-8-sig"))))
    assert len(table) == 4
    assert not [cell for row in table for cell in row if cell.startswith(("=", "+", "-", "@"))]
    book = openpyxl.load_workbook(io.BytesIO(get("as=xlsx").content))
    assert {cell.data_type for row in book.worksheets[0].iter_rows() for cell in row} <= {"s", "inlineStr", "n"}
    to_correct = get("as=csv&only=bad").content
    again = read_sheet(to_correct, places=2)
    assert [row.number for row in again.rows] == [2, 3]
    assert again.ignored == ("problem",)


def test_the_list_asks_as_many_questions_whatever_its_length(client, firm):
    head = bearer(firm.owner)

    def count(n):
        for nth in range(n):
            assert bring(client, firm, people_paid(1)[1], key=f"{n}-{nth}").status_code == 201
        with CaptureQueriesContext(connection) as seen:
            assert client.get(BULK, headers=head).status_code == 200
        return len(seen)

    assert count(1) == count(4)
    bulk = BulkPayment.objects.latest("pk")
    with CaptureQueriesContext(connection) as seen:
        assert client.get(f"{BULK}{bulk.public_id}/rows/", headers=head).status_code == 200
    assert len(seen) <= 8
