"""A loan that friends stand for, from the wish to the last shilling: pages of customers and of two officers alone."""

from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import expect

from apps.accounts.testing import balance_of, give, make_account
from apps.kernel.clock import now
from apps.ledger.testing import assert_books_balance
from apps.lending.models import Loan
from apps.lending.testing import end_days, make_borrower, make_officer
from apps.notifications.testing import code_sent_to
from apps.portals.tests.journeys.test_customer_browser import sign_in
from apps.users.testing import make_customer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people():
    """A borrower with savings, and a friend who has more."""
    account = make_borrower(deposits="60000", full_name="Achieng Otieno", kyc_tier="TIER_2")
    make_account(account.owner, balance="20000", product="SAVINGS")
    friend = make_customer(full_name="Baraka Mwangi", phone="+254722000114")
    make_account(friend)
    make_account(friend, balance="90000", product="SAVINGS")
    return account, friend


def ask_and_be_stood_for(phone, live_server, account, friend):
    """Returns the loan once it waits for officers."""
    sign_in(phone, live_server.url, account.owner)
    phone.goto(f"{live_server.url}/borrow/apply/need?amount=60000&purpose=SCHOOL")
    phone.click("text=See the offer: Savings-backed loan")
    phone.click("main form[method=post] button[type=submit].tall")
    phone.fill("#id_phone", "0722 000 114")
    phone.fill("#id_amount", "45000")
    phone.click("main button:has-text('Ask')")
    expect(phone.locator("main")).to_contain_text("Baraka M.")
    phone.context.clear_cookies()
    sign_in(phone, live_server.url, friend)
    phone.goto(f"{live_server.url}/borrow")
    phone.click("text=Achieng O.")
    phone.click("text=Send me a code by SMS")
    phone.fill("#id_code", code_sent_to(str(friend.phone)))
    phone.click("text=Hold my savings for this loan")
    expect(phone.locator("main")).to_contain_text("Held now")
    phone.context.clear_cookies()
    return Loan.objects.get()


def decide(window, live_server, loan, button, note="School fees of two, known for years"):
    """One officer's act on the loan's page."""
    window.goto(f"{live_server.url}/workbench/loans/{loan.public_id}/")
    if window.locator("#id_note").count():
        window.fill("#id_note", note)
    window.click(f"main button:has-text('{button}')")
    window.wait_for_load_state()


def sign(phone, live_server, loan, borrower):
    """The borrower reads and signs with a code."""
    sign_in(phone, live_server.url, borrower)
    phone.goto(f"{live_server.url}/borrow/{loan.public_id}")
    phone.click("text=Read and sign")
    phone.click("text=Send me a code by SMS")
    phone.fill("#id_code", code_sent_to(str(borrower.phone)))
    phone.click("button:has-text('Sign; pay back')")
    expect(phone.locator("main")).to_contain_text("Signed")


def test_from_the_wish_through_arrears_to_the_last_shilling(phone, at_work, live_server, people):
    account, friend = people
    before = balance_of(account)
    loan = ask_and_be_stood_for(phone, live_server, account, friend)
    first, second = make_officer("1000000"), make_officer("1000000")
    one, two = at_work(first), at_work(second)
    decide(two, live_server, loan, "Approve")
    expect(two.locator("main")).to_contain_text("Two officers look at a loan of this size")
    decide(one, live_server, loan, "I recommend it")
    decide(two, live_server, loan, "Approve")
    sign(phone, live_server, loan, account.owner)
    decide(two, live_server, loan, "Pay out")
    loan.refresh_from_db()
    assert (loan.status, loan.reviewed_by, loan.decided_by) == ("ACTIVE", first, second)
    assert float(balance_of(account)) > float(before)

    began = now()
    Loan.objects.update(auto_debit=False)
    with time_machine.travel(began + timedelta(days=75), tick=True):
        end_days(began, now())
        one, two = at_work(first), at_work(second)
        one.goto(f"{live_server.url}/workbench/queues/collections/")
        expect(one.locator("main")).to_contain_text("Achieng Otieno")
        one.goto(f"{live_server.url}/workbench/loans/{loan.public_id}/")
        expect(one.locator("main")).to_contain_text("days late")
        one.select_option("#id_why", "RESCHEDULED")
        one.fill("#id_periods", "6")
        one.fill("#id_reason", "Her salary comes three months late; six instalments more")
        one.click("main button:has-text('Ask for it')")
        two.goto(f"{live_server.url}/workbench/approvals/")
        two.click("text=Other terms for a loan")
        two.click("main button:has-text('Approve')")
        two.wait_for_load_state()
        loan.refresh_from_db()
        assert (loan.is_restructured, loan.version) == (True, 2)

        give(account, "90000")
        phone.context.clear_cookies()
        sign_in(phone, live_server.url, account.owner)
        phone.goto(f"{live_server.url}/borrow/{loan.public_id}")
        phone.click("text=Pay all of it off")
        expect(phone.locator("main")).to_contain_text("Nothing: the loan is over")
    loan.refresh_from_db()
    assert loan.status == "PAID"
    assert_books_balance()
    assert phone.wrong + one.wrong + two.wrong == []
