"""Windows of people: a customer's phone, a desk at the bank; each keeps what went wrong in it."""

import pytest

from apps.mpesa import operations as mpesa
from apps.mpesa.tests.conftest import Safaricom
from apps.notifications.testing import code_sent_to
from apps.users.testing import PASSWORD
from simulators.testing import running


@pytest.fixture
def phone(chromium):
    """A page 360 px wide that remembers what went wrong on it."""
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.wrong = []
    page.on("console", lambda said: page.wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    yield page
    context.close()


@pytest.fixture
def at_work(chromium, live_server):
    """Opens a window of its own for a member of staff, signed in with password and code; it keeps what went wrong."""
    contexts = []

    def open_window(user, **options):
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.wrong = []
        page.on("console", lambda said: page.wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.goto(f"{live_server.url}/workbench/")
        page.fill("input[name=login]", str(user.phone))
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/login/code**")
        page.fill("input[name=code]", code_sent_to(str(user.phone)))
        page.keyboard.press("Enter")
        page.wait_for_url("**/workbench/")
        return page

    yield open_window
    for context in contexts:
        context.close()


@pytest.fixture
def phones(tmp_path, settings, live_server):
    """M-Pesa's stand-in beside the bank, which tells the live server what became of a prompt."""
    with running(tmp_path / "simulators") as server:
        settings.DARAJA_URL = f"{server.address}/daraja"
        settings.DARAJA_CERTIFICATE = f"{settings.DARAJA_URL}/certificate.cer"
        settings.DARAJA_CALLBACK_ADDRESS = live_server.url
        mpesa.register_addresses()
        safaricom = Safaricom(server)
        safaricom.address = server.address
        yield safaricom
