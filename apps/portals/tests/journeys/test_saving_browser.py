"""Saving in Chromium on a cheap phone: a goal set, filled and left to fill itself; no page is wider than the screen."""

import pytest
from playwright.sync_api import expect

from apps.accounts.models import AutoTransferRule
from apps.accounts.testing import balance_of, make_account
from apps.ledger.testing import assert_books_balance
from apps.portals.tests.journeys.test_customer_browser import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_goal_is_set_filled_and_left_to_fill_itself(phone, live_server):
    account = make_account(balance="5000")
    sign_in(phone, live_server.url, account.owner)
    phone.goto(f"{live_server.url}/plan")
    phone.click("text=Set a goal")
    phone.fill("#id_name", "Karo ya shule")
    phone.fill("#id_target", "10k")
    phone.keyboard.press("Enter")
    expect(phone.locator("h1")).to_have_text("Karo ya shule")
    phone.fill("#id_in-amount", "2,500")
    phone.dblclick("button:has-text('Put it in')")
    expect(phone.locator("main")).to_contain_text("The money is in your goal.")
    phone.click("text=Let it fill by itself")
    phone.fill("#id_share", "10")
    phone.click("button:has-text('Set it up')")
    expect(phone.locator("main")).to_contain_text("It is set up and saves by itself from now on.")
    for address in ("/plan", "/pay/scheduled", "/money", "/money/deposits"):
        phone.goto(f"{live_server.url}{address}")
        assert phone.evaluate("document.documentElement.scrollWidth") <= 360, address
    assert balance_of(account) == "2500.00"
    assert AutoTransferRule.objects.get().to_account.account_type == "GOAL"
    assert_books_balance()
    assert phone.wrong == []
