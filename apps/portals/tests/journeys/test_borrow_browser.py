"""Borrowing in Chromium on a cheap phone: from the limit to the last shilling, and no page is wider than the screen."""

import os
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from apps.accounts.testing import balance_of, make_account
from apps.kernel.clock import now
from apps.ledger.testing import assert_books_balance
from apps.lending.models import Guarantee, Loan
from apps.lending.testing import ask, make_borrower
from apps.notifications.testing import code_sent_to
from apps.portals.tests.journeys.fits import too_wide
from apps.portals.tests.journeys.test_customer_browser import sign_in
from apps.users.testing import make_customer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_the_limit_to_the_last_shilling(phone, live_server):
    account = make_borrower()
    before = float(balance_of(account))
    sign_in(phone, live_server.url, account.owner)
    phone.click("nav >> text=Borrow")
    expect(phone.locator("main")).to_contain_text("15,000.00")
    phone.click("text=Ask for a loan")
    phone.fill("#id_amount", "2000")
    phone.locator("#slide").fill("5000")
    assert phone.input_value("#id_amount") == "5,000"
    phone.select_option("#id_purpose", "STOCK")
    phone.click("text=Show me what fits")
    phone.click("text=See the offer: Instant loan")
    expect(phone.locator("main")).to_contain_text("Cost a year (APR)")
    phone.dblclick("button:has-text('pay back')")
    expect(phone.locator("h1")).to_have_text("Instant loan")
    expect(phone.locator("main")).to_contain_text("You owe")
    assert (Loan.objects.count(), float(balance_of(account))) == (1, before + 5000)
    Loan.objects.update(disbursed_at=now() - timedelta(hours=2))
    phone.reload()
    phone.fill("#id_amount", "1.25k")
    phone.keyboard.press("Enter")
    expect(phone.locator("h1")).to_have_text("Paid back")
    phone.click("main a:has-text('The loan')")
    phone.click("text=Pay all of it off")
    expect(phone.locator("main")).to_contain_text("Nothing: the loan is over")
    phone.click("main a:has-text('The loan')")
    expect(phone.locator("main")).to_contain_text("Nothing is owed since")
    assert Loan.objects.get().status == "PAID"
    assert float(balance_of(account)) == before - 250
    assert_books_balance()
    assert phone.wrong == []


def test_a_friend_stands_for_a_loan(phone, live_server):
    account = make_borrower(full_name="Achieng Otieno")
    make_account(account.owner, balance="3000", product="SAVINGS")
    friend = make_customer(full_name="Baraka Mwangi", phone="+254722000114")
    make_account(friend)
    make_account(friend, balance="9000", product="SAVINGS")
    loan = ask(account, "10000", code="SAVINGS_BACKED")
    sign_in(phone, live_server.url, account.owner)
    phone.goto(f"{live_server.url}/borrow/{loan.public_id}/guarantors")
    phone.fill("#id_phone", "0722 000 114")
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
    assert Guarantee.objects.get().status == "GIVEN"
    assert phone.wrong == []


def test_fits_a_phone_in_kiswahili(chromium, live_server):
    account = make_borrower(deposits="60000", full_name="Nyambura wa Kimathi-Odhiambo", kyc_tier="TIER_2")
    waiting = ask(account, "50000", code="BUSINESS")
    offered = ask(account, "5000")
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    context.add_cookies([{"name": "kitbank_language", "value": "sw", "url": live_server.url}])
    page = context.new_page()
    sign_in(page, live_server.url, account.owner)
    broken = []
    for address in (
        "/borrow",
        "/borrow/apply/need?amount=5000&purpose=STOCK",
        "/borrow/apply/offer?product=BUSINESS&amount=50000&purpose=STOCK&periods=24",
        f"/borrow/{waiting.public_id}",
        f"/borrow/{waiting.public_id}/guarantors",
        f"/borrow/{offered.public_id}/sign",
    ):
        assert page.goto(live_server.url + address).status == 200, address
        if folder := os.environ.get("KITBANK_PICTURES"):
            page.screenshot(path=f"{folder}/{address.partition('?')[0].replace('/', '-')}.png", full_page=True)
        broken += [f"{address}: {said}" for said in too_wide(page)]
    context.close()
    assert broken == []
