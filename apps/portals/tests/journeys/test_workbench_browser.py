"""A teller and a manager in Chromium: found by the palette, counted at the counter, allowed by a second person."""

import pytest
from playwright.sync_api import expect

from apps.accounts.models import CashMovement
from apps.accounts.testing import balance_of
from apps.kernel.clock import now
from apps.ledger.testing import assert_books_balance
from apps.notifications import operations as notifications
from apps.notifications import texts
from apps.notifications.models import NotificationTemplate
from apps.portals.tests.banker.desk import Desk, look
from apps.portals.tests.journeys.fits import too_wide
from apps.users.testing import make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk():
    return Desk()


def test_large_cash_goes_from_the_palette_over_the_counter_to_the_manager(at_work, desk, live_server):
    manager = make_staff("BRANCH_MANAGER", limit_minor=100_000_000)
    teller = at_work(desk.teller)
    teller.keyboard.press("/")
    assert teller.evaluate("document.activeElement.id") == "q"
    teller.keyboard.type("Nyambura")
    expect(teller.locator("#hits a").first).to_contain_text("Nyambura")
    teller.keyboard.press("Escape")
    teller.goto(f"{live_server.url}/workbench/teller/")
    teller.fill("#id_who", "0712 345 908")
    teller.keyboard.press("Enter")
    teller.wait_for_url("**/teller/?account=*")
    teller.fill("#id_amount", "120k")
    teller.click("main button[type=submit]")
    expect(teller.locator("main")).to_contain_text("120,000.00")
    teller.dblclick("main button[type=submit]")
    teller.wait_for_url("**/teller/receipt/**")
    expect(teller.locator("h1")).to_have_text("Waiting for a second person")
    slips = CashMovement.objects.filter(amount_minor=12_000_000)
    assert (slips.count(), slips.get().status, balance_of(desk.account)) == (1, "WAITING", "20500.00")

    boss = at_work(manager)
    boss.click("nav >> text=Approvals")
    boss.click("text=120,000.00")
    boss.wait_for_url("**/approvals/*/")
    boss.click("main button:has-text('Approve')")
    boss.wait_for_load_state()
    teller.reload()
    expect(teller.locator("h1")).to_have_text("Done")
    assert balance_of(desk.account) == "140500.00"
    assert teller.wrong + boss.wrong == []
    assert_books_balance()


def test_every_page_fits_a_phone_and_says_nothing_wrong(at_work, desk, live_server):
    boss = make_staff("SUPER_ADMIN", limit_minor=100_000_000)
    look(boss, desk.customer)
    window = at_work(boss)
    window.set_viewport_size({"width": 390, "height": 844})
    lists = {
        "list": "/workbench/accounts/account/",
        "detail": f"/workbench/accounts/account/{desk.account.pk}/change/",
        "slip detail": f"/workbench/accounts/cashmovement/{desk.done.pk}/change/",
    }
    for name, address in {**desk.pages(), **lists}.items():
        window.goto(live_server.url + address)
        for theme in ("light", "dark"):
            window.emulate_media(color_scheme=theme)
            assert window.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, theme)
    assert window.wrong == []


def test_the_counter_works_without_script(at_work, desk, live_server):
    window = at_work(desk.teller, java_script_enabled=False)
    window.goto(f"{live_server.url}/workbench/teller/?account={desk.account.number}")
    window.fill("#id_amount", "250")
    window.click("main button[type=submit]")
    window.click("main button[type=submit]")
    window.wait_for_url("**/teller/receipt/**")
    assert balance_of(desk.account) == "20750.00"


def test_the_rows_of_classes_and_provisions_stay_low_on_a_phone(at_work, live_server):
    window = at_work(make_staff("ADMIN"))
    window.set_viewport_size({"width": 390, "height": 844})
    window.goto(f"{live_server.url}/workbench/products/classes/")
    heights = window.evaluate(
        "[...document.querySelectorAll('[aria-labelledby=bands] tbody tr')].map(row => row.offsetHeight)"
    )
    assert heights
    assert max(heights) <= 150, heights
    row = window.locator("[aria-labelledby=bands] tbody tr").first
    expect(row).to_contain_text("From days late")
    assert too_wide(window) == []
    assert window.wrong == []


def test_a_text_is_allowed_by_a_second_person_without_script(at_work, live_server):
    texts.bring_in_texts()
    asked = {"body": "You sent {amount} to {payee}.", "reason": "Shorter words", "by": make_staff("ADMIN"), "at": now()}
    row = NotificationTemplate.objects.get(code="payments.sent", channel="SMS", language="en")
    request = notifications.ask_text_change(template=row, **asked)
    boss = at_work(make_staff("SUPER_ADMIN"), java_script_enabled=False)
    boss.goto(f"{live_server.url}/workbench/messages/texts/payments.sent/")
    boss.click("text=Shorter words")
    boss.wait_for_url(f"**/approvals/{request.pk}/")
    for words in ("You sent {amount} to {payee}.", "As people read it: English", "As people read it: Kiswahili"):
        expect(boss.locator("main")).to_contain_text(words)
    boss.click("main button:has-text('Approve')")
    boss.wait_for_url("**/approvals/")
    assert texts.text_for("payments.sent", "SMS", "en")[0].body == "You sent {amount} to {payee}."


def test_a_change_of_a_text_fits_a_phone(at_work, live_server):
    texts.bring_in_texts()
    row = NotificationTemplate.objects.get(code="payments.sent", channel="EMAIL", language="sw")
    body = f"{row.body} {{reference}}{{amount}}{{payee}}{{cost}}{{balance}}"
    maker = make_staff("ADMIN")
    request = notifications.ask_text_change(template=row, body=body, reason="Longer words", by=maker, at=now())
    window = at_work(make_staff("SUPER_ADMIN"))
    window.set_viewport_size({"width": 390, "height": 844})
    for address in ("messages/", "messages/texts/payments.sent/", f"approvals/{request.pk}/"):
        for theme in ("light", "dark"):
            window.emulate_media(color_scheme=theme)
            window.goto(f"{live_server.url}/workbench/{address}")
            assert too_wide(window) == [], address
    assert window.wrong == []
