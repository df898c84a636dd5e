"""The same customer in Chromium: real clicks, the strict policy on, and the keyboard alone where it matters."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from apps.accounts.testing import balance_of, give, make_account
from apps.kernel.clock import now
from apps.mpesa.models import MpesaTransaction
from apps.notifications.testing import code_sent_to
from apps.payments.models import Payment
from apps.payments.operations import settle
from apps.portals.testing import make_push
from apps.portals.tests.journeys.fits import too_wide
from apps.users.testing import PASSWORD, make_customer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def watched(page):
    """A page that remembers what went wrong on it."""
    page.wrong = []
    page.on("console", lambda said: page.wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    return page


def sign_in(page, address, user):
    page.goto(f"{address}/login")
    page.fill("input[name=login]", str(user.phone))
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")


def test_pays_with_the_keyboard_alone(watched, live_server, settings):
    settings.PUBLIC_ADDRESS = live_server.url
    payer = make_account(make_customer(full_name="Achieng Otieno"), balance="5000")
    payee = make_account(make_customer(full_name="Wanjiku Kamau"))
    sign_in(watched, live_server.url, payer.owner)
    watched.goto(f"{live_server.url}/pay/send")
    watched.focus("#id_to")
    watched.keyboard.type(str(payee.owner.phone))
    watched.keyboard.press("Tab")
    watched.keyboard.type("1.29k")
    watched.keyboard.press("Enter")
    watched.wait_for_url("**/pay/confirm/**")
    assert "Wanjiku K." in watched.inner_text("main")
    watched.focus("#id_code")
    watched.keyboard.type(code_sent_to(str(payer.owner.phone)))
    watched.keyboard.press("Enter")
    watched.wait_for_url("**/pay/done/**")
    assert "1,290.00" in watched.inner_text("main")
    assert balance_of(payee) == "1290.00"
    assert watched.wrong == []


def test_a_refusal_takes_the_focus(watched, live_server):
    payer = make_account(make_customer(), balance="100")
    sign_in(watched, live_server.url, payer.owner)
    watched.goto(f"{live_server.url}/pay/send")
    watched.fill("#id_amount", "x")
    watched.keyboard.press("Enter")
    watched.wait_for_selector("#errors")
    assert watched.evaluate("document.activeElement.id") == "errors"
    assert watched.title().startswith("Error:")
    watched.click("#errors a")
    assert watched.evaluate("document.activeElement.id") in {"id_to", "id_amount"}


def test_the_way_back_to_a_refused_form_asks_for_its_page_and_sends_nothing_again(watched, live_server):
    payer = make_account(make_customer(), balance="100")
    sign_in(watched, live_server.url, payer.owner)
    watched.goto(f"{live_server.url}/pay/send?amount=7")
    for _nth in range(2):
        watched.fill("#id_amount", "x")
        watched.keyboard.press("Enter")
        watched.wait_for_selector("#errors")
    sent = []
    watched.on("request", lambda request: sent.append(request.method) if request.is_navigation_request() else None)
    watched.reload()
    watched.goto(f"{live_server.url}/money")
    watched.go_back()
    assert (watched.url, sent) == (f"{live_server.url}/pay/send?amount=7", ["GET", "GET", "GET"])
    assert watched.locator("#id_amount").is_visible()


def test_a_refusal_at_another_address_than_the_page_it_was_sent_from_keeps_that_address(watched, live_server):
    account = make_account(make_customer(), balance="100")
    sign_in(watched, live_server.url, account.owner)
    watched.goto(f"{live_server.url}/money/accounts/{account.pk}")
    for _nth in range(2):
        watched.evaluate(
            """() => { const form = document.createElement("form"); form.method = "post"; form.action = "/money/open";
            form.append(document.querySelector("[name=csrfmiddlewaretoken]").cloneNode()); document.body.append(form);
            form.submit(); }"""
        )
        watched.wait_for_selector("#errors[data-posted]")
    assert watched.url == f"{live_server.url}/money/open"


def test_shows_more_in_place_and_finds_without_a_reload(watched, live_server):
    account = make_account(make_customer(), balance="5000")
    for _nth in range(40):
        give(account, "25")
    sign_in(watched, live_server.url, account.owner)
    watched.goto(f"{live_server.url}{reverse('customer:transactions')}")
    assert watched.locator("a.tx").count() == 25
    watched.click("text=Show more")
    expect(watched.locator("a.tx")).to_have_count(41)
    assert watched.locator("text=Show more").count() == 0
    watched.fill("#id_q", "nothing like this")
    watched.click("text=Find")
    watched.wait_for_selector("text=Nothing fits")
    assert "q=nothing" in watched.url
    assert watched.wrong == []


def test_fits_the_narrowest_phone_in_kiswahili(chromium, live_server):
    account = make_account(make_customer(full_name="Nyambura wa Kimathi-Odhiambo"), balance="9999999.99")
    context = chromium.new_context(viewport={"width": 320, "height": 640})
    context.add_cookies([{"name": "kitbank_language", "value": "sw", "url": live_server.url}])
    page = context.new_page()
    sign_in(page, live_server.url, account.owner)
    for address in (
        "/",
        "/money",
        f"/money/accounts/{account.pk}",
        "/money/transactions",
        "/pay",
        "/pay/send",
        "/pay/qr",
        "/pay/topup",
        "/pay/bill",
        "/tariffs",
        "/settings",
        "/settings/limits",
        "/settings/businesses",
    ):
        page.goto(live_server.url + address)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (address, theme)
    context.close()


def test_works_without_script(chromium, live_server):
    account = make_account(make_customer(), balance="750")
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server.url, account.owner)
    page.click("button[aria-label='Hide balances']")
    expect(page.locator("body")).not_to_contain_text("750.00")
    page.click("text=Kiswahili")
    expect(page.locator("body")).to_contain_text("Nyumbani")
    context.close()


PAGES = (
    "/",
    "/money",
    "/money/transactions",
    "/pay",
    "/pay/send",
    "/pay/qr",
    "/pay/topup",
    "/pay/mobile",
    "/pay/bill",
    "/tariffs",
    "/pay/move",
    "/inbox",
    "/settings",
    "/settings/limits",
    "/settings/businesses",
    "/settings/security",
    "/settings/notices",
)


def test_large_text_and_longer_words_break_no_page(chromium, live_server):
    account = make_account(make_customer(full_name="Nyambura wa Kimathi-Odhiambo"), balance="1234567.89")
    give(account, "25")
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    sign_in(page, live_server.url, account.owner)
    broken = []
    for address in PAGES:
        answer = page.goto(live_server.url + address)
        assert answer.status == 200, address
        broken += [f"{address}: {said}" for said in too_wide(page)]
    context.close()
    assert broken == []


def test_a_top_up_tells_its_end_by_itself(watched, live_server):
    account = make_account(make_customer(), balance="100")
    sign_in(watched, live_server.url, account.owner)
    watched.click("text=Add money")
    watched.click("text=Add money from M-Pesa")
    watched.fill("#id_amount", "1.5k")
    watched.dblclick("text=Send the prompt")
    watched.wait_for_url("**/pay/topup/*-*")
    expect(watched.locator("h1")).to_have_text("Look at your phone")
    push = MpesaTransaction.objects.get()
    asked = []
    watched.on("response", lambda answer: asked.append(answer.status) if "was=" in answer.url else None)
    with watched.expect_response("**?was=*"):
        pass
    assert asked == [204], "there is no news yet"
    MpesaTransaction.objects.update(status="PENDING")
    expect(watched.locator("#live")).to_have_attribute("hx-get", re.compile("PENDING"), timeout=10_000)
    MpesaTransaction.objects.update(
        status="COMPLETED", receipt="SKL7H2M0QX", transfer_id=1, result_code="0", ended_at=now()
    )
    expect(watched.locator("h1")).to_have_text("Money added", timeout=10_000)
    expect(watched.locator("main")).to_contain_text("SKL7H2M0QX")
    assert watched.title().startswith("Money added")
    assert watched.url.endswith(str(push.public_id))
    assert watched.locator("[hx-get*='was=']").count() == 0, "it is over"
    assert watched.wrong == []


def test_the_cost_stands_under_the_amount_as_it_is_typed(watched, live_server, settings):
    settings.DARAJA_NAMES = False
    account = make_account(make_customer(), balance="5000")
    sign_in(watched, live_server.url, account.owner)
    watched.goto(f"{live_server.url}/pay/mobile")
    watched.fill("#id_phone", "0722 345 908")
    watched.fill("#id_amount", "1,500")
    expect(watched.locator("#cost")).to_contain_text("1,508.05")
    watched.fill("#id_amount", "250,001")
    expect(watched.locator("#cost")).to_contain_text("more than can be sent this way")
    watched.fill("#id_amount", "100")
    expect(watched.locator("#cost")).to_contain_text("Free")
    watched.keyboard.press("Enter")
    watched.wait_for_url("**/pay/confirm/**")
    watched.fill("#id_code", code_sent_to(str(account.owner.phone)))
    watched.keyboard.press("Enter")
    watched.wait_for_url("**/pay/done/**")
    payment = Payment.objects.get()
    expect(watched.locator("h1")).to_have_text("On its way")
    settle(payment=payment, provider_reference="SKL7H2M0QX", at=now())
    expect(watched.locator("h1")).to_have_text("Sent", timeout=10_000)
    expect(watched.locator("main")).to_contain_text("SKL7H2M0QX")
    assert watched.wrong == []


def test_a_top_up_is_followed_without_script(chromium, live_server):
    account = make_account(make_customer())
    push = make_push(account)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server.url, account.owner)
    page.goto(f"{live_server.url}/pay/topup/{push.public_id}")
    MpesaTransaction.objects.update(status="CANCELLED", result_code="1032", ended_at=now())
    page.wait_for_url("**?look=1", timeout=10_000)
    expect(page.locator("main")).to_contain_text("You cancelled it on your phone")
    context.close()
