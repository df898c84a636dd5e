"""The phone page in a real browser."""

import pytest

from simulators.tests.conftest import KEY

pytestmark = pytest.mark.browser
PATH = "/phone/254712345908/"


def sms(web, text: str) -> None:
    form = {"username": "sandbox", "to": "+254712345908", "message": text, "from": "KITBANK"}
    web.post("/africastalking/version1/messaging", data=form, headers=KEY)


def test_new_messages_appear_by_themselves_on_top(server, web, page):
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{server.address}{PATH}")
    page.get_by_text("No messages yet").wait_for()
    for text in ("KitBank code 418203", "Second"):
        sms(web, text)
        page.get_by_text(text).wait_for(timeout=5000)
    assert page.locator(".bubble").all_inner_texts() == ["Second", "KitBank code 418203"]
    assert page.locator("[data-said]").inner_text() == "A new message came in."
    assert problems == []


def test_works_without_scripts_on_a_small_screen(server, web, chromium):
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(f"{server.address}/phone/")
    page.get_by_label("Phone number").fill("0712 345 908")
    page.get_by_role("button", name="Open phone").click()
    page.wait_for_url(f"{server.address}{PATH}")
    sms(web, "Hello there, this is a longer message with a long-word-that-must-break-somewhere-" + "x" * 60)
    page.get_by_role("link", name="Look for new messages").click()
    page.locator(".bubble").wait_for()
    page.wait_for_load_state()  # its style sheet too
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()
