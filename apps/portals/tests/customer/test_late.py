"""A loan that is late on its borrower's pages: a calm plan, a promise, a wish for more time, letters to read."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.kernel.clock import local_date
from apps.lending.models import CollectionCase, MoreTime, Promise
from apps.lending.operations import collections
from apps.lending.testing import make_late_loan, make_officer
from apps.portals.customer import loan_late, loans
from apps.portals.testing import sign_in
from apps.portals.tests.customer.loans import KEY, text
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db
TEN = datetime(2026, 3, 10, 10, tzinfo=ZoneInfo("Africa/Nairobi"))


@pytest.fixture(autouse=True)
def at_ten(monkeypatch):
    for module in (loan_late, loans):
        monkeypatch.setattr(module, "now", lambda: TEN)


@pytest.fixture
def loan():
    return make_late_loan(at=TEN)


def promise(browser, loan, **fields):
    key = KEY.search(browser.get(f"/borrow/{loan.public_id}/late").content.decode())[1]
    asked = {"act": "promise", "idempotency_key": key, "amount": "1000", "due_on": str(local_date(TEN))}
    return browser.post(f"/borrow/{loan.public_id}/late", asked | fields)


def test_a_day_is_promised_once(loan):
    browser = sign_in(loan.borrower)
    assert "Promise a day or ask for more time" in text(browser.get(f"/borrow/{loan.public_id}"))
    refused = promise(browser, loan, due_on=str(local_date(TEN) + timedelta(days=40)))
    assert "From today to" in text(refused, 422)
    assert "You owe" in text(promise(browser, loan, amount="99999"), 422)
    assert not Promise.objects.exists()
    assert promise(browser, loan).status_code == 303
    assert "You promised" in text(browser.get(f"/borrow/{loan.public_id}"))
    page = text(browser.get(f"/borrow/{loan.public_id}/late"))
    assert "I promise it" not in page
    assert Promise.objects.count() == 1


def test_more_time_is_asked_for_and_the_answer_is_read(loan):
    browser, address = sign_in(loan.borrower), f"/borrow/{loan.public_id}"
    assert browser.post(f"{address}/late", {"act": "more-time", "says": ""}).status_code == 422
    for _click in range(2):
        asked = {"act": "more-time", "says": "The harvest is late"}
        assert browser.post(f"{address}/late", asked).status_code == 303
    wish = MoreTime.objects.select_related("loan__borrower", "case__loan__borrower").get()
    assert "An officer answers you" in text(browser.get(address))
    collections.decline_more_time(wish=wish, because="You had more time in May", by=make_officer(), at=TEN)
    assert "You had more time in May" in text(browser.get(address))


def test_letters_are_read_by_their_borrower_alone(loan):
    case = CollectionCase.objects.shown().get()
    row = collections.send_letter(case=case, kind="DEMAND", by=make_officer(), at=TEN)
    browser, address = sign_in(loan.borrower), f"/borrow/{loan.public_id}/letters/{row.public_id}.pdf"
    assert "Demand" in text(browser.get(f"/borrow/{loan.public_id}"))
    assert browser.get(address).content == bytes(row.paper)
    assert sign_in(make_customer()).get(address).status_code == 404


def test_nobody_else_sees_or_promises(loan):
    stranger = sign_in(make_customer())
    assert stranger.get(f"/borrow/{loan.public_id}/late").status_code == 404
    asked = {"act": "more-time", "says": "x"}
    assert stranger.post(f"/borrow/{loan.public_id}/late", asked).status_code == 404
    assert not MoreTime.objects.exists()


def test_speaks_kiswahili(loan):
    browser = sign_in(loan.borrower)
    browser.cookies["kitbank_language"] = "sw"
    page = text(browser.get(f"/borrow/{loan.public_id}/late"))
    assert "Ahidi siku" in page
    assert "Promise" not in page
