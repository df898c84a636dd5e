"""A passkey from making to paying, with Chromium's virtual authenticator, and the stay that warns before it ends."""

import pytest

from apps.accounts.testing import balance_of, make_account
from apps.notifications.testing import code_sent_to
from apps.portals.tests.journeys.test_customer_browser import sign_in
from apps.users.testing import make_customer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def with_finger(page):
    """A browser whose device has a fingerprint reader."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return page


def test_makes_a_passkey_signs_in_and_pays_with_it(with_finger, live_server, settings):
    settings.PUBLIC_ADDRESS = live_server.url
    page, site = with_finger, live_server.url
    payer = make_account(make_customer(full_name="Achieng Otieno"), balance="5000")
    payee = make_account(make_customer(full_name="Wanjiku Kamau"))
    sign_in(page, site, payer.owner)

    page.goto(f"{site}/settings/security/passkey")
    page.click("text=Send me a code by SMS")
    page.fill("#id_code", code_sent_to(str(payer.owner.phone)))
    page.click("button:has-text('Go on')")
    page.fill("#id_name", "Simu yangu")
    page.click("text=Make the passkey")
    page.wait_for_url(f"{site}/settings/security")
    assert "Simu yangu" in page.inner_text("main")

    page.goto(f"{site}/settings")
    page.click("main button:has-text('Sign out')")
    page.wait_for_url(f"{site}/login")
    page.click("text=Sign in with a passkey")
    page.wait_for_url(f"{site}/")

    page.goto(f"{site}/pay/send")
    page.fill("#id_to", str(payee.owner.phone))
    page.fill("#id_amount", "350")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pay/confirm/**")
    page.click("button:has-text('Pay KES')")
    page.wait_for_url("**/pay/done/**")
    assert balance_of(payee) == "350.00"


def test_warns_before_the_stay_ends_and_keeps_what_was_typed(page, live_server):
    account = make_account(make_customer(), balance="750")
    page.clock.install()
    sign_in(page, live_server.url, account.owner)
    page.goto(f"{live_server.url}/pay/send")
    page.fill("#id_note", "Karo ya shule")
    page.clock.fast_forward(12 * 60 * 1000)
    assert not page.is_visible("#stay")
    page.clock.fast_forward(2 * 60 * 1000)
    assert page.is_visible("#stay")
    page.click("#stay button")
    page.wait_for_selector("#stay", state="hidden")
    assert page.input_value("#id_note") == "Karo ya shule"
