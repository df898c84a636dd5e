"""Collections at the desk: the queue, one case with everything that can be done, early warnings; in both languages."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from apps.credit_scoring import operations as credit
from apps.credit_scoring.models import EarlyWarning
from apps.kernel.clock import local_date
from apps.lending.models import CollectionCase, CollectionEntry, CollectionLetter, Loan, Promise, Visit
from apps.lending.operations import collections
from apps.lending.testing import end_days, make_borrower, make_late_loan, make_loan, make_officer
from apps.portals.banker import collection_case
from apps.portals.banker import collections as desk
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
TEN = datetime(2026, 3, 10, 10, tzinfo=ZoneInfo("Africa/Nairobi"))  # a Tuesday


@pytest.fixture(autouse=True)
def at_ten(monkeypatch):
    for module in (desk, collection_case):
        monkeypatch.setattr(module, "now", lambda: TEN)


@pytest.fixture
def loan():
    return make_late_loan(at=TEN, full_name="Nyambura wa Kimathi-Odhiambo")


def case_of(loan):
    return CollectionCase.objects.shown().get(loan=loan)


def where(loan):
    return reverse("admin:collection", args=[case_of(loan).public_id])


def log_of(loan):
    return list(CollectionEntry.objects.filter(case__loan=loan).order_by("pk").values_list("what", flat=True))


def test_lists_with_a_fixed_number_of_queries(django_assert_num_queries):
    began = TEN - timedelta(days=34)
    for amount in ("5000", "3000", "4000"):
        made = make_loan(make_borrower(at=began), amount, at=began)
        Loan.objects.filter(pk=made.pk).update(auto_debit=False)
    end_days(TEN - timedelta(days=1), TEN)
    client = enter(make_officer())
    client.get(reverse("admin:collections"))
    with django_assert_num_queries(12):
        shown = client.get(reverse("admin:collections")).content.decode()
    assert shown.index("5,000.00") < shown.index("4,000.00") < shown.index("3,000.00")
    for view in ("mine", "free", "due", "promised", "broken", "more-time", "nonsense"):
        assert client.get(reverse("admin:collections"), {"view": view}).status_code == 200
    assert "5,000.00" not in client.get(reverse("admin:collections"), {"view": "mine"}).content.decode()
    assert "5,000.00" not in client.get(reverse("admin:collections"), {"stage": "LEGAL"}).content.decode()
    assert "5,000.00" in client.get(reverse("admin:collections"), {"late": "1", "stage": "REMIND"}).content.decode()


@pytest.mark.parametrize("language", ["en", "sw"])
def test_every_page_is_strict_in_both_languages(loan, language):
    officer = make_officer()
    client = enter(officer, kitbank_language=language)
    collections.promise(loan=loan, amount=loan.arrears, due_on=local_date(TEN), key="k", by=loan.borrower, at=TEN)
    for address in (reverse("admin:collections"), where(loan), reverse("admin:warnings"), "/workbench/"):
        page = client.get(address)
        assert page.status_code == 200
        assert faults_of(page.content.decode()) == [], address
    shown = client.get(where(loan)).content.decode()
    assert ("Promised to pay" in shown) is (language == "en")
    assert ("Ameahidi kulipa" in shown) is (language == "sw")


def test_a_case_is_worked_on_from_its_page(loan):
    officer, address = make_officer(), where(loan)
    client = enter(officer)
    today = str(local_date(TEN))
    acts = [
        {"act": "claim"},
        {"act": "call", "person": loan.borrower_id, "outcome": "REACHED", "note": "Pays on Friday"},
        {"act": "note", "note": "Sells fish at Jubilee market"},
        {"act": "message", "text": "MORE_TIME"},
        {"act": "letter", "kind": "REMINDER"},
        {"act": "plan-visit", "on": today, "place": "Her stall"},
        {"act": "write-visit", "outcome": "MET", "note": "Stall is open"},
        {"act": "promise", "key": "0" * 32, "amount": "1,000", "due_on": today},
        {"act": "withdraw"},
        {"act": "next", "next_act": "CALL", "on": today},
        {"act": "hand-over", "to": make_staff("LOAN_OFFICER").pk, "note": "You know her"},
    ]
    for posted in acts:
        answer = client.post(address, posted)
        assert answer.status_code == 303, (posted, answer.content.decode()[:3000])
    assert log_of(loan) == [
        "OPENED", "TAKEN", "CALL", "NOTE", "MESSAGE", "LETTER", "VISIT_PLANNED", "VISIT", "PROMISED", "WITHDRAWN",
        "NEXT", "HANDED_OVER",
    ]  # fmt: skip
    shown = client.get(address).content.decode()
    for words in ("Pays on Friday", "Sells fish", "Her stall", "Reminder", "1,000.00", "0712"[:2]):
        assert words in shown
    letter = CollectionLetter.objects.get()
    paper = client.get(reverse("admin:collection-letter", args=[case_of(loan).public_id, letter.public_id]))
    assert paper.content.startswith(b"%PDF")
    assert (Visit.objects.get().status, Promise.objects.get().status) == ("DONE", "WITHDRAWN")


@pytest.mark.parametrize(
    ("posted", "status", "words"),
    [
        ({"act": "call", "outcome": "REACHED", "note": ""}, 422, ""),
        ({"act": "promise", "key": "0" * 32, "amount": "999999", "due_on": "2026-03-11"}, 422, "You owe"),
        ({"act": "promise", "key": "0" * 32, "amount": "10", "due_on": "2026-12-11"}, 422, "From today to"),
        ({"act": "plan-visit", "on": "2026-03-15", "place": "Home"}, 422, "Sunday"),
        ({"act": "guarantors", "reason": "x"}, 409, "Nobody stands"),
        ({"act": "release"}, 409, "do not work"),
        ({"act": "nonsense"}, 422, "no such act"),
        ({"act": "withdraw"}, 422, "No promise"),
    ],
)
def test_a_refusal_says_why_and_nothing_is_written(loan, posted, status, words):
    if posted["act"] == "call":
        posted = posted | {"person": loan.borrower_id}
    answer = enter(make_officer()).post(where(loan), posted)
    assert (answer.status_code, words in answer.content.decode()) == (status, True)
    assert log_of(loan) == ["OPENED"]


def test_says_why_nobody_is_called_at_night(loan, monkeypatch):
    monkeypatch.setattr(collection_case, "now", lambda: TEN.replace(hour=20, minute=30))
    client = enter(make_officer())
    shown = client.get(where(loan)).content.decode()
    assert "It is too late in the day." in shown
    asked = {"act": "call", "person": loan.borrower_id, "outcome": "REACHED", "note": "x"}
    refused = client.post(where(loan), asked)
    assert refused.status_code == 422
    assert "11 Mar 2026" in refused.content.decode()
    assert log_of(loan) == ["OPENED"]


def test_more_time_is_answered_from_the_page(loan):
    collections.ask_more_time(loan=loan, says="The harvest is late", by=loan.borrower, at=TEN)
    client = enter(make_officer())
    assert "The harvest is late" in client.get(where(loan)).content.decode()
    assert client.post(where(loan), {"act": "decline", "because": "You had more time"}).status_code == 303
    assert log_of(loan)[-1] == "MORE_TIME_DECLINED"


@pytest.mark.parametrize("role", ["TELLER", "SUPPORT_AGENT", "AUDITOR"])
def test_is_closed_to_those_without_the_right(loan, role):
    client = enter(make_staff(role))
    for address in (reverse("admin:collections"), where(loan), reverse("admin:warnings")):
        assert client.get(address).status_code == 403


def test_nobody_opens_their_own_case(loan):
    officer, address = make_officer(), where(loan)
    Loan.objects.filter(pk=loan.pk).update(borrower=officer)
    client = enter(officer)
    assert client.get(address).status_code == 404
    assert client.post(address, {"act": "claim"}).status_code == 404


def test_the_loan_the_customer_and_the_palette_lead_to_the_case(loan):
    client = enter(make_officer())
    address = where(loan)
    assert address in client.get(reverse("admin:loan", args=[loan.public_id])).content.decode()
    assert reverse("admin:collections") in client.get("/workbench/go/?q=Collections").content.decode()
    client.post(reverse("admin:customer", args=[loan.borrower_id]), {"reason": "call"})
    assert address in client.get(reverse("admin:customer", args=[loan.borrower_id])).content.decode()
    assert "1 loan is late" in client.get("/workbench/").content.decode()


def test_a_warning_is_taken_and_closed_with_what_was_agreed(loan):
    row = credit.raise_warning(
        user=loan.borrower, loan_reference=f"loan/{loan.pk}", signal="INCOME_FELL", severity="SERIOUS",
        facts={"was_minor": 4_000_000, "is_minor": 1_000_000}, at=TEN,
    )  # fmt: skip
    client, address = enter(make_officer()), reverse("admin:warnings")
    shown = client.get(address).content.decode()
    assert "10,000.00 came in during the last 30 days" in shown
    assert loan.reference in shown
    assert client.post(address, {"act": "take", "warning": row.pk}).status_code == 303
    assert client.post(address, {"act": "close", "warning": row.pk, "agreed": ""}).status_code == 422
    other = enter(make_officer())
    assert other.post(address, {"act": "close", "warning": row.pk, "agreed": "Mine"}).status_code == 422
    assert client.post(address, {"act": "close", "warning": row.pk, "agreed": "Pays weekly"}).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.agreed) == ("CLOSED", "Pays weekly")
    assert client.post(address, {"act": "take", "warning": row.pk}).status_code == 409
    assert EarlyWarning.objects.count() == 1
