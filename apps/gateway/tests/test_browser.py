"""The developers' portal in Chromium on a phone, from nothing to a webhook that arrived; nothing is wider than it."""

import os

import pytest

from apps.gateway import operations
from apps.gateway.models import WebhookDelivery
from apps.kernel.clock import now
from apps.users.testing import PASSWORD, make_customer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_developer_gets_from_nothing_to_a_webhook_that_arrived(chromium, live_server, server):
    user = make_customer()
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    page, wrong = context.new_page(), []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)

    def shows(name, words):
        page.get_by_text(words).first.wait_for()
        page.wait_for_load_state()  # its style sheet too
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
        if folder := os.environ.get("KITBANK_PICTURES"):
            page.screenshot(path=f"{folder}/developers-{name}.png", full_page=True)

    page.goto(f"{live_server.url}/developers/")
    shows("home", "What you can build")
    page.click("text=Your apps")
    page.fill("#id_login", str(user.phone))
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")
    shows("become", "Anybody with an account here can build")
    page.fill("#id_organisation", "Bajeti Ltd")
    page.click("text=Become a developer")
    page.fill("#id_name", "Bajeti Yangu")
    page.fill("#id_redirect_uris", "https://bajeti.example/callback")
    page.click("main form.card button")
    shows("secret", "it is shown this once")
    page.goto(f"{live_server.url}/developers/sandbox")
    shows("sandbox", "How to act as them")
    page.goto(f"{live_server.url}/developers/start")
    shows("start", "Let it in as somebody of your sandbox")
    page.goto(f"{live_server.url}/developers/webhooks")
    page.fill("#id_url", server.url)
    page.check("text=consent.authorised")
    page.click("text=Add it")
    page.click("text=I have kept it")
    page.click("text=Send a test")
    shows("sent", "A test is on its way")
    assert operations.visit_next(at=now())
    page.reload()
    page.click("text=webhook.test")
    shows("delivery", "What your server said")
    assert WebhookDelivery.objects.get().status == "DELIVERED"
    page.goto(f"{live_server.url}/developers/status")
    shows("status", "Webhooks in 24 hours")
    context.close()
    assert wrong == []
