"""The prompt in a real browser."""

import pytest

from simulators.tests.daraja.conftest import PHONE

pytestmark = pytest.mark.browser
PATH = f"/phone/{PHONE}/"


def test_a_prompt_appears_by_itself_and_typing_is_left_alone(server, mpesa, page):
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text) if said.type in {"error", "warning"} else None)
    page.goto(f"{server.address}{PATH}")
    page.get_by_text("M-PESA balance").wait_for()
    mpesa.push(Amount=1500)
    pin = page.get_by_label("Enter M-PESA PIN")
    pin.wait_for(timeout=5000)
    assert page.locator("[data-said]").inner_text() == "M-PESA asks for your PIN."
    pin.fill("12")
    mpesa.b2c()  # an SMS comes in meanwhile
    page.wait_for_timeout(2500)
    assert pin.input_value() == "12"
    pin.fill("1234")
    pin.press("Enter")
    page.get_by_text("Confirmed. Ksh1,500.00 sent to KitBank").wait_for(timeout=5000)
    assert mpesa.balance(PHONE) == 48_700_00
    assert problems == []


def test_paying_works_without_scripts_on_a_small_screen(server, mpesa, chromium):
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    mpesa.push()
    page.goto(f"{server.address}{PATH}")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Request cancelled by user").wait_for()
    page.get_by_text("Pay with M-PESA").click()
    page.get_by_label("Paybill or till number").fill("174379")
    page.get_by_label("Account number (paybill)").fill("A-1")
    page.get_by_label("Amount in shillings").fill("20")
    page.get_by_label("M-PESA PIN", exact=True).fill("1234")
    page.get_by_role("button", name="Pay", exact=True).click()
    page.get_by_text("Done.").wait_for()
    assert mpesa.balance(PHONE) == 49_980_00
    page.wait_for_load_state()  # its style sheet too
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()
