"""Late loans by API: the borrower's two acts, the desk's, the wall between them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.kernel.clock import local_date
from apps.lending.api import collections as door
from apps.lending.models import CollectionCase, CollectionEntry, Loan, MoreTime, Promise
from apps.lending.testing import end_days, make_borrower, make_late_loan, make_loan, make_officer
from apps.lending.tests.test_api import Door, money
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db
TEN = datetime(2026, 3, 10, 10, tzinfo=ZoneInfo("Africa/Nairobi"))
ALL = "/api/v1/admin/loans/collections/"
FRIDAY = "2026-03-13"


@pytest.fixture(autouse=True)
def at_ten(monkeypatch):
    monkeypatch.setattr(door, "now", lambda: TEN)


@pytest.fixture
def loan():
    return make_late_loan(at=TEN)


@pytest.fixture
def desk(client):
    return Door(client, make_officer())


def one(loan):
    return f"{ALL}{CollectionCase.objects.get(loan=loan).public_id}/"


def test_a_borrower_promises_and_asks_for_more_time(client, loan):
    mine, path = Door(client, loan.borrower), f"/api/v1/loans/{loan.public_id}/"
    body = {"amount": money("1000.00"), "due_on": FRIDAY}
    made = mine.post(f"{path}promise/", body)
    assert (made.status_code, made.json()["status"], made.json()["due_on"]) == (201, "OPEN", FRIDAY)
    again = mine.post(f"{path}promise/", body)
    assert (again.status_code, again.json()["code"]) == (409, "promise_runs")
    wish = mine.post(f"{path}more-time/", {"says": "The harvest is late"})
    assert (wish.status_code, wish.json()["status"]) == (201, "ASKED")
    assert mine.post(f"{path}more-time/", {"says": "Please"}).json()["id"] == wish.json()["id"]
    stranger = Door(client, make_customer())
    assert stranger.post(f"{path}promise/", body).status_code == 404
    assert stranger.post(f"{path}more-time/", {"says": "x"}).status_code == 404
    assert mine.get(ALL).status_code == 403
    assert (Promise.objects.count(), MoreTime.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"amount": money("0.00"), "due_on": FRIDAY}, 400, None),
        ({"amount": money("99999.00"), "due_on": FRIDAY}, 422, "more_than_owed"),
        ({"amount": {"amount": "10.00", "currency": "USD"}, "due_on": FRIDAY}, None, None),
        ({"amount": money("10.00"), "due_on": "2026-05-01"}, 400, "term_not_offered"),
        ({"amount": money("10.00"), "due_on": "soon"}, 400, None),
    ],
)
def test_refuses_a_promise_and_writes_nothing(client, loan, body, status, code):
    answer = Door(client, loan.borrower).post(f"/api/v1/loans/{loan.public_id}/promise/", body)
    assert answer.status_code == (status or answer.status_code)
    assert answer.status_code >= 400
    assert code is None or answer.json()["code"] == code
    assert not Promise.objects.exists()


def test_the_desk_works_on_a_case(loan, desk):
    path = one(loan)
    for verb, body, status in (
        ("claim", {}, 200),
        ("call", {"outcome": "REACHED", "note": "Pays on Friday"}, 200),
        ("note", {"note": "Sells fish"}, 200),
        ("message", {"text": "REMINDER"}, 200),
        ("promise", {"amount": money("500.00"), "due_on": FRIDAY}, 201),
        ("visit", {"on": FRIDAY, "place": "Her stall"}, 201),
        ("visit", {"outcome": "NOT_THERE", "note": "Closed"}, 201),
        ("letter", {"kind": "REMINDER"}, 201),
        ("next", {"act": "CALL", "on": FRIDAY}, 200),
        ("release", {}, 200),
        ("hand-over", {"to": make_officer().pk, "note": "You know her"}, 200),
        ("call-guarantors", {"reason": "No word"}, 409),
        ("more-time", {"declined_because": "No"}, 404),
    ):
        answer = desk.post(f"{path}{verb}/", body)
        assert answer.status_code == status, (verb, answer.json())
    shown = desk.get(path).json()
    assert [line["what"] for line in shown["lines"]][-1] == "OPENED"
    assert {way["kind"]: way["is_allowed"] for way in shown["ways"]}["MESSAGE"] is False
    assert shown["arrears"] == money("5250.00") or shown["days_late"] == 3


def test_a_contact_that_is_not_allowed_says_from_when_it_is(loan, desk, monkeypatch):
    monkeypatch.setattr(door, "now", lambda: TEN.replace(hour=20))
    answer = desk.post(f"{one(loan)}call/", {"outcome": "REACHED", "note": "x"})
    assert (answer.status_code, answer.json()["code"]) == (422, "contact_not_allowed")
    assert answer.json()["again_at"] == "2026-03-11T08:00:00+03:00"
    assert CollectionEntry.objects.filter(what="CALL").count() == 0


def test_more_time_is_answered_by_other_terms(client, loan, desk):
    Door(client, loan.borrower).post(f"/api/v1/loans/{loan.public_id}/more-time/", {"says": "Harvest"})
    body = {"why": "RESCHEDULED", "periods": 1, "reason": "Harvest"}
    answer = desk.post(f"{one(loan)}more-time/", body)
    assert (answer.status_code, answer.json()["status"]) == (200, "PASSED_ON")
    assert desk.post(f"{one(loan)}more-time/", {"declined_because": "No"}).status_code == 409


def test_lists_with_a_fixed_number_of_queries(desk, django_assert_num_queries):
    began = TEN - timedelta(days=34)
    for amount in ("5000", "3000"):
        made = make_loan(make_borrower(at=began), amount, at=began)
        Loan.objects.filter(pk=made.pk).update(auto_debit=False)
    end_days(TEN - timedelta(days=1), TEN)
    desk.get(ALL)
    with django_assert_num_queries(6):
        found = desk.get(ALL).json()
    assert [row["principal_left"]["amount"] for row in found["results"]] == ["5000.00", "3000.00"]
    assert desk.get(f"{ALL}?stage=LEGAL").json()["count"] == 0
    assert desk.get(f"{ALL}?late=3&view=free").json()["count"] == 2


@pytest.mark.parametrize("role", ["TELLER", "SUPPORT_AGENT", "AUDITOR"])
def test_is_closed_without_the_right(client, loan, role):
    staff = Door(client, make_staff(role))
    assert staff.get(ALL).status_code == 403
    assert staff.post(f"{one(loan)}claim/").status_code == 403


def test_nobody_reads_the_case_about_themselves(client, loan):
    officer = make_officer()
    Loan.objects.filter(pk=loan.pk).update(borrower=officer)
    mine = Door(client, officer)
    assert mine.get(one(loan)).status_code == 404
    assert mine.get(ALL).json()["count"] == 0
    assert local_date(TEN).isoformat() == "2026-03-10"
